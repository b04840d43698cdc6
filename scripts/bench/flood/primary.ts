/**
 * The place of a primary under a flood of events: only those parts of the real one that receive messages of workers,
 * connected as in `gateway.ts`. Workers are forked by the cluster module, each with a channel and a snapshot pipe, as
 * in the real one.
 *
 * Receives one `Flood` from its parent, answers with `FloodFigures` and runs until its channel closes or it is killed.
 */
import cluster from 'node:cluster';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fill } from '../../../src/config/fill.ts';
import { LiveEvents } from '../../../src/primary/admin/live-events.ts';
import { CircuitAuthority } from '../../../src/primary/circuits/circuit-authority.ts';
import { FailureBook } from '../../../src/primary/failures/failure-book.ts';
import { History } from '../../../src/primary/history/history.ts';
import { Steps } from '../../../src/primary/history/steps.ts';
import { CarryOver } from '../../../src/primary/ledger/carry-over.ts';
import { Checkpoint } from '../../../src/primary/ledger/checkpoint.ts';
import { MetricsLedger } from '../../../src/primary/ledger/metrics-ledger.ts';
import { SnapshotPipes } from '../../../src/primary/ledger/snapshot-pipes.ts';
import { PriceAuthority } from '../../../src/primary/prices/price-authority.ts';
import { loadPriceList } from '../../../src/primary/prices/price-list.ts';
import { ConfigAcks } from '../../../src/primary/reload/config-acks.ts';
import { workerMessages } from '../../../src/primary/worker-messages.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import type { WorkerEvent } from '../../../src/shared/events.ts';
import { envelope, type PrimaryMessage, readWorkerMessage, SNAPSHOT_FD } from '../../../src/shared/ipc.ts';
import { openLog } from '../../../src/shared/log.ts';
import { Redactor } from '../../../src/shared/secrets/redactor.ts';
import type { Flood, FloodFigures } from './protocol.ts';

const sender = fileURLToPath(new URL('worker.ts', import.meta.url));
const clock = systemClock;
const { log } = openLog({ level: 'warn', redactor: new Redactor() });

const taken = { events: 0, requests: 0, snapshots: 0, snapshotBytes: 0, unconfirmed: 0, dropped: 0 };

function tally(events: readonly WorkerEvent[]): void {
  taken.events += events.length;
  for (const event of events) {
    if (event.type === 'request-ended') taken.requests += 1;
    else if (event.type === 'unconfirmed') taken.unconfirmed += event.responses;
    else if (event.type === 'events-dropped') taken.dropped += event.count;
  }
}

function beginFlood({ senders, models, perTurn, folder }: Flood): void {
  // Nothing is carried over from a run before.
  const carryOver = new CarryOver({ known: [], log });
  const ledger = new MetricsLedger({ checkpoint: new Checkpoint({ folder, carryOver, log }), clock, log });
  // One provider with the default limits for its circuit. No request is sent there.
  const config = fill({ providers: { openai: { type: 'openai' } }, models: {} }, folder);
  const circuits = new CircuitAuthority({
    config,
    clock,
    random: Math.random,
    broadcast: () => undefined,
    keep: () => undefined,
    changed: (provider, model, state) => {
      log.error({ provider, model, state }, 'a circuit changed though nothing failed');
    },
    keyRefused: (provider) => log.error({ provider }, 'a key cools down though nothing failed'),
  });
  const credentials = { renew: async () => undefined, held: () => [] };
  const prices = new PriceAuthority({ config, load: loadPriceList, broadcast: () => undefined, log });
  const live = new LiveEvents(clock);
  const history = new History(new Steps(clock));
  const failures = new FailureBook({ publish: (shown) => live.publish(shown), clock });
  const acks = new ConfigAcks(clock);
  const receive = workerMessages({ ledger, circuits, credentials, prices, history, failures, live, acks });
  const pipes = new SnapshotPipes({
    received: (snapshot) => {
      taken.snapshots += 1;
      ledger.snapshot(snapshot);
    },
    log,
  });
  for (let slot = 0; slot < senders; slot += 1) {
    const id = `sender-${slot}`;
    cluster.setupPrimary({
      exec: sender,
      args: [id, String(slot), String(models), String(perTurn)],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    const child = cluster.fork();
    child.on('exit', () => fail(new Error(`${id} has ended`)));
    const descriptors: readonly unknown[] | undefined = child.process.stdio;
    const pipe = descriptors?.[SNAPSHOT_FD];
    if (!(pipe instanceof Readable)) throw new Error(`${id} has no snapshot pipe`);
    ledger.open(id, slot, child.process.pid ?? 0);
    const worker = { id, slot, send: (message: PrimaryMessage) => void child.send(envelope(message)) };
    child.on('message', (value: unknown) => {
      const message = readWorkerMessage(value);
      if (typeof message === 'string') return;
      receive(worker, message);
      if (message.type === 'events') tally(message.events);
    });
    pipe.on('data', (chunk: Buffer) => {
      taken.snapshotBytes += chunk.length;
    });
    void pipes.read(id, pipe);
  }
}

async function measure(flood: Flood): Promise<FloodFigures> {
  beginFlood(flood);
  while (taken.requests === 0) await pause(10);
  await pause(flood.warmUpSeconds * 1000);
  const read = () => ({
    at: performance.now(),
    cpu: process.cpuUsage(),
    loop: performance.eventLoopUtilization(),
    taken: { ...taken },
  });
  const before = read();
  await pause(flood.seconds * 1000);
  const after = read();
  const since = (count: keyof typeof taken) => after.taken[count] - before.taken[count];
  return {
    seconds: (after.at - before.at) / 1000,
    events: since('events'),
    requests: since('requests'),
    cpuMicroseconds: after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system,
    loopBusy: performance.eventLoopUtilization(after.loop, before.loop).utilization,
    snapshots: since('snapshots'),
    snapshotBytes: since('snapshotBytes'),
    unconfirmed: since('unconfirmed'),
    dropped: since('dropped'),
  };
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

process.once('message', (flood: Flood) => {
  measure(flood).then((figures) => process.send?.(figures), fail);
});
process.on('disconnect', () => process.exit(0));
