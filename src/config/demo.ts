/**
 * The demo's configuration: the two fake providers and the models that map to both. It is what somebody would write in
 * YAML, and is checked and filled like any other; everything that is not said here keeps the product's default, so that
 * what the demo shows is what the product does.
 */

/** The configuration as a plain object in the shape of the YAML file. */
export function demoConfigInput(ports: { readonly openaiPort: number; readonly anthropicPort: number }) {
  const gpt = (model: string) => ({ provider: 'openai', model });
  const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5', max_tokens: 4096 };
  return {
    version: 1,
    providers: {
      openai: { type: 'openai', base_url: `http://127.0.0.1:${ports.openaiPort}/v1` },
      anthropic: { type: 'anthropic', base_url: `http://127.0.0.1:${ports.anthropicPort}` },
    },
    models: {
      'gpt-4': { targets: [gpt('gpt-4'), claude] },
      'gpt-4o': { targets: [gpt('gpt-4o'), claude] },
      'claude-sonnet-4-5': { targets: [claude, gpt('gpt-4o')] },
    },
  };
}
