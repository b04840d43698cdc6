/**
 * The two fake providers that most tests of failover need, and a gateway's configuration with both.
 */
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { gatewayConfig } from './gateway-config.ts';

/** Both providers, in the test's process. */
export interface ProviderPair {
  readonly openai: RunningMock;
  readonly anthropic: RunningMock;
  close(): Promise<void>;
}

/** Starts both on free ports. */
export async function startProviderPair(): Promise<ProviderPair> {
  const openai = await startMock({ dialect: 'openai', port: 0 });
  const anthropic = await startMock({ dialect: 'anthropic', port: 0 });
  return {
    openai,
    anthropic,
    close: async () => {
      await Promise.all([openai.close(), anthropic.close()]);
    },
  };
}

/**
 * Four workers and fast retries. `gpt-4` has the target `openai` first, then `anthropic`; `gpt-4o` has only `openai`,
 * `claude-sonnet-4-5` only `anthropic`. At `openai` both names are the same model, so that they
 * share a circuit.
 */
export function pairConfig({ openai, anthropic }: ProviderPair) {
  const behind = { provider: 'anthropic', model: 'claude-sonnet-4-5', max_tokens: 1024 };
  return {
    ...gatewayConfig(openai.port),
    workers: 4,
    retry: { base_delay: '1ms', max_delay: '4ms' },
    providers: {
      openai: { type: 'openai', base_url: `http://127.0.0.1:${openai.port}/v1`, api_key: 'sk-test' },
      anthropic: { type: 'anthropic', base_url: `http://127.0.0.1:${anthropic.port}`, api_key: 'sk-ant-test' },
    },
    models: {
      'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }, behind] },
      'gpt-4o': { targets: [{ provider: 'openai', model: 'gpt-4' }] },
      'claude-sonnet-4-5': { targets: [behind] },
    },
  };
}
