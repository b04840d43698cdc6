/**
 * The program of a worker. It says that it has booted, and does nothing until the primary's `init`; then it puts its
 * parts together and hands over to `WorkerLifecycle`.
 *
 * Signals reach the whole process group (a Ctrl-C, a process manager), so what is meant for the primary is ignored
 * (`main.ts`); only SIGTERM, which somebody sent to this very process, is obeyed.
 */
import cluster from 'node:cluster';
import net from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import {
  envelope,
  isPrimaryMessage,
  PROTOCOL,
  SNAPSHOT_FD,
  type WorkerInit,
  type WorkerMessage,
} from '../shared/ipc.ts';
import { createBufferedLog, Redactor, secretsOf } from '../shared/log.ts';
import { schemaHash } from '../shared/metrics/metrics.ts';
import { PRIMARY_FILE } from '../shared/state/primary-file.ts';
import { stateFolder } from '../shared/state/state-files.ts';
import { CircuitGate } from './circuits/circuit-gate.ts';
import { WorkerLifecycle } from './lifecycle/worker-lifecycle.ts';
import { OrphanFile } from './reporting/orphan-file.ts';
import { Outbox } from './reporting/outbox.ts';
import { createWorkerRegistry } from './reporting/process-metrics.ts';
import { RequestLog } from './reporting/request-log.ts';
import { SnapshotWriter } from './reporting/snapshot-writer.ts';
import { createDataPlane } from './server/server.ts';

/** Its channel's other end when it was born: nobody but the primary forks workers. */
const primaryPid = process.ppid;

function boot(init: WorkerInit): WorkerLifecycle {
  const { config, slot, workerId } = init;
  const clock = systemClock;
  const redactor = new Redactor(secretsOf(config));
  const { log, sink } = createBufferedLog({
    level: config.log.level,
    redactor,
    pretty: process.stdout.isTTY,
    base: { worker: slot },
  });
  const requestLog = new RequestLog(log, sink, slot, clock);
  const { registry, metrics } = createWorkerRegistry({ slot, inFlight: () => plane.inFlight() });
  const outbox = new Outbox({ metrics, send, clock });
  const gate = new CircuitGate({
    clock,
    requestLease: (provider, request) => send({ type: 'lease-request', provider, request }),
    returnLease: (provider, lease) => send({ type: 'lease-return', provider, lease }),
    primaryHeardAtMs: () => life.heardAtMs,
    circuitOptions: (provider) => life.config.providers[provider]?.circuit,
  });
  const pipe = new net.Socket({ fd: SNAPSHOT_FD, readable: false, writable: true });
  const snapshots = new SnapshotWriter({ registry, outbox, workerId, pipe, clock, log });
  const plane = createDataPlane({ init, outbox, gate, redactor, log, requestLog, clock });
  const folder = stateFolder(config.stateDir, init.port);
  const numbers = new OrphanFile({ folder, workerId, registry, outbox, clock, log });
  const life: WorkerLifecycle = new WorkerLifecycle({
    init,
    plane,
    outbox,
    snapshots,
    gate,
    send,
    orphan: { primaryFile: join(folder, PRIMARY_FILE), primaryPid, numbers },
    exit: (code) => process.exit(code),
    clock,
    log,
  });
  gate.apply(init.circuits);
  return life;
}

/** Sends to the primary; `done` hears when the message is in the pipe, or why it never will be. */
function send(message: WorkerMessage, done: (error: Error | null) => void = ignoreFailure): void {
  if (process.send === undefined || !process.connected) done(new Error('there is no primary'));
  else process.send(envelope(message), undefined, undefined, done);
}

/** A message that did not reach a dead primary needs no care: its `disconnect` is on the way. */
function ignoreFailure(): void {}

/** Runs until the process ends. */
export function runWorker(): void {
  let life: WorkerLifecycle | null = null;
  // Before it serves there is nothing to finish.
  process.on('SIGTERM', () => (life === null ? process.exit(0) : life.terminate()));
  process.on('error', ignoreFailure);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      if (life === null) throw error;
      life.fail(error);
    });
  }
  process.on('message', (message: unknown, socket: unknown) => {
    if (!isPrimaryMessage(message)) return;
    if (message.type !== 'init') return life?.receive(message);
    if (message.protocol !== PROTOCOL || message.schema !== schemaHash()) {
      process.stderr.write('this worker is of another version than its primary: restart the gateway\n');
      process.exit(1);
    }
    if (message.slotSocket && !(socket instanceof net.Socket)) {
      process.stderr.write('this worker got no socket to listen on\n');
      process.exit(1);
    }
    life = boot(message);
    life.listen(socket instanceof net.Socket ? socket : null);
  });
  cluster.worker?.on('disconnect', () => {
    // Node would end this process here; it ends itself when it is no longer needed.
    if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
    if (life === null) process.exit(0);
    life.primaryGone();
  });
  send({ type: 'booted' });
}
