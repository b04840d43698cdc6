/**
 * Makes a configuration from API keys in the environment. Each key adds its provider and that provider's models;
 * addresses keep their defaults. The result has the shape of a file and passes the same checks.
 */
import { providers } from '../../providers/registry.ts';

interface Offer {
  /** A limit for targets whose dialect requires one; null for none. */
  readonly maxTokens: number | null;
  /** The provider's own names, newest first. */
  readonly models: readonly string[];
}

/** By provider type: the models that a key in the environment adds. As of November 2026. */
const offers: Readonly<Record<string, Offer>> = {
  openai: {
    maxTokens: null,
    models: [
      'gpt-6.1-sol',
      'gpt-6.1-terra',
      'gpt-6-astra',
      'gpt-6-sol',
      'gpt-6-luna',
      'gpt-5.5',
      'gpt-5.4',
      'gpt-5.4-mini',
      'gpt-5.4-nano',
      'gpt-5.2',
      'gpt-5.1',
      'gpt-5',
      'gpt-5-mini',
      'gpt-5-nano',
      'gpt-4.1',
      'gpt-4.1-mini',
      'gpt-4.1-nano',
      'gpt-4o',
      'gpt-4o-mini',
      'gpt-4-turbo',
      'gpt-4',
      'o4-mini',
      'o3',
    ],
  },
  anthropic: {
    maxTokens: 4096,
    models: [
      'claude-fable-5-2',
      'claude-mythos-5-2',
      'claude-opus-5-5',
      'claude-sonnet-5-5',
      'claude-haiku-5-5',
      'claude-opus-5',
      'claude-sonnet-5',
      'claude-opus-4-6',
      'claude-sonnet-4-6',
      'claude-opus-4-5',
      'claude-sonnet-4-5',
      'claude-haiku-4-5',
    ],
  },
};

/** The variable of each provider that has such an offer. */
export const environmentProviders = providers.flatMap(({ type, keyVariable: variable }) => {
  const offer = offers[type];
  return offer === undefined ? [] : [{ variable, name: type, type, ...offer }];
});

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
