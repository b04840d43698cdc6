/**
 * Tokens of Microsoft Entra: of an application (by secret, or by the token of another identity provider), else of a managed
 * identity. Values: `token`.
 */
import { CredentialsError, contentsOf, type Fetched, type FetchTools, type Source } from '../fetching.ts';
import { tokenOf } from '../oauth-token.ts';

const DEFAULT_SCOPE = 'https://cognitiveservices.azure.com/.default';
const AUTHORITY = 'https://login.microsoftonline.com';
const INSTANCE = 'http://169.254.169.254';

/** The token of an application, else of the host's managed identity. */
export const entraToken: Source = async (settings, tools) => {
  const tenant = settings.tenant_id ?? tools.variable('AZURE_TENANT_ID');
  const client = settings.client_id ?? tools.variable('AZURE_CLIENT_ID');
  const scope = settings.scope ?? DEFAULT_SCOPE;
  const proof = await proofOf(settings, tools);
  if (proof === null) return managedIdentity(client, scope, tools);
  if (tenant === null || client === null) {
    throw new CredentialsError('an application of Entra needs tenant_id and client_id');
  }
  const url = `${authority(tools)}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
  const form = { grant_type: 'client_credentials', client_id: client, scope, ...proof };
  return tokenOf(await tools.ask({ method: 'POST', url, form }), `Entra (${url})`, tools);
};

function authority({ variable }: FetchTools): string {
  return (variable('AZURE_AUTHORITY_HOST') ?? AUTHORITY).replace(/\/+$/, '');
}

/** What shows that the application is itself; null where it has nothing for that. */
async function proofOf(
  { client_secret, federated_token_file }: Readonly<Record<string, string>>,
  tools: FetchTools,
): Promise<Readonly<Record<string, string>> | null> {
  const { variable } = tools;
  // What the configuration says goes before what the environment says.
  const secret = client_secret ?? (federated_token_file === undefined ? variable('AZURE_CLIENT_SECRET') : null);
  if (secret !== null) return { client_secret: secret };
  const path = federated_token_file ?? variable('AZURE_FEDERATED_TOKEN_FILE');
  if (path === null) return null;
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await contentsOf(path, tools),
  };
}

/** Of an App Service, a container app or a function, else of a virtual machine. @param client of a user-assigned one */
async function managedIdentity(client: string | null, scope: string, tools: FetchTools): Promise<Fetched> {
  const resource = scope.replace(/\/\.default$/, '');
  const asked = new URLSearchParams({ resource, ...(client === null ? {} : { client_id: client }) });
  const [endpoint, header] = [tools.variable('IDENTITY_ENDPOINT'), tools.variable('IDENTITY_HEADER')];
  if (endpoint !== null && header !== null) {
    asked.set('api-version', '2019-08-01');
    const question = { method: 'GET', url: `${endpoint}?${asked}`, headers: { 'x-identity-header': header } } as const;
    return tokenOf(await tools.ask(question), 'the endpoint of the managed identity', tools);
  }
  asked.set('api-version', '2018-02-01');
  const host = (tools.variable('AZURE_POD_IDENTITY_AUTHORITY_HOST') ?? INSTANCE).replace(/\/+$/, '');
  const url = `${host}/metadata/identity/oauth2/token?${asked}`;
  const answer = await tools.ask({ method: 'GET', url, headers: { metadata: 'true' }, near: true });
  return tokenOf(answer, 'the metadata service of Azure', tools);
}
