/**
 * Messages of workers, and lines of their snapshot pipes, against the parts of the primary that take them. A broken one is
 * the end of its worker and of nothing else: no part throws, and the page that follows shows sound counts, exactly those
 * of the messages that were whole.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import type { WorkerEvent } from '../../src/shared/events.ts';
import type { FailureReport } from '../../src/shared/failure-report.ts';
import { envelope, readWorkerMessage, type WorkerMessage } from '../../src/shared/ipc.ts';
import { createMetrics } from '../../src/shared/metrics/metrics.ts';
import { Registry, readRegistry } from '../../src/shared/metrics/prom.ts';
import { record } from '../../src/shared/metrics/record.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { type Damage, damagedJson, damages } from './mutations.ts';
import { primaryParts, requestsOn, sampleEvents } from './primary-parts.ts';

const SLOTS = 2;

interface Step {
  readonly slot: number;
  readonly kind: 'events' | 'snapshot' | WorkerMessage['type'];
  readonly events: readonly WorkerEvent[];
  /** Null: as a worker sends it. */
  readonly damages: readonly Damage[] | null;
  /** What follows a snapshot's line in its pipe. */
  readonly rest: string;
}

const step = fc.record<Step>({
  slot: fc.nat(SLOTS - 1),
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constant<Step['kind']>('events') },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Step['kind']>(
        ...([
          'snapshot',
          'heartbeat',
          'lease-request',
          'lease-return',
          'config-ack',
          'ready',
          'drain-request',
          'failures',
        ] as const),
      ),
    },
  ),
  events: fc.array(fc.constantFrom(...sampleEvents), { minLength: 1, maxLength: 5 }),
  damages: fc.option(damages, { freq: 2 }),
  rest: fc.constantFrom('\n', '\n', '\n\n', '\n{', '', '\nnull\n', '\n[]\n'),
});

const failureReport: FailureReport = {
  ...{ atMs: 1_700_000_000_000, id: 'r-1', endpoint: 'chat_completions', model: 'gpt-4', provider: 'openai' },
  ...{ upstreamModel: 'gpt-4', key: null, status: 502, stream: false, code: 'provider_error', cause: 'ECONNRESET' },
  ...{ trail: 'openai=500(3ms)', upstreamRequestId: null, durationMs: 12.5 },
};

/** The messages without events. */
const others: Readonly<Record<string, WorkerMessage>> = {
  heartbeat: { type: 'heartbeat', inFlight: 3, state: 'ready' },
  'lease-request': { type: 'lease-request', provider: 'openai', model: 'gpt-4', request: 4 },
  'lease-return': { type: 'lease-return', provider: 'openai', model: 'gpt-4', lease: 1 },
  'config-ack': { type: 'config-ack', configVersion: 2, refused: 'a reason' },
  ready: { type: 'ready', pid: 12 },
  'drain-request': { type: 'drain-request' },
  failures: { type: 'failures', failures: [failureReport], withheld: 5 },
};

export const ipc: FuzzTarget = {
  name: 'ipc',
  about: 'messages and snapshots of workers to the parts of the primary',
  inputs: 200,
  open() {
    const { folder, remove } = temporaryFolder('fuzz');
    return Promise.resolve({
      async round(seed: number, inputs: number) {
        const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) =>
          new Primary(join(folder, 'state')).run(steps),
        );
        await fc.assert(property, { seed, numRuns: inputs, endOnFailure: true });
      },
      close: () => Promise.resolve(remove()),
    });
  },
};

interface Worker {
  readonly id: string;
  readonly slot: number;
  /** The number of its last event that is known. */
  last: number;
}

/** A primary with two workers, and a plain account of what it must show. */
class Primary {
  readonly #parts: ReturnType<typeof primaryParts>;
  readonly #workers: Worker[] = [];
  #forked = 0;
  #requests = 0;
  /** Whether a snapshot was taken: then the page shows what it says. */
  #isReplaced = false;

  constructor(folder: string) {
    this.#parts = primaryParts(folder);
    for (let slot = 0; slot < SLOTS; slot += 1) this.#fork(slot);
  }

  async run(steps: readonly Step[]): Promise<void> {
    try {
      for (const one of steps) await this.#step(one);
      const shown = requestsOn(await this.#parts.scrape());
      if (!this.#isReplaced)
        assert.equal(shown, this.#requests, 'what whole messages say is counted, and nothing else');
      this.#parts.circuits.view();
      JSON.stringify(this.#parts.failures.read({ limit: 200 }));
      for (const { id } of this.#workers) await this.#parts.ledger.close(id);
      assert.equal(requestsOn(await this.#parts.scrape()), shown, 'the end of all workers changes no count');
    } finally {
      this.#parts.end();
    }
  }

  #fork(slot: number): void {
    this.#forked += 1;
    const worker: Worker = { id: `w-${this.#forked}`, slot, last: 0 };
    this.#workers[slot] = worker;
    this.#parts.ledger.open(worker.id, slot, process.pid);
  }

  async #step({ slot, kind, events, damages: list, rest }: Step): Promise<void> {
    const worker = this.#workers[slot];
    if (worker === undefined) return;
    if (kind === 'snapshot') return this.#snapshot(worker, events, list, rest);
    const message = others[kind] ?? { type: 'events', first: worker.last + 1, events };
    const text = list === null ? JSON.stringify(envelope(message)) : damagedJson(envelope(message), list);
    // What cannot be sent as JSON does not come.
    if (text === '') return;
    const read = readWorkerMessage(JSON.parse(text));
    if (list === null) assert.ok(typeof read !== 'string', `a sound message is whole: ${text}`);
    if (read === 'foreign') return;
    if (read === 'broken') return this.#end(worker);
    this.#parts.take({ id: worker.id, slot, send: () => undefined }, read);
    if (read.type === 'events') this.#count(worker, read.first, read.events);
  }

  #count(worker: Worker, first: number, events: readonly WorkerEvent[]): void {
    const fresh = events.filter((_, index) => first + index > worker.last);
    this.#requests += fresh.filter(({ type }) => type === 'request-ended').length;
    worker.last = Math.max(worker.last, first + events.length - 1);
  }

  async #snapshot(worker: Worker, events: readonly WorkerEvent[], list: Step['damages'], rest: string): Promise<void> {
    const registry = new Registry();
    const metrics = createMetrics(registry);
    for (const event of events) record(metrics, event);
    const snapshot = {
      workerId: worker.id,
      sequence: worker.last + events.length,
      metrics: await readRegistry(registry),
    };
    const text = list === null ? JSON.stringify(snapshot) : damagedJson(snapshot, list);
    const pipe = new PassThrough();
    const over = this.#parts.pipes.read(worker.id, pipe);
    pipe.end(`${text}${rest}`);
    await over;
    // Which lines of a pipe are read depends on its chunks.
    this.#isReplaced = true;
  }

  async #end(worker: Worker): Promise<void> {
    this.#parts.circuits.workerGone(worker.id);
    await this.#parts.ledger.close(worker.id);
    this.#fork(worker.slot);
  }
}
