/** A data plane before one server that is a provider of each dialect: the model's name says which. */
import { Provider } from '../../scripts/fidelity/providers/provider.ts';
import type { Config, TimeoutOptions } from '../../src/shared/config.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';

export interface FidelityPlane {
  readonly provider: Provider;
  readonly url: string;
  readonly plane: RunningPlane;
  close(): Promise<void>;
}

/** Longer than anything takes on a busy machine, and shorter than clients wait: a hang would be told from an error. */
const LONG_MS = 30_000;

const byDialect = {
  'openai-chat': 'openai',
  'openai-responses': 'openai',
  'openai-completions': 'openai',
  'openai-embeddings': 'openai',
  'anthropic-messages': 'anthropic',
  'bedrock-converse': 'bedrock',
} as const;

/** Of Bedrock's models, one that has all that others have. */
const CLAUDE = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

/** Models by the target's dialect: asked once, and with `-again` twice if the first answer breaks. */
export function fidelityConfig(port: number, limits: Partial<TimeoutOptions> = {}): Config {
  const timeouts = {
    connectMs: LONG_MS,
    headersMs: LONG_MS,
    firstContentMs: LONG_MS,
    stallMs: LONG_MS,
    totalMs: LONG_MS,
    ...limits,
  };
  const base = testConfig({ openai: port, anthropic: port, timeouts });
  const providers: Record<string, Config['providers'][string]> = {};
  const models: Record<string, Config['models'][string]> = {};
  for (const [dialect, name] of Object.entries(byDialect)) {
    const like = name === 'bedrock' ? 'anthropic' : name;
    const known = base.providers[like];
    const target = base.models['gpt-4']?.targets.find(({ provider }) => provider === like);
    if (known === undefined || target === undefined) throw new Error(`the configuration has ${name}`);
    const given = name === 'bedrock' ? { ...known, type: name, settings: { region: 'eu-central-1' } } : known;
    const asked = name === 'bedrock' ? { model: CLAUDE } : {};
    for (const [model, attempts] of [
      [dialect, 1],
      [`${dialect}-again`, 2],
    ] as const) {
      providers[model] = { ...given, name: model, dialects: [dialect], retry: { ...given.retry, attempts, budget: 1 } };
      models[model] = testModel(model, [{ ...target, ...asked, provider: model }]);
    }
  }
  return { ...base, providers, models };
}

export async function startFidelityPlane(): Promise<FidelityPlane> {
  const provider = await Provider.start();
  const plane = await startPlane(fidelityConfig(provider.port));
  return {
    provider,
    plane,
    url: plane.url,
    close: async () => {
      await plane.close();
      await provider.stop();
    },
  };
}
