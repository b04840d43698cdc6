/**
 * The program of a worker. It waits for the primary's `init`, then builds its parts, connects them and starts
 * `WorkerLifecycle`.
 *
 * Signals from Ctrl-C or a process manager reach the whole process group, so signals meant for the primary are ignored
 * (`main.ts`). Only SIGTERM, which is sent to this process alone, is obeyed.
 */
import cluster from 'node:cluster';
import net from 'node:net';
import { join } from 'node:path';
import { credentialsFetcher } from '../providers/fetch-credentials.ts';
import { systemClock } from '../shared/clock.ts';
import {
  envelope,
  isPrimaryMessage,
  PROTOCOL,
  SNAPSHOT_FD,
  type WorkerInit,
  type WorkerMessage,
} from '../shared/ipc.ts';
import { openLog } from '../shared/log.ts';
import { schemaHash } from '../shared/metrics/metrics.ts';
import { Redactor } from '../shared/secrets/redactor.ts';
import { PRIMARY_FILE } from '../shared/state/primary-file.ts';
import { stateFolder } from '../shared/state/state-files.ts';
import { CircuitGate } from './circuits/circuit-gate.ts';
import { WorkerCredentials } from './credentials/worker-credentials.ts';
import { PrimaryContact } from './lifecycle/primary-contact.ts';
import { WorkerLifecycle } from './lifecycle/worker-lifecycle.ts';
import { PriceBook } from './prices/price-book.ts';
import { FailureReports } from './reporting/failure-reports.ts';
import { OrphanFile } from './reporting/orphan-file.ts';
import { OrphanLog } from './reporting/orphan-log.ts';
import { Outbox } from './reporting/outbox.ts';
import { createWorkerRegistry } from './reporting/process-metrics.ts';
import { RequestLog } from './reporting/request-log.ts';
import { SnapshotWriter } from './reporting/snapshot-writer.ts';
import { createDataPlane } from './server/server.ts';

/** The process that forked this worker. Only the primary forks workers. */
const primaryPid = process.ppid;

/** How often dropped log lines are counted. */
const DROPPED_LINES_PERIOD_MS = 100;

/** Builds the parts of a worker, each from those above it. */
function buildParts(init: WorkerInit, isUnderPm2: boolean) {
  const { config, slot, workerId } = init;
  const clock = systemClock;
  const contact = new PrimaryContact(init, clock);
  const redactor = new Redactor(config.secrets);
  const folder = stateFolder(config.stateDir, init.port);
  const orphanLog = new OrphanLog(folder, workerId);
  const { log, sink, output, onTerminal } = openLog({
    level: config.log.level,
    redactor,
    base: { worker: slot },
    inBlocks: true,
    spill: {
      isUnread: () => isUnderPm2 && !process.connected,
      take: (lines) => !process.connected && orphanLog.append(lines),
    },
  });
  const requestLog = new RequestLog({ log, sink, onTerminal, worker: slot, clock });
  const { registry, metrics, showInFlight } = createWorkerRegistry(slot);
  const outbox = new Outbox({ metrics, send, clock });
  const failures = new FailureReports({ send, worker: slot, clock });
  const gate = new CircuitGate({
    clock,
    requestLease: ({ provider, model }, request) => send({ type: 'lease-request', provider, model, request }),
    returnLease: ({ provider, model }, lease) => send({ type: 'lease-return', provider, model, lease }),
    primaryLastMessageAtMs: () => contact.lastMessageAtMs,
    circuitOptions: (provider) => contact.config.providers[provider]?.circuit,
  });
  const pipe = new net.Socket({ fd: SNAPSHOT_FD, readable: false, writable: true });
  const snapshots = new SnapshotWriter({ registry, outbox, workerId, pipe, clock, log });
  const credentials = new WorkerCredentials(
    {
      refused: (identity, version) => send({ type: 'credentials-refused', identity, version }),
      fetch: credentialsFetcher(clock),
      ...{ redactor, random: Math.random, clock, log },
    },
    init.credentials,
  );
  const prices = new PriceBook({
    ask: (provider, model, failed) =>
      send({ type: 'price-request', provider, model }, (error) => error !== null && failed()),
    clock,
  });
  if (init.prices !== null) prices.takeAll(init.prices);
  const reporting = { outbox, log, requestLog, failures };
  const plane = createDataPlane({ init, gate, credentials, prices, redactor, clock, ...reporting });
  const numbers = new OrphanFile({ folder, workerId, registry, outbox, failures, clock, log });
  const lifecycle = new WorkerLifecycle({
    init,
    contact,
    plane,
    outbox,
    failures,
    snapshots,
    gate,
    credentials,
    prices,
    send,
    orphan: { primaryFile: join(folder, PRIMARY_FILE), primaryPid, numbers },
    exit: (code) => process.exit(code),
    clock,
    log,
  });
  return { lifecycle, gate, plane, outbox, output, showInFlight, clock };
}

/** Connects those that are built before others with these, and begins to count what the log drops. */
function connect({ gate, plane, outbox, output, showInFlight, clock }: Parts, init: WorkerInit): void {
  showInFlight(() => plane.inFlight());
  gate.apply(init.circuits);
  clock.every(DROPPED_LINES_PERIOD_MS, () => {
    const count = output.takeDropped();
    if (count > 0) outbox.push({ type: 'log-lines-dropped', count });
  });
}

type Parts = ReturnType<typeof buildParts>;

/** Sends to the primary. `done` is called once the message is in the pipe, or with the error if it cannot be sent. */
function send(message: WorkerMessage, done: (error: Error | null) => void = ignoreFailure): void {
  if (process.send === undefined || !process.connected) done(new Error('there is no primary'));
  else process.send(envelope(message), undefined, undefined, done);
}

/** A failed send needs no action: the primary is dead, and `disconnect` will follow. */
function ignoreFailure(): void {}

/** Who is asked when something happens to this process. */
type Phase = Pick<WorkerLifecycle, 'receive' | 'terminate' | 'fail' | 'primaryGone'>;

/** Before `init` there is nothing to finish. */
const beforeInit: Phase = {
  receive: () => undefined,
  terminate: () => process.exit(0),
  fail: (error) => {
    throw error;
  },
  primaryGone: () => process.exit(0),
};

/**
 * Runs until the process ends.
 *
 * @param isUnderPm2 pm2 reads an application's output after its primary has died, but throws it away
 */
export function runWorker(isUnderPm2: boolean): void {
  let phase = beforeInit;
  process.on('SIGTERM', () => phase.terminate());
  process.on('error', ignoreFailure);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => phase.fail(error));
  }
  process.on('message', (message: unknown, socket: unknown) => {
    if (!isPrimaryMessage(message)) return;
    if (message.type !== 'init') return phase.receive(message);
    if (message.protocol !== PROTOCOL || message.schema !== schemaHash()) {
      process.stderr.write('this worker is of another version than its primary: restart the gateway\n');
      process.exit(1);
    }
    if (message.slotSocket && !(socket instanceof net.Socket)) {
      process.stderr.write('this worker got no socket to listen on\n');
      process.exit(1);
    }
    const parts = buildParts(message, isUnderPm2);
    connect(parts, message);
    phase = parts.lifecycle;
    const listen = () => parts.lifecycle.listen(socket instanceof net.Socket ? socket : null);
    // The first request has a trace, too.
    if (message.config.tracing === undefined) listen();
    else void parts.plane.traced().then(listen);
  });
  cluster.worker?.on('disconnect', () => {
    // Without this, Node would end the process here. An orphan decides itself when it ends.
    if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
    phase.primaryGone();
  });
  send({ type: 'booted' });
}
