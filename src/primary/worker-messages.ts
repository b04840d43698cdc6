/**
 * Where each message of a worker goes. One stream of events feeds everything: the ledger counts it, the circuits judge
 * by it, the live view shows it, in this order and in the same turn.
 */
import type { WorkerMessage } from '../shared/ipc.ts';
import type { LiveEvents } from './admin/live-events.ts';
import type { CircuitAuthority } from './circuits/circuit-authority.ts';
import type { MetricsLedger } from './ledger/metrics-ledger.ts';
import type { WorkerProcess } from './processes/worker-process.ts';
import type { ConfigAcks } from './reload/config-acks.ts';

interface Receivers {
  readonly ledger: MetricsLedger;
  readonly circuits: CircuitAuthority;
  readonly live: LiveEvents;
  readonly acks: ConfigAcks;
}

/** Who speaks, as far as an answer goes. */
type Speaker = Pick<WorkerProcess, 'id' | 'send'>;

/** Makes the function that passes messages on; what concerns a worker's own life the supervisor has taken already. */
export function workerMessages({ ledger, circuits, live, acks }: Receivers) {
  return (worker: Speaker, message: WorkerMessage): void => {
    switch (message.type) {
      case 'events':
        ledger.events(worker.id, message.first, message.events);
        circuits.events(worker.id, message.events, message.dropped);
        live.count(message.events);
        break;
      case 'lease-request': {
        const { provider, request } = message;
        worker.send({ type: 'lease', provider, request, lease: circuits.requestLease(worker.id, provider) });
        break;
      }
      case 'lease-return':
        circuits.returnLease(worker.id, message.provider, message.lease);
        break;
      case 'config-ack':
        acks.answered(worker.id, message.configVersion, message.refused !== undefined);
        break;
      case 'booted':
      case 'ready':
      case 'heartbeat':
      case 'drain-request':
        break;
      default:
        message satisfies never;
    }
  };
}
