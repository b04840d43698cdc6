/**
 * What clients of each dialect of chats cost before targets of each: CPU per request and per chunk of a stream, and the
 * time that is added to a stream's first chunk. Beside each figure of a translation stands its ratio to the same dialect
 * passed on. One gateway serves all of them, in turn, so that they can be compared.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { table } from '../../../src/cli/table.ts';
import type { Load } from '../../load/driver.ts';
import { percentile } from '../../load/percentile.ts';
import type { Target } from '../../load/protocol.ts';
import { startGateway } from '../../rig/gateway.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { longRounds, shortRounds } from '../measuring/measure-plain.ts';
import { Readings } from '../measuring/readings.ts';
import { metered, sideBySide } from '../measuring/under-load.ts';
import type { ProxyKind, RunningProxy } from '../proxies/proxies.ts';
import { startStreamUpstream, type Upstream } from '../upstream/upstream.ts';
import type { Section } from './section.ts';

const hello = { messages: [{ role: 'user', content: 'Hello' }] };

/** The path and the body of a request, by the dialect of the client. */
const dialects = {
  chat: { path: '/v1/chat/completions', fields: hello },
  messages: { path: '/v1/messages', fields: { ...hello, max_tokens: 100 } },
  responses: { path: '/v1/responses', fields: { input: 'Hello' } },
} as const;
type Face = keyof typeof dialects;

/** The dialect of the client, and that of the target, which is the name of the model too. The first is passed on. */
const cells: readonly (readonly [Face, Face])[] = [
  ['chat', 'chat'],
  ['chat', 'messages'],
  ['messages', 'messages'],
  ['messages', 'chat'],
  ['responses', 'responses'],
  ['responses', 'chat'],
  ['responses', 'messages'],
];

const CONNECTIONS = 16;
const STREAMS = 100;
const ENDLESS = { everyMs: 10, chunks: 0 };
const SHORT = { everyMs: 5, chunks: 5 };
const PER_SECOND = 100;

const gateway: ProxyKind = {
  name: 'Headgate, 1 worker',
  async start(upstreamPort) {
    const host = `http://127.0.0.1:${upstreamPort}`;
    const running = await startGateway(
      oneProviderConfig(upstreamPort, 1, {
        providers: {
          chat: { type: 'openai', base_url: `${host}/v1` },
          messages: { type: 'anthropic', base_url: host },
          responses: { type: 'openai', base_url: `${host}/v1`, dialects: ['openai-responses'] },
        },
        models: Object.fromEntries(
          Object.keys(dialects).map((name) => [name, { targets: [{ provider: name, model: 'm', max_tokens: 100 }] }]),
        ),
      }),
      { built: true },
    );
    const serving = (await running.status()).workers.map(({ pid }) => pid);
    const { port, pid: primary, bootMs } = running;
    return { port, serving, primary, bootMs, gateway: running, headers: {}, end: () => running.end() };
  },
};

function request(port: number, [face, model]: readonly [Face, string], stream: boolean): Target {
  const { path, fields } = dialects[face];
  return { port, path, headers: {}, bodies: [JSON.stringify({ model, stream, ...fields })] };
}

function nameOf([face, target]: readonly [Face, Face]): string {
  return `${face} → ${target}`;
}

/** CPU of the worker in µs, per plain request and per chunk. */
async function measureCpu(proxy: RunningProxy, load: Load, upstream: Upstream, rounds: number, seconds: number) {
  const plain = new Readings();
  const chunk = new Readings();
  // The first round only warms up.
  for (let round = -1; round < rounds; round += 1) {
    for (const cell of cells) {
      const saturated = await metered(proxy, upstream, () =>
        load.saturate({ target: request(proxy.port, cell, false), connections: CONNECTIONS, seconds }),
      );
      await load.hold(request(proxy.port, cell, true), STREAMS);
      const streamed = await metered(proxy, upstream, async () => {
        await load.streamTally();
        await pause(seconds * 1000);
        return load.streamTally();
      });
      await load.release();
      const failed = saturated.result.failed + streamed.result.lost;
      if (failed > 0) throw new Error(`${failed} requests of ${nameOf(cell)} failed`);
      if (round < 0) continue;
      plain.add(nameOf(cell), saturated.serving / saturated.result.requests);
      chunk.add(nameOf(cell), streamed.serving / streamed.result.events);
    }
  }
  return { plain, chunk };
}

/** The time to a stream's first chunk in ms, p99, less that without the gateway. */
async function measureFirst(proxy: RunningProxy, load: Load, upstream: Upstream, rounds: number, seconds: number) {
  const added = new Readings();
  const p99 = async (target: Target) => {
    const paced = await load.pace({ target, perSecond: PER_SECOND, seconds });
    if (paced.failed > 0) throw new Error(`${paced.failed} streams failed`);
    return percentile(paced.toFirstEvent, 0.99);
  };
  for (let round = -1; round < rounds; round += 1) {
    for (const cell of cells) {
      const [, target] = cell;
      const through = await p99(request(proxy.port, cell, true));
      const directly = await p99(request(upstream.port, [target, 'm'], true));
      if (round >= 0) added.add(nameOf(cell), through - directly);
    }
  }
  return added;
}

export const faces: Section = async ({ short }) => {
  const { rounds, seconds } = short ? shortRounds : longRounds;
  const { plain, chunk } = await sideBySide(
    [gateway],
    () => startStreamUpstream(ENDLESS),
    async ([one], load, upstream) => {
      if (one === undefined) throw new Error('the gateway was not started');
      return measureCpu(one.proxy, load, upstream, rounds, seconds);
    },
  );
  const first = await sideBySide(
    [gateway],
    () => startStreamUpstream(SHORT),
    async ([one], load, upstream) => {
      if (one === undefined) throw new Error('the gateway was not started');
      return measureFirst(one.proxy, load, upstream, rounds, seconds);
    },
  );
  const lines = cells.map((cell) => {
    const own = nameOf([cell[0], cell[0]]);
    const name = nameOf(cell);
    const compared = (readings: Readings) => [readings.median(name).toFixed(1), readings.ratio(name, own).toFixed(2)];
    return [name, ...compared(plain), ...compared(chunk), first.median(name).toFixed(2)];
  });
  const heads = ['client → target', 'µs / request', '× own', 'µs / chunk', '× own', '+ ms to 1st chunk p99'];
  const title = 'faces: CPU of the worker by the dialects of client and target';
  return { figures: {}, notes: [[title, ...table(heads, lines, { rule: true, rightFrom: 1 })].join('\n')] };
};
