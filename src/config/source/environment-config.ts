/**
 * Makes a configuration from API keys in the environment. Each key adds its provider and that provider's models;
 * addresses keep their defaults. The result has the shape of a file and passes the same checks.
 */
import { providers } from '../../providers/registry.ts';

/** What a key in the environment adds, for each provider that has such an offer. */
export const environmentProviders = providers.flatMap(({ type, offer }) =>
  offer === null ? [] : [{ name: type, type, ...offer }],
);

/** The input for the variables that are set; null if none is. */
export function environmentConfigInput(environment: Readonly<Record<string, string | undefined>>): object | null {
  const present = environmentProviders.filter(({ variable }) => (environment[variable] ?? '') !== '');
  if (present.length === 0) return null;
  const providers = present.map(({ name, type, variable }) => [name, { type, api_key: `\${${variable}}` }]);
  const models = present.flatMap(({ name, maxTokens, models }) =>
    models.map((model) => {
      const target = { provider: name, model };
      return [model, { targets: [maxTokens === null ? target : { ...target, max_tokens: maxTokens }] }];
    }),
  );
  return {
    version: 1,
    server: { keys: [`\${HEADGATE_KEY:-}`] },
    admin: { token: `\${HEADGATE_ADMIN_TOKEN:-}` },
    providers: Object.fromEntries(providers),
    models: Object.fromEntries(models),
  };
}
