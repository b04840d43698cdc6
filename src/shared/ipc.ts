/**
 * The whole conversation between the primary and a worker, protocol 4.
 *
 * On the IPC channel, JSON, each message with the `channel` literal; all else is dropped (libraries and process
 * managers send messages of their own there):
 *
 *  0. worker → primary `booted`: its code is loaded.
 *  1. primary → worker `init`, with the slot's socket: config, circuits, the worker's id and slot. Nothing is served
 *     before it.
 *  2. worker → primary `ready`: the port is listened on.
 *  3. worker → primary `events`: all events of one event-loop turn, numbered; `first` is the number of the first.
 *     The callback of that send is the commit: what is in the pipe survives the worker.
 *  4. worker → primary `heartbeat`, each second: sign of life with the number of requests in flight.
 *  5. primary → worker `heartbeat`, each second: without one for 2 s a worker decides on probes by itself.
 *  6. primary → worker `circuits`: the newest view; at most one unsent per worker.
 *  7. worker → primary `lease-request`, primary → worker `lease`: leave to send the one probe of a half-open circuit,
 *     or `lease: null`. Ended by `attempt-ended` or `probe-committed` with its number, by `lease-return`, by death.
 *  8. primary → worker `config`, worker → primary `config-ack`: a new version, or why it was refused.
 *  9. primary → worker `drain`: stop listening, finish what is open within `limitMs`, send a last snapshot, exit.
 *     worker → primary `drain-request`: the worker was told to end (SIGTERM) and asks for a successor first.
 * 10. primary → worker `snapshot-request`: a scrape wants a fresh snapshot.
 *
 * Snapshots go worker → primary on a pipe of their own (fd 4), one JSON `Snapshot` a line, so that events never queue
 * behind them. A snapshot carries the number of the last event folded into it.
 */

import type { CircuitView } from './circuits/circuit-view.ts';
import type { Config } from './config.ts';
import type { Verdict, WorkerEvent } from './events.ts';
import { asRecord } from './json.ts';
import { isMetricJson, type MetricJson } from './metrics/prom.ts';

export const PROTOCOL = 4;
const CHANNEL = 'headgate';

/** The file descriptor that a worker is born with, beside 0 to 2 and the IPC channel on 3. */
export const SNAPSHOT_FD = 4;

/** Request header in which a worker's relay of `/metrics` shows the `relaySecret` to the admin server. */
export const RELAY_HEADER = 'x-headgate-relay';

export interface WorkerInit {
  readonly type: 'init';
  readonly protocol: number;
  /** `schemaHash()` of the primary: a worker with another set of metrics ends, since their numbers cannot be added. */
  readonly schema: string;
  /** Random; names the worker in checkpoint and files for its whole life. */
  readonly workerId: string;
  /** 0 … workers-1. */
  readonly slot: number;
  readonly config: Config;
  readonly configVersion: number;
  readonly circuits: CircuitView;
  /** Whether a bound socket to listen on comes with it; otherwise the worker listens by host and port. */
  readonly slotSocket: boolean;
  /** The port in use, which differs from the config's when that is 0. */
  readonly port: number;
  /** Where the primary's admin server answers, for the relay of `/metrics`. */
  readonly adminPort: number;
  /** Random per gateway: only a primary's admin server and its own workers know it. It lets the relay read `/metrics`. */
  readonly relaySecret: string;
  /** Which life of the gateway on this port forked the worker, from 1: an orphan compares it with its successor's. */
  readonly generation: number;
}

export type PrimaryMessage =
  | WorkerInit
  | { readonly type: 'heartbeat' }
  | { readonly type: 'circuits'; readonly view: CircuitView }
  | { readonly type: 'lease'; readonly provider: string; readonly request: number; readonly lease: number | null }
  | { readonly type: 'config'; readonly config: Config; readonly configVersion: number }
  | { readonly type: 'drain'; readonly reason: 'stop' | 'replaced'; readonly limitMs: number }
  | { readonly type: 'snapshot-request' };

/** Circuit outcomes of dropped events, summed, so that a full pipe blinds no circuit. */
export interface DroppedOutcomes {
  readonly provider: string;
  readonly verdict: Exclude<Verdict, 'neutral'>;
  readonly count: number;
}

export type WorkerMessage =
  | { readonly type: 'booted' }
  | { readonly type: 'ready'; readonly pid: number }
  | {
      readonly type: 'events';
      readonly first: number;
      readonly events: readonly WorkerEvent[];
      readonly dropped?: readonly DroppedOutcomes[];
    }
  | { readonly type: 'heartbeat'; readonly inFlight: number; readonly state: 'ready' | 'draining' }
  | { readonly type: 'lease-request'; readonly provider: string; readonly request: number }
  | { readonly type: 'lease-return'; readonly provider: string; readonly lease: number }
  | { readonly type: 'config-ack'; readonly configVersion: number; readonly refused?: string }
  | { readonly type: 'drain-request' };

/** A worker's registry at one moment: the compaction of its events up to `sequence`. */
export interface Snapshot {
  readonly workerId: string;
  /** Number of the last event folded into `metrics`; 0 before the first. */
  readonly sequence: number;
  readonly metrics: readonly MetricJson[];
}

/** A message with its channel, as it goes over the wire. */
type Envelope<T> = T & { readonly channel: typeof CHANNEL };

/** Puts a message under our channel. */
export function envelope<T extends PrimaryMessage | WorkerMessage>(message: T): Envelope<T> {
  return { channel: CHANNEL, ...message };
}

const primaryTypes = new Set(['init', 'heartbeat', 'circuits', 'lease', 'config', 'drain', 'snapshot-request']);
const workerTypes = new Set([
  'booted',
  'ready',
  'events',
  'heartbeat',
  'lease-request',
  'lease-return',
  'config-ack',
  'drain-request',
]);

function isOurs(value: unknown, types: ReadonlySet<string>): boolean {
  const { channel, type } = asRecord(value) ?? {};
  return channel === CHANNEL && typeof type === 'string' && types.has(type);
}

/** Whether a message that a worker received is one of the primary's; both ends run the same code, so the rest is trusted. */
export function isPrimaryMessage(value: unknown): value is PrimaryMessage {
  return isOurs(value, primaryTypes);
}

/** Whether a message that the primary received is one of a worker's. */
export function isWorkerMessage(value: unknown): value is WorkerMessage {
  return isOurs(value, workerTypes);
}

/** Whether a parsed line of the snapshot pipe, or a file of an orphan, is a snapshot. */
export function isSnapshot(value: unknown): value is Snapshot {
  const { workerId, sequence, metrics } = asRecord(value) ?? {};
  return (
    typeof workerId === 'string' &&
    Number.isSafeInteger(sequence) &&
    Array.isArray(metrics) &&
    metrics.every(isMetricJson)
  );
}
