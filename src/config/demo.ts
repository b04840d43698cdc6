/**
 * The demo's configuration: two fake providers, and models that map to both. It has the shape of a YAML file and is
 * checked and filled like one. All other keys keep their defaults, so the demo behaves like the product.
 */

/** The configuration as a plain object in the shape of a YAML file. */
export function demoConfigInput(ports: { readonly openaiPort: number; readonly anthropicPort: number }) {
  const gpt = (model: string) => ({ provider: 'openai', model });
  const claude = { provider: 'anthropic', model: 'claude-sonnet-4-5', max_tokens: 4096 };
  return {
    version: 1,
    providers: {
      openai: { type: 'openai', base_url: `http://127.0.0.1:${ports.openaiPort}/v1`, proxy: 'none' },
      anthropic: { type: 'anthropic', base_url: `http://127.0.0.1:${ports.anthropicPort}`, proxy: 'none' },
    },
    models: {
      'gpt-4': { targets: [gpt('gpt-4'), claude] },
      'gpt-4o': { targets: [gpt('gpt-4o'), claude] },
      'claude-sonnet-4-5': { targets: [claude, gpt('gpt-4o')] },
    },
  };
}
