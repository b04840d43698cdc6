/** What a provider's block may say of an identity at Microsoft Entra. */
import { secretText } from '../secret-text.ts';

/** To be spread into the `settings` of a provider that takes Entra's tokens. */
export const entraSettings = {
  tenant_id: {
    description: 'The tenant of Microsoft Entra. Default: `AZURE_TENANT_ID`.',
    pattern: /^[\w.-]+$/,
    expected: 'the id or domain of a tenant',
  },
  client_id: {
    description:
      'The application, or the user-assigned managed identity. Default: `AZURE_CLIENT_ID`; without one, the system-assigned managed identity.',
    pattern: /^[\w-]+$/,
    expected: 'the id of an application',
  },
  client_secret: { description: 'A secret of the application. Default: `AZURE_CLIENT_SECRET`.', ...secretText },
  federated_token_file: {
    description:
      'A file with a token of another identity provider, read anew at each refresh. Default: `AZURE_FEDERATED_TOKEN_FILE`.',
    file: true,
  },
  scope: {
    description: 'The scope of the token. Default: `https://cognitiveservices.azure.com/.default`.',
    pattern: /^https:\/\/\S+$/,
    expected: 'a scope, such as https://ai.azure.com/.default',
  },
} as const;
