/** The configuration that most gateways under test or measurement start from. */

/** A configuration in the shape of the file; JSON is YAML. */
export type ConfigInput = Readonly<Record<string, unknown>>;

/** What a model costs in dollars for a million tokens: each answer costs a part of a nano-dollar, so all are rounded. */
export const testPrice = { input: 0.1234, output: 0.5678 } as const;

/**
 * Workers on free ports before one provider named `openai`, with the one model `gpt-4`.
 *
 * @param extra further blocks of the file, or replacements of these
 */
export function oneProviderConfig(providerPort: number, workers: number, extra: ConfigInput = {}): ConfigInput {
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers,
    providers: { openai: { type: 'openai', base_url: `http://127.0.0.1:${providerPort}/v1`, api_key: 'sk-test' } },
    models: { 'gpt-4': { price: testPrice, targets: [{ provider: 'openai', model: 'gpt-4' }] } },
    ...extra,
  };
}
