/** A configuration of LiteLLM's, converted and loaded: what is loaded has passed the checks. */
import { parse } from 'yaml';
import { convertLitellm } from '../../src/cli/litellm/convert.ts';
import { loadConfig } from '../../src/config/load.ts';
import { asRecord } from '../../src/shared/json.ts';

const variables: Readonly<Record<string, string>> = {
  KEY: 'sk-test-test',
  GROQ_API_KEY: 'gsk-test-test',
  EU: 'sk-eu-test',
  OPENAI_API_KEY: 'sk-usual',
  AZURE_API_KEY: 'k',
  VERTEXAI_PROJECT: 'p-1',
};

/** @param environment variables beyond those that all tests have */
export function convert(text: string, environment: Readonly<Record<string, string>> = {}) {
  const { config, left } = convertLitellm(asRecord(parse(text)) ?? {}, (name) => Object.hasOwn(environment, name));
  const source = { kind: 'object', name: 'imported', input: config } as const;
  const loaded = loadConfig({ source, environment: { ...variables, ...environment } });
  return { loaded, config, left: Object.fromEntries(left.map(({ path: place, why }) => [place, why])) };
}

/** A file with one deployment of the model `m`. @param more further blocks */
export function deployment(params: string, more = ''): string {
  return `model_list:\n  - model_name: m\n    litellm_params: { ${params} }\n${more}`;
}

/** A list of models, each with the parameters of one deployment: `[name, params]`. */
export function modelList(...entries: readonly (readonly [string, string])[]): string {
  const lines = entries.map(([name, params]) => `  - { model_name: "${name}", litellm_params: { ${params} } }\n`);
  return `model_list:\n${lines.join('')}`;
}

/** The targets of a model as `[model, level, weight]`. */
export function targetsOf({ loaded }: ReturnType<typeof convert>, name = 'm') {
  return loaded.models[name]?.targets.map(({ model, level, weight }) => [model, level, weight]);
}
