/**
 * What a thousand requests in a second cost the primary's thread: with the parts that count them, then with history, with the
 * verdict, and with ten watchers of the live view; each beside the parts before it, in the same rounds, so that ratios hold
 * whatever else the machine does. Time is simulated; messages are read from JSON as those of workers are.
 *
 *   node scripts/primary-cost.ts
 */
import { fill } from '../src/config/fill.ts';
import { type LiveEvent, LiveEvents } from '../src/primary/admin/live-events.ts';
import { describeStatus } from '../src/primary/admin/status.ts';
import { CircuitAuthority } from '../src/primary/circuits/circuit-authority.ts';
import { History } from '../src/primary/history/history.ts';
import { Steps } from '../src/primary/history/steps.ts';
import { trafficOf } from '../src/primary/history/traffic.ts';
import { WorkerAccount } from '../src/primary/ledger/worker-account.ts';
import { VerdictWatch } from '../src/primary/verdict/verdict-watch.ts';
import type { Clock, Timer } from '../src/shared/clock.ts';
import type { WorkerEvent } from '../src/shared/events.ts';
import { envelope, readWorkerMessage } from '../src/shared/ipc.ts';
import { createMetrics } from '../src/shared/metrics/metrics.ts';
import { Registry, readRegistry } from '../src/shared/metrics/prom.ts';
import { record } from '../src/shared/metrics/record.ts';
import { median } from './bench/measuring/readings.ts';
import { microsOf } from './processor-time.ts';

const REQUESTS = 1_000;
const PER_MESSAGE = 5;
const WATCHERS = 10;
const ROUNDS = 15;
const SECONDS = 4;
const MODELS = 10;

/** What a connection does with a frame before the system has it. */
const send = (frame: string) => void Buffer.from(frame);

/** A clock that goes by whole seconds. */
class SecondsClock implements Clock {
  #seconds = 0;
  readonly #each = new Set<() => void>();

  nowMs(): number {
    return this.#seconds * 1000;
  }

  wallMs(): number {
    return 1_800_000_000_000 + this.nowMs();
  }

  after(): Timer {
    return { cancel: () => undefined };
  }

  every(_periodMs: number, callback: () => void): Timer {
    this.#each.add(callback);
    return { cancel: () => this.#each.delete(callback) };
  }

  second(): void {
    this.#seconds += 1;
    for (const callback of this.#each) callback();
  }
}

/** The events of a request: a stream from one of ten models, whose provider calls it otherwise. */
function eventsOf(index: number): WorkerEvent[] {
  const place = { provider: 'openai', model: `model-${index % MODELS}`, upstreamModel: `upstream-${index % MODELS}` };
  const seconds = 0.1 + (index % 97) / 50;
  const attempt = { outcome: 'success', verdict: 'success', request: index, attempt: 1, body: index } as const;
  const counts = { input: 900, output: 150, cache_read: 300 };
  return [
    { type: 'first-content', ...place, seconds: seconds / 3 },
    { type: 'attempt-ended', provider: 'openai', model: place.upstreamModel, seconds, ...attempt },
    { type: 'stream-ended', provider: 'openai', outcome: 'complete' },
    { type: 'tokens', ...place, key: 'default', nanoUsd: 1_000_000, counts },
    {
      type: 'request-ended',
      ...place,
      status: 'success',
      seconds,
      overheadSeconds: 0.001,
      endpoint: 'chat_completions',
    },
  ];
}

const models = Object.fromEntries(
  Array.from({ length: MODELS }, (_, index) => {
    return [`model-${index}`, { targets: [{ provider: 'openai', model: `upstream-${index}` }] }];
  }),
);
const config = fill({ providers: { openai: { type: 'openai' } }, models }, '/');
const messages = Array.from({ length: REQUESTS / PER_MESSAGE }, (_, message) => {
  const events = Array.from({ length: PER_MESSAGE }, (_, index) => eventsOf(message * PER_MESSAGE + index)).flat();
  return JSON.stringify(envelope({ type: 'events', first: 1, events }));
});

/** A worker's registry, in the size that it has after some traffic. */
async function registryOf(): Promise<Awaited<ReturnType<typeof readRegistry>>> {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  for (let index = 0; index < REQUESTS; index += 1) for (const event of eventsOf(index)) record(metrics, event);
  return readRegistry(registry);
}

type Parts = 'counted' | 'history' | 'verdict' | 'watchers' | 'watchers, each with a text of its own';

/** Makes a primary with these parts; the function returned lets a second pass in it. */
function primaryWith(parts: Parts, base: Awaited<ReturnType<typeof readRegistry>>): () => void {
  const clock = new SecondsClock();
  const account = new WorkerAccount();
  const live = new LiveEvents(clock);
  const circuits = new CircuitAuthority({
    ...{ config, clock, random: () => 0.5, broadcast: () => undefined, keep: () => undefined },
    ...{ changed: () => undefined, keyRefused: () => undefined },
  });
  const history = new History(new Steps(clock));
  const hasHistory = parts !== 'counted';
  const hasVerdict = hasHistory && parts !== 'history';
  const view = () => ({
    retired: [],
    workers: [{ workerId: 'w', slot: 0, snapshotAgeMs: 0, base: account.base.metrics, tail: account.tail() }],
  });
  const present = () => ({
    ...{
      models: config.models,
      secretsOf: () => ({ variables: [], hasOthers: true }),
      circuits: circuits.providers(),
      targets: circuits.targets(),
      rests: circuits.resting(),
    },
    ...{
      failures: [],
      silent: [],
      credentials: [],
      certificates: [],
      servingWorkers: 1,
      reloadRefusedAtMs: null,
      stateWritable: true,
    },
  });
  const watch = new VerdictWatch({ history, ledger: { epoch: 'e', view }, orphans: { settled: true }, present, clock });
  watch.restore(null);
  const listeners = {
    gateway: { host: '127.0.0.1', port: 8080 },
    admin: { host: '127.0.0.1', port: 9464 },
  };
  const status = () =>
    describeStatus({
      ...{
        version: '1.2.3',
        hostname: 'h',
        timeZone: 'UTC',
        listeners,
        verdict: watch.verdict,
        traffic: trafficOf(history),
      },
      ...{
        uptimeMs: 0,
        wallMs: clock.wallMs(),
        workers: [],
        circuits: circuits.providers(),
        targets: circuits.targets(),
      },
      ...{ rests: circuits.resting(), keys: circuits.keys(), models: config.models, credentials: [] },
      ...{
        config: { version: 1, loadedAtMs: 0, source: 'a file', successful: true, last: null },
        stateProblem: null,
        roll: null,
        stoppingUntilMs: null,
      },
      certificates: [],
    });
  if (parts === 'watchers') live.connect(status);
  if (parts.startsWith('watchers')) {
    for (let watcher = 0; watcher < WATCHERS; watcher += 1) live.subscribe(send);
  }
  let seconds = 0;
  let first = 1;
  return () => {
    for (const text of messages) {
      const message = readWorkerMessage(JSON.parse(text));
      if (typeof message === 'string' || message.type !== 'events') throw new Error('a message is broken');
      account.append(first, message.events);
      first += message.events.length;
      circuits.events('w', message.events, message.dropped);
      if (hasHistory) history.count(message.events);
      live.count(message.events);
    }
    seconds += 1;
    clock.second();
    if (parts.endsWith('own')) {
      for (let watcher = 0; watcher < WATCHERS; watcher += 1) {
        send(JSON.stringify({ type: 'status', status: status() } satisfies LiveEvent));
      }
    }
    if (seconds % 2 !== 0) return;
    if (hasVerdict) watch.tick();
    account.rebase({ sequence: first - 1, metrics: base });
  };
}

const base = await registryOf();
const kinds: readonly Parts[] = ['counted', 'history', 'verdict', 'watchers', 'watchers, each with a text of its own'];
const primaries = kinds.map((kind) => ({ kind, second: primaryWith(kind, base), micros: [] as number[] }));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { second, micros } of primaries) micros.push(microsOf(SECONDS, second));
}
const counted = median(primaries[0]?.micros ?? []);
console.log(`${REQUESTS} requests in a second, ${messages.length} messages, ${ROUNDS} rounds`);
for (const { kind, micros } of primaries) {
  const each = median(micros);
  const perEvent = (each / REQUESTS / eventsOf(0).length).toFixed(2);
  console.log(
    `${kind}: ${(each / 1000).toFixed(2)} ms of CPU, ${perEvent} µs an event, ${(each / counted).toFixed(3)} of "counted"`,
  );
}
