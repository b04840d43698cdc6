/** The parts of a primary that read what others have sent or left: in this process, on a folder, without any worker. */
import assert from 'node:assert/strict';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import { LiveEvents } from '../../src/primary/admin/live-events.ts';
import { CircuitAuthority } from '../../src/primary/circuits/circuit-authority.ts';
import { FailureBook } from '../../src/primary/failures/failure-book.ts';
import { History } from '../../src/primary/history/history.ts';
import { Steps } from '../../src/primary/history/steps.ts';
import { CarryOver } from '../../src/primary/ledger/carry-over.ts';
import { Checkpoint } from '../../src/primary/ledger/checkpoint.ts';
import { MetricsLedger } from '../../src/primary/ledger/metrics-ledger.ts';
import { numbersIn, OrphanFiles } from '../../src/primary/ledger/orphan-files.ts';
import { SnapshotPipes } from '../../src/primary/ledger/snapshot-pipes.ts';
import { PriceAuthority } from '../../src/primary/prices/price-authority.ts';
import type { PriceList } from '../../src/primary/prices/price-list.ts';
import { ConfigAcks } from '../../src/primary/reload/config-acks.ts';
import { createOwnMetrics } from '../../src/primary/scrape/own-metrics.ts';
import { createScrape } from '../../src/primary/scrape/scrape.ts';
import { workerMessages } from '../../src/primary/worker-messages.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { WorkerEvent } from '../../src/shared/events.ts';
import { oneProviderConfig } from '../rig/gateway-config.ts';

/** Goes nowhere: what is wrong with a file is told there, and is no failure. */
export const quiet = pino({ level: 'silent' });

const source = { kind: 'object', name: 'the fuzz run', input: oneProviderConfig(1, 2) } as const;
const config = loadConfig({ source, environment: {} });

/** Put together as in `src/primary/gateway.ts`, from what a predecessor has left in the folder. */
export function primaryParts(folder: string) {
  const [clock, log] = [systemClock, quiet];
  const own = createOwnMetrics(config);
  const carryOver = new CarryOver({ known: own.shapes(), log });
  const checkpoint = new Checkpoint({ folder, carryOver, log });
  const ledger = new MetricsLedger({ checkpoint, hasNumbers: numbersIn(folder), clock, log });
  const circuits = new CircuitAuthority({
    config,
    clock,
    random: Math.random,
    broadcast: () => undefined,
    keep: (saved) => ledger.keepCircuits(saved),
    changed: () => undefined,
    keyRefused: () => undefined,
  });
  if (ledger.circuits !== null) circuits.restore(ledger.circuits);
  const orphans = new OrphanFiles({ folder, ledger, carryOver, clock, log });
  const live = new LiveEvents(clock);
  const history = new History(new Steps(clock));
  const failures = new FailureBook({ publish: (shown) => live.publish(shown), clock });
  const acks = new ConfigAcks(clock);
  const credentials = { renew: async () => undefined, held: () => [] };
  const none: PriceList = { find: () => null, findAll: () => [] };
  const prices = new PriceAuthority({ config, load: async () => none, broadcast: () => undefined, log });
  return {
    ledger,
    circuits,
    failures,
    orphans,
    pipes: new SnapshotPipes({ received: (snapshot) => ledger.snapshot(snapshot), log }),
    take: workerMessages({ ledger, circuits, credentials, prices, history, failures, live, acks }),
    scrape: createScrape({ ledger, own, orphans, requestSnapshots: () => [], clock }),
    /** Ends as a clean stop does. */
    end: () => {
      circuits.keepNow();
      live.close();
      ledger.end();
    },
  };
}

const TYPE = /^# TYPE (\w+) (\w+)$/;
const SAMPLE = /^(\w+)(?:\{(?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\S+)$/;

/** The sum of `llm_requests_total`. Throws unless each line can be read, and no count is negative or endless. */
export function requestsOn(page: string): number {
  let type = '';
  let requests = 0;
  for (const line of page.split('\n')) {
    type = TYPE.exec(line)?.[2] ?? type;
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value] = SAMPLE.exec(line) ?? [];
    assert.ok(name !== undefined, `a line that Prometheus can read: ${line}`);
    const isSound = type === 'gauge' || (Number(value) >= 0 && Number.isFinite(Number(value)));
    assert.ok(isSound, `no count is negative or endless: ${line}`);
    if (name === 'llm_requests_total') requests += Number(value);
  }
  return requests;
}

const place = { provider: 'openai', model: 'gpt-4' };
const attempt = { type: 'attempt-ended', ...place, seconds: 0.25, request: 1, attempt: 1 } as const;
const ended = {
  type: 'request-ended',
  ...place,
  seconds: 0.5,
  overheadSeconds: 2 ** -10,
  endpoint: 'chat_completions',
} as const;

/** An attempt that speaks against its target. */
export const failure = {
  ...attempt,
  outcome: 'server_error',
  verdict: 'failure',
  providerVerdict: 'success',
  body: 7,
  retryAfterMs: 100,
} as const satisfies WorkerEvent;

/** An event of each kind, as workers send them. */
export const sampleEvents: readonly WorkerEvent[] = [
  { ...ended, status: 'success' },
  { ...ended, status: 'error', code: 'provider_error' },
  { ...attempt, outcome: 'success', verdict: 'success' },
  failure,
  { ...attempt, outcome: 'client_error', verdict: 'neutral', keyVerdict: 'failure', body: 8, lease: 1 },
  { type: 'probe-succeeded', ...place, lease: 1 },
  { type: 'cooldown-started', ...place, reason: 'rate_limited', retryAfterMs: 1_000 },
  { type: 'retry', provider: 'openai' },
  { type: 'failover', from: 'openai', to: 'openai' },
  { type: 'circuit-rejection', provider: 'openai' },
  { type: 'retry-budget-exhausted', provider: 'openai' },
  { type: 'rejected', reason: 'overload' },
  { type: 'connection-dropped', reason: 'idle' },
  { type: 'label-overflow', label: 'model' },
  { type: 'stream-ended', provider: 'openai', outcome: 'complete' },
  { type: 'first-content', ...place, seconds: 0.1 },
  { type: 'output-paced', ...place, seconds: 0.01 },
  { type: 'reasoning-dropped', provider: place.provider, reason: 'model', blocks: 1 },
  { type: 'answer-lost', provider: place.provider, loss: 'citation' },
  { type: 'stream-opened', model: place.model },
  { type: 'tokens', ...place, key: 'default', nanoUsd: null, counts: { input: 3, output: 2 } },
  { type: 'unconfirmed', responses: 1 },
  { type: 'events-dropped', count: 2 },
  { type: 'client-retry' },
  { type: 'session-moved', reason: 'cooldown' },
  { type: 'log-lines-dropped', count: 2 },
];
