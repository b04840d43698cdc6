/**
 * What the tests of the endpoints without a translation share: two providers that speak OpenAI's API, which a test makes
 * answer as it likes, and models with other names than theirs.
 */
import type http from 'node:http';
import OpenAI from 'openai';
import type { Config, TargetConfig } from '../../src/shared/config.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { type TestConfigOptions, testConfig, testModel } from '../helpers/test-config.ts';
import { planeFixture } from './plane-fixture.ts';

/** A request as a provider got it. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers like a provider of `planeFixture`, and keeps the requests in `seen`. */
export function recording(seen: SeenRequest[], answer: Answer): http.RequestListener {
  return (incoming, outgoing) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const request = { path: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(pieces) };
      seen.push(request);
      answer(outgoing, request);
    });
  };
}

/** Answers 200 with this body. */
export function answering(body: string | Buffer, type = 'application/json') {
  return (outgoing: http.ServerResponse) => outgoing.writeHead(200, { 'content-type': type }).end(body);
}

/** Answers 200 with these events, and ends as it should unless `cut`. */
export function streaming(events: readonly string[], cut = false) {
  return (outgoing: http.ServerResponse) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) outgoing.write(event);
    if (cut) setTimeout(() => outgoing.destroy(), 20);
    else outgoing.end();
  };
}

/** What a test wants of its data plane. */
interface MediaOptions extends Omit<TestConfigOptions, 'openai' | 'anthropic'> {
  /** Ports of the providers `one` and `two`; the second is asked after the first. */
  readonly ports: readonly [one: number, two?: number];
}

/**
 * A data plane with the models `team/alias` and `omni-moderation-latest`, which the providers call `real-model`; and
 * `claude`, which only a provider without these endpoints has; and `both`, of which that provider is the first target.
 */
async function startMediaPlane({ ports: [one, two], ...options }: MediaOptions): Promise<RunningPlane> {
  const base = testConfig({ ...options, openai: one, anthropic: 1 });
  const { openai, anthropic } = base.providers;
  const [first, other] = base.models['gpt-4']?.targets ?? [];
  if (openai === undefined || anthropic === undefined || first === undefined || other === undefined) {
    throw new Error('the fixture lacks its parts');
  }
  const target = (provider: string): TargetConfig => ({ ...first, provider, model: 'real-model' });
  const targets = two === undefined ? [target('one')] : [target('one'), target('two')];
  const model = (name: string, own = targets) => [name, testModel(name, own)] as const;
  const config: Config = {
    ...base,
    providers: {
      one: { ...openai, name: 'one' },
      ...(two === undefined ? {} : { two: { ...openai, name: 'two', baseUrl: `http://127.0.0.1:${two}/v1` } }),
      anthropic,
    },
    models: Object.fromEntries([
      model('team/alias'),
      model('omni-moderation-latest'),
      model('claude', [other]),
      model('both', [other, ...targets]),
    ]),
  };
  return startPlane(config);
}

/** How a provider answers a request. */
export type Answer = (outgoing: http.ServerResponse, seen: SeenRequest) => unknown;

/** A data plane, with the requests that its providers have got. */
export type RecordedPlane = RunningPlane & { readonly seen: readonly SeenRequest[] };

interface PassThroughFixture {
  /** A data plane before providers that answer so; the second is asked after the first. */
  start(first: Answer, second?: Answer): Promise<RecordedPlane>;
  /** Closes all data planes, then all providers; for `afterEach`. */
  close(): Promise<void>;
}

export function passThroughFixture(): PassThroughFixture {
  const { provider, close } = planeFixture();
  const planes: RunningPlane[] = [];
  return {
    async start(first, second) {
      const seen: SeenRequest[] = [];
      const one = await provider(recording(seen, first));
      const two = second === undefined ? undefined : await provider(recording(seen, second));
      const plane = await startMediaPlane(two === undefined ? { ports: [one] } : { ports: [one, two] });
      planes.push(plane);
      return Object.assign(plane, { seen });
    },
    async close() {
      for (const plane of planes.splice(0)) await plane.close();
      await close();
    },
  };
}

/** OpenAI's own client, which asks once. */
export function officialClient({ url }: { readonly url: string }): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
}
