/**
 * Passes each message of a worker to the parts that handle it. Events go to the ledger, then to the circuits, then to
 * history and the live view, in the same turn.
 */
import type { WorkerMessage } from '../shared/ipc.ts';
import type { LiveEvents } from './admin/live-events.ts';
import type { CircuitAuthority } from './circuits/circuit-authority.ts';
import type { CredentialAuthority } from './credentials/credential-authority.ts';
import type { FailureBook } from './failures/failure-book.ts';
import type { History } from './history/history.ts';
import type { MetricsLedger } from './ledger/metrics-ledger.ts';
import type { PriceAuthority } from './prices/price-authority.ts';
import type { WorkerProcess } from './processes/worker-process.ts';
import type { ConfigAcks } from './reload/config-acks.ts';

interface Receivers {
  readonly ledger: MetricsLedger;
  readonly circuits: CircuitAuthority;
  readonly credentials: Pick<CredentialAuthority, 'renew' | 'held'>;
  readonly prices: PriceAuthority;
  readonly history: Pick<History, 'count'>;
  readonly failures: FailureBook;
  readonly live: LiveEvents;
  readonly acks: ConfigAcks;
}

/** The worker that sent the message. */
type Sender = Pick<WorkerProcess, 'id' | 'slot' | 'send'>;

/** Makes the function that passes messages on. The supervisor handles `ready`, `heartbeat` and `drain-request`. */
export function workerMessages({ ledger, circuits, credentials, prices, history, failures, live, acks }: Receivers) {
  return (worker: Sender, message: WorkerMessage): void => {
    switch (message.type) {
      case 'events':
        ledger.events(worker.id, message.first, message.events);
        circuits.events(worker.id, message.events, message.dropped);
        history.count(message.events);
        live.count(message.events);
        break;
      case 'lease-request': {
        const { provider, model, request } = message;
        const lease = circuits.requestLease(worker.id, provider, model);
        worker.send({ type: 'lease', provider, model, request, lease });
        break;
      }
      case 'failures':
        failures.take(worker.slot, message.failures, message.withheld);
        break;
      case 'lease-return':
        circuits.returnLease(worker.id, message.provider, message.model, message.lease);
        break;
      case 'price-request':
        void prices.asked(message.provider, message.model).then((entry) => worker.send({ type: 'price', entry }));
        break;
      case 'config-ack':
        acks.answered(worker.id, message.configVersion, message.refused !== undefined);
        break;
      case 'credentials-refused':
        // Never rejects. The worker waits for an answer, whatever has come of it.
        void credentials.renew(message.identity, message.version).then(() => {
          worker.send({ type: 'credentials', held: credentials.held() });
        });
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
