/**
 * The place of a worker under the heaviest load: the real outbox and snapshots, fed with the events of plain requests
 * in every turn of the event loop, without any requests. The number of responses that wait for the delivery of their
 * events is limited, as it is in a worker by its connections, so that the primary determines the speed.
 *
 *   forked by the cluster of `primary.ts` with WORKER_ID SLOT MODELS PER_TURN; ends with its channel
 */
import net from 'node:net';
import { setPriority } from 'node:os';
import { systemClock } from '../../../src/shared/clock.ts';
import { exactSeconds } from '../../../src/shared/events.ts';
import { envelope, SNAPSHOT_FD } from '../../../src/shared/ipc.ts';
import { openLog } from '../../../src/shared/log.ts';
import { Redactor } from '../../../src/shared/secrets/redactor.ts';
import { Outbox } from '../../../src/worker/reporting/outbox.ts';
import { createWorkerRegistry } from '../../../src/worker/reporting/process-metrics.ts';
import { SnapshotWriter } from '../../../src/worker/reporting/snapshot-writer.ts';

/** Few enough that events are delivered within the time that a response waits for that. */
const MAX_TURNS_UNRELEASED = 16;

/** Below the primary's priority: on few cores it would otherwise share its core with senders. */
const NICENESS = 10;

const [workerId = '', slot = '0', models = '1', requestsPerTurn = '1'] = process.argv.slice(2);
const perTurn = Number(requestsPerTurn);
const clock = systemClock;
const names = Array.from({ length: Number(models) }, (_, index) => `model-${index}`);
const { registry, metrics, showInFlight } = createWorkerRegistry(Number(slot));
const outbox = new Outbox({
  metrics,
  clock,
  send: (message, done) => process.send?.(envelope(message), undefined, undefined, done),
});
const snapshots = new SnapshotWriter({
  registry,
  outbox,
  workerId,
  pipe: new net.Socket({ fd: SNAPSHOT_FD, readable: false, writable: true }),
  clock,
  log: openLog({ level: 'warn', redactor: new Redactor() }).log,
});

let requests = 0;
let unreleased = 0;
showInFlight(() => unreleased);
let held = false;

function answerOne(): void {
  const provider = 'openai';
  const model = names[requests % names.length] ?? '';
  requests += 1;
  const took = 200 + Math.random() * 800;
  outbox.push({
    type: 'attempt-ended',
    provider,
    outcome: 'success',
    seconds: exactSeconds(took),
    verdict: 'success',
    request: requests,
    attempt: 1,
    model,
  });
  outbox.push({ type: 'tokens', provider, model, key: 'default', nanoUsd: null, counts: { input: 12, output: 18 } });
  outbox.push({
    type: 'request-ended',
    provider,
    status: 'success',
    model,
    seconds: exactSeconds(took + 0.2),
    overheadSeconds: exactSeconds(0.2),
    endpoint: 'chat_completions',
  });
  unreleased += 1;
  outbox.whenDelivered(released);
}

function released(): void {
  unreleased -= 1;
  if (!held) return;
  held = false;
  setImmediate(turn);
}

function turn(): void {
  for (let count = 0; count < perTurn; count += 1) answerOne();
  // Idle turns while waiting would take CPU time from the measured process.
  if (unreleased >= MAX_TURNS_UNRELEASED * perTurn) held = true;
  else setImmediate(turn);
}

setPriority(NICENESS);
// The channel closes when the measurement is over; what cannot be sent then does not matter.
process.on('error', () => undefined);
snapshots.start();
turn();
