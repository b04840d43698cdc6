/**
 * All messages between the primary and a worker, protocol 7.
 *
 * They are JSON on the IPC channel, each with the `channel` literal. Other messages are ignored, because libraries and
 * process managers also send on that channel. A worker that sends a broken message on it is ended by the primary:
 *
 *  0. worker → primary `booted`: the worker's code is loaded.
 *  1. primary → worker `init`, with the slot's socket: config, circuits, the worker's id and slot. The worker serves
 *     nothing before it.
 *  2. worker → primary `ready`: the worker listens on the port.
 *  3. worker → primary `events`: all events of one event-loop turn, numbered; `first` is the number of the first.
 *     The events are delivered when the callback of that send runs: from then on they survive the worker's death.
 *  4. worker → primary `heartbeat`, each second: shows that the worker is alive, with its number of requests in flight,
 *     what it sees of targets that are balanced by latency or load, and providers that have been silent for long.
 *  5. primary → worker `heartbeat`, each second: a worker that gets none for 2 s decides on probes by itself.
 *  6. primary → worker `circuits`: what has changed; at most one is being sent per worker, later changes are merged.
 *  7. worker → primary `lease-request`, primary → worker `lease`: permission to send the one probe of all that is
 *     half-open on the way to a target (its provider's circuit, its own or both), or `lease: null`. A lease ends with
 *     `attempt-ended` or `probe-succeeded` of its number, with `lease-return`, or with the worker's death; after some
 *     seconds another may be granted beside it.
 *  8. primary → worker `config`, worker → primary `config-ack`: a new version, or the reason why it was refused.
 *  9. primary → worker `drain`: stop listening, finish open requests within `limitMs`, send a last snapshot, exit.
 *     worker → primary `drain-request`: the worker got SIGTERM and asks for a successor first.
 * 10. primary → worker `snapshot-request`: a scrape needs a fresh snapshot.
 * 11. primary → worker `credentials`: all that are fetched, after each change, and as the answer to `credentials-refused`.
 *     worker → primary `credentials-refused`: a provider takes those of this version no more.
 * 12. primary → worker `prices`: the price tables of all configured targets; those in `init` are the first, if they are
 *     there by then. worker → primary `price-request`, primary → worker `price`: that of a name that a pattern stands for.
 * 13. worker → primary `failures`: requests that ended with an error, at most 20 in a message and some tens a second, with
 *     the number of those that were too many. Nothing is counted by it: it may be lost.
 * 14. primary → worker `certificate`: what the data port shows to clients from now on; the first is in `init`.
 *
 * Snapshots go from worker to primary on the snapshot pipe (fd 4), one JSON `Snapshot` per line, so that events never
 * wait behind them. A snapshot holds the number of the last event folded into it.
 */

import type { CircuitView } from './circuits/circuit-view.ts';
import type { Config } from './config.ts';
import { isCount, isVerdict, isWorkerEvent } from './event-guard.ts';
import type { Verdict, WorkerEvent } from './events.ts';
import { type FailureReport, isFailureReport, MOST_REPORTS } from './failure-report.ts';
import type { HeldCredentials } from './held-credentials.ts';
import { asRecord, type JsonRecord } from './json.ts';
import { isSoundMetric } from './metrics/metric-shape.ts';
import type { MetricJson } from './metrics/prom.ts';
import type { PriceEntry } from './prices.ts';
import type { ServerCertificate } from './tls/server-certificate.ts';

export const PROTOCOL = 7;
const CHANNEL = 'headgate';

/** File descriptor of a worker at its start, besides 0 to 2 and the IPC channel on 3. */
export const SNAPSHOT_FD = 4;

export interface WorkerInit {
  readonly type: 'init';
  readonly protocol: number;
  /** `schemaHash()` of the primary: a worker with another set of metrics ends, since their numbers cannot be added. */
  readonly schema: string;
  /** Random; identifies the worker in the checkpoint and in file names. */
  readonly workerId: string;
  /** 0 … workers-1. */
  readonly slot: number;
  readonly config: Config;
  readonly configVersion: number;
  readonly circuits: CircuitView;
  /** Those that have been fetched so far. */
  readonly credentials: readonly HeldCredentials[];
  /** Null: they follow in a message of their own. */
  readonly prices: readonly PriceEntry[] | null;
  /** What the data port shows to its clients; null: it speaks no TLS. Only the primary reads the files. */
  readonly certificate: ServerCertificate | null;
  /** Whether a bound socket to listen on comes with it; otherwise the worker listens by host and port. */
  readonly slotSocket: boolean;
  /** The port in use; it differs from the configured one if that is 0. */
  readonly port: number;
  /** The port of the primary's admin server, for the relay of `/metrics`. */
  readonly adminPort: number;
  /** Random per gateway, known only to the primary and its own workers. By it they know each other: `relay-proof.ts`. */
  readonly relaySecret: string;
  /** The generation that forked the worker, from 1. An orphan compares it with the generation of a new primary. */
  readonly generation: number;
}

export type PrimaryMessage =
  | WorkerInit
  | { readonly type: 'heartbeat' }
  | { readonly type: 'circuits'; readonly view: CircuitView }
  | {
      readonly type: 'lease';
      readonly provider: string;
      readonly model: string;
      readonly request: number;
      readonly lease: number | null;
    }
  | { readonly type: 'config'; readonly config: Config; readonly configVersion: number }
  | { readonly type: 'drain'; readonly reason: 'stop' | 'replaced'; readonly limitMs: number }
  | { readonly type: 'credentials'; readonly held: readonly HeldCredentials[] }
  | { readonly type: 'snapshot-request' }
  | { readonly type: 'certificate'; readonly certificate: ServerCertificate }
  | { readonly type: 'prices'; readonly entries: readonly PriceEntry[] }
  | { readonly type: 'price'; readonly entry: PriceEntry };

/** The sum of dropped events' circuit outcomes, so that the circuits count them even if the pipe is full. */
export interface DroppedOutcomes {
  readonly provider: string;
  /** The provider's name of the model; null: outcomes for the provider's own circuit. */
  readonly model: string | null;
  readonly verdict: Exclude<Verdict, 'neutral'>;
  /** Identifies the body that all of these failures had; null where it is not known. */
  readonly body: number | null;
  readonly count: number;
}

/** What a worker sees of a target that is balanced by latency or load. */
export interface SeenTarget {
  readonly provider: string;
  /** As configured. */
  readonly model: string;
  readonly inFlight: number;
  /** What is expected until the first content of a stream, and until the end of a plain answer; null if not known. */
  readonly streamMs: number | null;
  readonly plainMs: number | null;
}

/** Requests that wait for a provider that has said nothing of an answer for long. */
export interface SilentProvider {
  readonly provider: string;
  /** As clients name it: a name of the configuration, or `other`. */
  readonly model: string;
  /** How many wait so long. */
  readonly requests: number;
  /** How long the one waits that has waited longest, in ms. */
  readonly longestMs: number;
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
  | {
      readonly type: 'heartbeat';
      readonly inFlight: number;
      readonly state: 'ready' | 'draining';
      readonly traffic?: readonly SeenTarget[];
      readonly silent?: readonly SilentProvider[];
    }
  | { readonly type: 'lease-request'; readonly provider: string; readonly model: string; readonly request: number }
  | { readonly type: 'lease-return'; readonly provider: string; readonly model: string; readonly lease: number }
  | { readonly type: 'price-request'; readonly provider: string; readonly model: string }
  | { readonly type: 'config-ack'; readonly configVersion: number; readonly refused?: string }
  | { readonly type: 'credentials-refused'; readonly identity: string; readonly version: number }
  | { readonly type: 'failures'; readonly failures: readonly FailureReport[]; readonly withheld: number }
  | { readonly type: 'drain-request' };

/** A worker's registry at one moment: the sum of its events up to `sequence`. */
export interface Snapshot {
  readonly workerId: string;
  /** Number of the last event folded into `metrics`; 0 before the first. */
  readonly sequence: number;
  readonly metrics: readonly MetricJson[];
}

/** A message with its channel, as it is sent. */
type Envelope<T> = T & { readonly channel: typeof CHANNEL };

/** Adds our channel to a message. */
export function envelope<T extends PrimaryMessage | WorkerMessage>(message: T): Envelope<T> {
  return { channel: CHANNEL, ...message };
}

const primaryTypes: ReadonlySet<string> = new Set<PrimaryMessage['type']>([
  'init',
  'heartbeat',
  'circuits',
  'lease',
  'config',
  'credentials',
  'drain',
  'snapshot-request',
  'certificate',
  'prices',
  'price',
]);

/** Whether a message is one of the primary's. Only the type is checked: a primary can end its workers anyway. */
export function isPrimaryMessage(value: unknown): value is PrimaryMessage {
  const { channel, type } = asRecord(value) ?? {};
  return channel === CHANNEL && typeof type === 'string' && primaryTypes.has(type);
}

/**
 * Reads what came on a worker's channel. `foreign`: not ours, and to be ignored. `broken`: it is on our channel but no
 * message of this protocol. Everything is checked: many workers depend on the primary, and a worker whose memory or code
 * is damaged must not be able to end it.
 */
export function readWorkerMessage(value: unknown): WorkerMessage | 'foreign' | 'broken' {
  const message = asRecord(value);
  if (message?.channel !== CHANNEL) return 'foreign';
  return isWhole(message) ? (value as WorkerMessage) : 'broken';
}

function isWhole(message: JsonRecord): boolean {
  switch (message.type) {
    case 'booted':
    case 'drain-request':
      return true;
    case 'ready':
      return isCount(message.pid);
    case 'events':
      return (
        isCount(message.first) &&
        Array.isArray(message.events) &&
        message.events.every(isWorkerEvent) &&
        (message.dropped === undefined || (Array.isArray(message.dropped) && message.dropped.every(isDropped)))
      );
    case 'heartbeat':
      return (
        isCount(message.inFlight) &&
        (message.state === 'ready' || message.state === 'draining') &&
        (message.traffic === undefined || (Array.isArray(message.traffic) && message.traffic.every(isSeenTarget))) &&
        (message.silent === undefined || (Array.isArray(message.silent) && message.silent.every(isSilentProvider)))
      );
    case 'lease-request':
      return typeof message.provider === 'string' && typeof message.model === 'string' && isCount(message.request);
    case 'lease-return':
      return (
        typeof message.provider === 'string' && typeof message.model === 'string' && Number.isSafeInteger(message.lease)
      );
    case 'credentials-refused':
      return typeof message.identity === 'string' && isCount(message.version);
    case 'failures':
      return (
        Array.isArray(message.failures) &&
        message.failures.length <= MOST_REPORTS &&
        message.failures.every(isFailureReport) &&
        isCount(message.withheld)
      );
    case 'price-request':
      return typeof message.provider === 'string' && typeof message.model === 'string';
    case 'config-ack':
      return isCount(message.configVersion) && (message.refused === undefined || typeof message.refused === 'string');
    default:
      return false;
  }
}

function isSilentProvider(value: unknown): value is SilentProvider {
  const { provider, model, requests, longestMs } = asRecord(value) ?? {};
  const isNamed = typeof provider === 'string' && typeof model === 'string';
  return isNamed && isCount(requests) && isCount(longestMs);
}

function isSeenTarget(value: unknown): value is SeenTarget {
  const { provider, model, inFlight, streamMs, plainMs } = asRecord(value) ?? {};
  const isLatency = (ms: unknown) => ms === null || (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0);
  const isNamed = typeof provider === 'string' && typeof model === 'string';
  return isNamed && isCount(inFlight) && isLatency(streamMs) && isLatency(plainMs);
}

function isDropped(value: unknown): value is DroppedOutcomes {
  const { provider, model, verdict, body, count } = asRecord(value) ?? {};
  return (
    typeof provider === 'string' &&
    (model === null || typeof model === 'string') &&
    isVerdict(verdict) &&
    verdict !== 'neutral' &&
    (body === null || Number.isFinite(body)) &&
    isCount(count)
  );
}

/** Whether `value` is a snapshot: a parsed line of the snapshot pipe. */
export function isSnapshot(value: unknown): value is Snapshot {
  const { workerId, sequence, metrics } = asRecord(value) ?? {};
  return typeof workerId === 'string' && isCount(sequence) && Array.isArray(metrics) && metrics.every(isSoundMetric);
}
