/**
 * A worker that counts until it kills itself. It acknowledges each released response with one byte on fd 4, written
 * synchronously. After the last acknowledgement it sends itself SIGKILL in the same turn.
 *
 * Arguments: acknowledgements until death, and responses per turn.
 */
import { writeSync } from 'node:fs';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import { envelope } from '../../src/shared/ipc.ts';
import { createMetrics } from '../../src/shared/metrics/metrics.ts';
import { Registry } from '../../src/shared/metrics/prom.ts';
import { Outbox } from '../../src/worker/reporting/outbox.ts';
import { requestEnded } from './numbers.ts';

const ACKNOWLEDGEMENTS_FD = 4;
const MAX_UNRELEASED = 200;
const [untilDeath = 0, perTurn = 1] = process.argv.slice(2).map(Number);

/** Its timers never run, so a response is released only when its events are delivered. */
const patientClock: Clock = { ...systemClock, after: () => ({ cancel: () => undefined }) };

const outbox = new Outbox({
  metrics: createMetrics(new Registry()),
  clock: patientClock,
  send: (message, done) => process.send?.(envelope(message), undefined, undefined, done),
});

let acknowledged = 0;
let unreleased = 0;

function acknowledge(): void {
  unreleased -= 1;
  writeSync(ACKNOWLEDGEMENTS_FD, '.');
  acknowledged += 1;
  if (acknowledged === untilDeath) process.kill(process.pid, 'SIGKILL');
}

function countSome(): void {
  // As in a real worker, where every connection waits for its response.
  for (let count = 0; count < perTurn && unreleased < MAX_UNRELEASED; count += 1) {
    unreleased += 1;
    outbox.push(requestEnded());
    outbox.whenDelivered(acknowledge);
  }
  setImmediate(countSome);
}

countSome();
