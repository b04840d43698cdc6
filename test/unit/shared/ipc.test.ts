import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { MOST_COUNTED, MOST_NANO_USD, type WorkerEvent } from '../../../src/shared/events.ts';
import { envelope, readWorkerMessage, type WorkerMessage } from '../../../src/shared/ipc.ts';
import { createMetrics } from '../../../src/shared/metrics/metrics.ts';
import { Registry, readRegistry } from '../../../src/shared/metrics/prom.ts';
import { record } from '../../../src/shared/metrics/record.ts';
import { failureReport } from '../../helpers/failure-reports.ts';

const provider = 'openai';
const model = 'gpt-4';
const attempt = { type: 'attempt-ended', provider, model, outcome: 'success', seconds: 1, verdict: 'success' } as const;
const ended = {
  type: 'request-ended',
  provider,
  model,
  seconds: 1,
  overheadSeconds: 0.5,
  endpoint: 'chat_completions',
} as const;

/** One event of each type, with all of its fields. */
const tokens = { type: 'tokens', provider, model, key: 'default', nanoUsd: null } as const;

const events: readonly WorkerEvent[] = [
  { ...ended, status: 'error', code: 'provider_error' },
  { ...ended, status: 'success' },
  { ...attempt, request: 1, attempt: 1 },
  {
    ...attempt,
    providerVerdict: 'neutral',
    request: 1,
    attempt: 2,
    targetAttempt: 1,
    body: -5,
    lease: -1,
    retryAfterMs: 0,
  },
  { type: 'probe-succeeded', provider, model: null, lease: 3 },
  { type: 'cooldown-started', provider, model, reason: 'quota', retryAfterMs: null },
  { type: 'cooldown-started', provider, key: 'one', model: null, reason: 'auth', retryAfterMs: null },
  { type: 'key-failover', provider, key: 'one' },
  { type: 'retry', provider },
  { type: 'failover', from: 'a', to: 'b' },
  { type: 'circuit-rejection', provider },
  { type: 'retry-budget-exhausted', provider },
  { type: 'rejected', reason: 'overload' },
  { type: 'connection-dropped', reason: 'idle' },
  { type: 'label-overflow', label: 'model' },
  { type: 'stream-ended', provider, outcome: 'cut' },
  { type: 'first-content', provider, model, seconds: 0 },
  { type: 'first-content', provider, model, seconds: 0, key: 'one' },
  { ...attempt, key: 'one', request: 1, attempt: 1 },
  { type: 'output-paced', provider, model, seconds: 0.1 },
  { type: 'reasoning-dropped', provider, reason: 'organization', blocks: 2 },
  { type: 'answer-lost', provider, loss: 'citation' },
  { type: 'stream-opened', model },
  { ...tokens, counts: { input: 3, output: 1 } },
  { ...tokens, nanoUsd: 5, counts: { estimated: 9 }, serverTools: { web_search: 2 }, tier: 'flex' },
  { type: 'unconfirmed', responses: 2 },
  { type: 'events-dropped', count: 2 },
  { type: 'client-retry' },
  { type: 'session-moved', reason: 'cooldown' },
  { type: 'log-lines-dropped', count: 2 },
];

const messages: readonly WorkerMessage[] = [
  { type: 'booted' },
  { type: 'ready', pid: 12 },
  { type: 'events', first: 1, events },
  { type: 'events', first: 1, events: [], dropped: [{ provider, model: null, verdict: 'failure', body: 1, count: 4 }] },
  { type: 'heartbeat', inFlight: 0, state: 'draining' },
  {
    type: 'heartbeat',
    inFlight: 2,
    state: 'ready',
    silent: [{ provider: 'p', model: 'm', requests: 2, longestMs: 31_000 }],
  },
  {
    ...{ type: 'heartbeat', inFlight: 0, state: 'ready' },
    traffic: [{ provider, model, inFlight: 2, streamMs: 12, plainMs: null }],
  },
  { type: 'lease-request', provider, model, request: 4 },
  { type: 'price-request', provider, model },
  { type: 'lease-return', provider, model, lease: 4 },
  { type: 'config-ack', configVersion: 2, refused: 'a reason' },
  { type: 'credentials-refused', identity: 'i', version: 1 },
  { type: 'failures', failures: [failureReport()], withheld: 2 },
  { type: 'drain-request' },
];

describe("a worker's message", () => {
  it('is read when it is whole', () => {
    for (const message of messages) expect(readWorkerMessage(envelope(message))).to.deep.include(message);
  });

  it('is none of ours without our channel, whatever it is', () => {
    for (const value of [null, 1, 'x', [], {}, { type: 'events' }, { cmd: 'NODE_HANDLE' }, { channel: 'pm2' }]) {
      expect(readWorkerMessage(value)).to.equal('foreign');
    }
  });

  it('is broken with any field missing or of another kind', () => {
    const wrong = [undefined, null, {}, [null], [{}], Number.NaN, -1, '__proto__', 'constructor', true];
    for (const message of messages) {
      for (const field of Object.keys(message)) {
        const broken = wrong.filter(
          (value) => readWorkerMessage({ ...envelope(message), [field]: value }) === 'broken',
        );
        expect(broken.length, `${message.type}.${field}`).to.be.at.least(7);
      }
    }
    expect(readWorkerMessage({ ...envelope({ type: 'booted' }), type: 'events', events: null, first: 1 })).to.equal(
      'broken',
    );
  });

  it('is broken with an event of which a number would take counts back, or a label is unknown', () => {
    const broken: readonly object[] = [
      { ...ended, status: 'success', seconds: -1 },
      { ...ended, status: 'error', code: 'toString' },
      { ...tokens, counts: { input: -1 } },
      { ...tokens, counts: { other: 1 } },
      { ...tokens, counts: {}, nanoUsd: -1 },
      { ...tokens, counts: {}, nanoUsd: 0.5 },
      { ...tokens, counts: {}, nanoUsd: MOST_NANO_USD + 1 },
      { ...tokens, counts: { input: 1.5 } },
      { ...tokens, counts: { input: MOST_COUNTED + 1 } },
      { ...tokens, counts: {}, serverTools: { of_no_kind: 1 } },
      { ...tokens, counts: {}, serverTools: { other: -1 } },
      { ...tokens, counts: {}, tier: 'of no kind' },
      { type: 'unconfirmed', responses: Number.POSITIVE_INFINITY },
      { type: 'events-dropped', count: -1 },
      { type: 'rejected', reason: 'of no kind' },
      { type: 'reasoning-dropped', provider, reason: 'of no kind', blocks: 1 },
      { type: 'reasoning-dropped', provider, reason: 'model' },
      { type: 'answer-lost', provider, loss: 'of no kind' },
      { type: 'connection-dropped', reason: 'of no kind' },
      { ...attempt, request: 1, attempt: 1, keyVerdict: 'of no kind' },
      { ...attempt, request: 1, attempt: 1, key: 1 },
      { type: 'first-content', provider, model, seconds: 0, key: null },
      { type: 'cooldown-started', provider, key: {}, model, reason: 'quota', retryAfterMs: null },
      { type: 'key-failover', provider },
      { type: 'no-event' },
    ];
    for (const event of broken) {
      expect(readWorkerMessage({ channel: 'headgate', type: 'events', first: 1, events: [event] })).to.equal('broken');
    }
  });

  it('can be counted whenever it is read: no damage of an event gets through that the counting cannot take', () => {
    const damage = fc.record({
      event: fc.constantFrom(...events),
      field: fc.constantFrom(
        'provider',
        'model',
        'code',
        'seconds',
        'counts',
        'outcome',
        'type',
        'status',
        'count',
        'from',
      ),
      value: fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', 'constructor', 'tokens', 'request-ended')),
    });
    fc.assert(
      fc.asyncProperty(damage, async ({ event, field, value }) => {
        const damaged: unknown = { ...event, [field]: value };
        const message = readWorkerMessage({ channel: 'headgate', type: 'events', first: 1, events: [damaged] });
        if (typeof message === 'string' || message.type !== 'events') return;
        const registry = new Registry();
        const metrics = createMetrics(registry);
        for (const read of message.events) record(metrics, read);
        const samples = (await readRegistry(registry)).flatMap(({ values }) => values);
        expect(samples.every((sample) => sample.value >= 0)).to.equal(true);
      }),
    );
  });
});
