/** What the tests of several keys share: a provider that answers by the key that it is asked with, and a plane before it. */
import type http from 'node:http';
import type { Config, ModelConfig, ProviderKey, RetryOptions } from '../../src/shared/config.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig, testKey, testModel } from '../helpers/test-config.ts';
import { jsonHeaders, plainAnswer, type planeFixture } from './plane-fixture.ts';

/** What a provider answers with an error status. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: object;
}

/** A rate limit that no test waits for. */
export const limited: Refusal = { status: 429, headers: { 'retry-after': '60' } };

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const answer = JSON.stringify({ ...JSON.parse(plainAnswer), usage });

/** What a test wants to be different. */
interface KeyOptions {
  readonly keys?: readonly (string | Partial<ProviderKey>)[];
  readonly retry?: Partial<RetryOptions>;
  readonly model?: Partial<ModelConfig>;
  /** The provider has other models of these names, which are further targets. */
  readonly others?: readonly string[];
  /** A provider with one key behind it, at this port. */
  readonly behind?: number;
}

/** A gateway whose provider `openai` has keys: `sk-a` is named `a`. Its back-off is long, so that nothing may wait for it. */
export async function startKeys(
  { provider }: Pick<ReturnType<typeof planeFixture>, 'provider'>,
  { keys = ['a', 'b'], retry = {}, model = {}, others = [], behind }: KeyOptions = {},
): Promise<RunningKeys> {
  const refusals: Record<string, (Refusal | null)[]> = {};
  const asked: string[] = [];
  const port = await provider((incoming, outgoing: http.ServerResponse) => {
    const key = (incoming.headers.authorization ?? '').replace('Bearer sk-', '');
    asked.push(key);
    const waiting = refusals[key] ?? [];
    const refusal = (waiting.length > 1 ? waiting.shift() : waiting[0]) ?? null;
    incoming.resume();
    if (refusal === null) outgoing.writeHead(200, jsonHeaders).end(answer);
    else {
      const { status, headers = {}, error = { message: 'no' } } = refusal;
      outgoing.writeHead(status, { ...jsonHeaders, ...headers }).end(JSON.stringify({ error }));
    }
  });
  const config = testConfig({
    openai: port,
    ...(behind === undefined ? {} : { anthropic: behind }),
    retry: { baseDelayMs: 3_000, maxDelayMs: 3_000, ...retry },
  });
  const { openai } = config.providers;
  const [target, ...further] = config.models['gpt-4']?.targets ?? [];
  if (openai === undefined || target === undefined) throw new Error('the configuration has another form');
  const named = keys.map((key) => {
    const given = typeof key === 'string' ? { name: key } : key;
    return testKey(`sk-${given.name}`, given);
  });
  const more = others.map((name, index) => ({ ...target, model: name, level: index + 1 }));
  const plane = await startPlane({
    ...config,
    providers: { ...config.providers, openai: { ...openai, keys: named } },
    models: { 'gpt-4': testModel('gpt-4', [target, ...more, ...further], model) },
    secrets: named.map(({ key }) => key),
  } satisfies Config);
  const askAs = async (session: string | null, body: Record<string, unknown> = {}) => {
    const headers = session === null ? jsonHeaders : { ...jsonHeaders, 'session-id': session };
    const response = await plane.ask(body, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    ...plane,
    asked,
    askAs,
    refuse: (key, ...answers) => {
      refusals[key] = answers;
    },
  };
}

export interface RunningKeys extends RunningPlane {
  /** The names of the keys with which the provider was asked. */
  readonly asked: string[];
  /** Asks in a session; null: in none. */
  askAs(
    session: string | null,
    body?: Record<string, unknown>,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>;
  /** What the provider answers to a key: one after the other, and the last for ever; null is an answer. */
  refuse(key: string, ...answers: (Refusal | null)[]): void;
}
