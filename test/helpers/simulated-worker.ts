/**
 * A worker without a process: it counts, and its messages stay in two pipes until the test reads them, each pipe in its
 * own order and at its own speed.
 */
import type { WorkerEvent } from '../../src/shared/events.ts';
import type { Snapshot } from '../../src/shared/ipc.ts';
import { createMetrics, type GatewayMetrics } from '../../src/shared/metrics/metrics.ts';
import { Counter, Registry } from '../../src/shared/metrics/prom.ts';
import { record } from '../../src/shared/metrics/record.ts';
import { exactProcessSums } from '../../src/worker/reporting/process-metrics.ts';
import { jsonOf } from './numbers.ts';

interface Message {
  readonly first: number;
  readonly events: readonly WorkerEvent[];
}

/** One worker and its two pipes. */
export class SimulatedWorker {
  readonly id: string;
  readonly #registry = new Registry();
  readonly #metrics: GatewayMetrics;
  readonly #cpuSeconds: Counter;
  /** All events that it has counted, in the order of their numbers. */
  readonly counted: WorkerEvent[] = [];
  readonly messages: Message[] = [];
  readonly snapshots: Snapshot[] = [];
  /** Messages that the test has already read, to repeat them. */
  readonly read: Message[] = [];

  constructor(id: string) {
    this.id = id;
    this.#metrics = createMetrics(this.#registry);
    this.#cpuSeconds = new Counter({ name: 'process_cpu_seconds_total', help: 'c', registers: [this.#registry] });
  }

  /** Counts `events`, and sends them unless `dropped`. */
  count(events: readonly WorkerEvent[], dropped: boolean): void {
    for (const event of events) record(this.#metrics, event);
    this.#cpuSeconds.inc(events.length / 7);
    const first = this.counted.length + 1;
    this.counted.push(...events);
    if (!dropped) this.messages.push(JSON.parse(JSON.stringify({ first, events })));
  }

  /** Sends a snapshot of all that it has counted so far. */
  async snapshot(): Promise<void> {
    const metrics = exactProcessSums(await jsonOf(this.#registry));
    this.snapshots.push({ workerId: this.id, sequence: this.counted.length, metrics });
  }
}
