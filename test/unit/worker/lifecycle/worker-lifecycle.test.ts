/**
 * The lifecycle of a worker with a data plane that only records its calls. The tests with real processes are in
 * `test/cluster`.
 */
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { PROTOCOL, type WorkerInit, type WorkerMessage } from '../../../../src/shared/ipc.ts';
import { createMetrics, schemaHash } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import { orphanPath } from '../../../../src/shared/state/state-files.ts';
import { CircuitGate } from '../../../../src/worker/circuits/circuit-gate.ts';
import { PrimaryContact } from '../../../../src/worker/lifecycle/primary-contact.ts';
import { WorkerLifecycle } from '../../../../src/worker/lifecycle/worker-lifecycle.ts';
import { PriceBook } from '../../../../src/worker/prices/price-book.ts';
import { FailureReports } from '../../../../src/worker/reporting/failure-reports.ts';
import { OrphanFile } from '../../../../src/worker/reporting/orphan-file.ts';
import { Outbox } from '../../../../src/worker/reporting/outbox.ts';
import { SnapshotWriter } from '../../../../src/worker/reporting/snapshot-writer.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const config = { ...testConfig({ openai: 1 }), drain: { stopMs: 5_000, restartMs: 60_000, announceMs: 200 } };

class Exit extends Error {}

describe('the lifecycle of a worker', () => {
  let place: ReturnType<typeof temporaryFolder>;
  let clock: ManualClock;
  let server: http.Server;
  let sent: WorkerMessage[];
  let calls: string[];
  let exits: number[];
  let drained: PromiseWithResolvers<void>;
  let reconfigure: () => void;
  let exit: () => never;
  let lifecycle: WorkerLifecycle;
  let contact: PrimaryContact;

  beforeEach(async () => {
    place = temporaryFolder();
    clock = new ManualClock();
    server = http.createServer();
    [sent, calls, exits] = [[], [], []];
    drained = Promise.withResolvers();
    reconfigure = () => undefined;
    // The process of the tests goes on, so code after an exit must do no harm.
    exit = () => undefined as never;
    lifecycle = makeLifecycle();
    lifecycle.listen(null);
    await once(server, 'listening');
  });

  afterEach(() => {
    server.close();
    place.remove();
  });

  function makeLifecycle(): WorkerLifecycle {
    const { log } = keptLog();
    const registry = new Registry();
    const outbox = new Outbox({ metrics: createMetrics(registry), send: (_message, done) => done(null), clock });
    const pipe = new PassThrough().resume();
    contact = new PrimaryContact(init, clock);
    return new WorkerLifecycle({
      init,
      contact,
      plane: {
        server,
        inFlight: () => 3,
        traffic: () => [],
        silent: () => [],
        reconfigure: () => {
          calls.push('reconfigure');
          reconfigure();
        },
        traced: async () => undefined,
        certify: () => void calls.push('certify'),
        announce: () => void calls.push('announce'),
        drain: (limitMs) => {
          calls.push(`drain ${limitMs}`);
          return drained.promise;
        },
      },
      outbox,
      failures: new FailureReports({ worker: 0, send: (_message, done) => done(), clock }),
      snapshots: new SnapshotWriter({ registry, outbox, workerId: 'w1', pipe, clock, log }),
      gate: new CircuitGate({
        clock,
        requestLease: () => undefined,
        returnLease: () => undefined,
        primaryLastMessageAtMs: () => clock.nowMs(),
        circuitOptions: () => undefined,
      }),
      credentials: {
        take: (held) => void calls.push(`credentials ${held.length}`),
        alone: () => undefined,
      },
      prices: new PriceBook({ ask: () => undefined, clock }),
      send: (message) => sent.push(message),
      orphan: {
        primaryFile: path.join(place.folder, 'primary.json'),
        primaryPid: 1,
        numbers: new OrphanFile({
          folder: place.folder,
          workerId: 'w1',
          registry,
          outbox,
          failures: { left: () => ({ worker: 0, failures: [], withheld: 0 }) },
          clock,
          log,
        }),
      },
      exit: (code) => {
        exits.push(code);
        return exit();
      },
      clock,
      log,
    });
  }

  const last = () => sent.at(-1);
  const exited = () => eventually('it exits', () => exits.length > 0);

  it('sends ready when it listens, and then a heartbeat each second', () => {
    expect(sent).to.deep.equal([
      { type: 'ready', pid: process.pid },
      { type: 'heartbeat', inFlight: 3, state: 'ready' },
    ]);
    clock.advance(2_000);
    expect(sent).to.have.length(4);
  });

  it('applies a newer configuration and acknowledges it', () => {
    lifecycle.receive({ type: 'config', config, configVersion: 2 });
    expect(last()).to.deep.equal({ type: 'config-ack', configVersion: 2 });
    expect(calls).to.deep.equal(['reconfigure']);
    expect(contact.config).to.equal(config);
  });

  it('keeps its configuration when an older one arrives late', () => {
    lifecycle.receive({ type: 'config', config, configVersion: 3 });
    lifecycle.receive({ type: 'config', config: testConfig({ openai: 2 }), configVersion: 2 });
    expect(last()).to.deep.equal({ type: 'config-ack', configVersion: 2 });
    expect(contact.config).to.equal(config);
  });

  it('reports why it cannot apply a configuration', () => {
    reconfigure = () => {
      throw new Error('no such dialect');
    };
    lifecycle.receive({ type: 'config', config, configVersion: 2 });
    expect(last()).to.deep.equal({ type: 'config-ack', configVersion: 2, refused: 'no such dialect' });
    expect(contact.config).to.equal(init.config);
  });

  it('drains on an order, and exits when all counts are sent', async () => {
    lifecycle.receive({ type: 'drain', reason: 'replaced', limitMs: 60_000 });
    clock.advance(1_000);
    expect(last()).to.deep.equal({ type: 'heartbeat', inFlight: 3, state: 'draining' });
    expect(calls).to.deep.equal(['drain 60000']);
    expect(exits).to.deep.equal([]);
    drained.resolve();
    await exited();
    expect(exits).to.deep.equal([0]);
  });

  it('announces a stop before it drains', async () => {
    lifecycle.receive({ type: 'config', config, configVersion: 2 });
    lifecycle.receive({ type: 'drain', reason: 'stop', limitMs: 5_000 });
    expect(calls).to.deep.equal(['reconfigure', 'announce']);
    clock.advance(200);
    await eventually('it drains', () => calls.includes('drain 5000'));
    drained.resolve();
    await exited();
  });

  it('drains faster on a second order with less time, never slower', async () => {
    lifecycle.receive({ type: 'drain', reason: 'replaced', limitMs: 60_000 });
    lifecycle.receive({ type: 'drain', reason: 'replaced', limitMs: 5_000 });
    lifecycle.receive({ type: 'drain', reason: 'replaced', limitMs: 90_000 });
    clock.advance(4_999);
    expect(calls).to.deep.equal(['drain 60000']);
    clock.advance(1);
    expect(calls).to.deep.equal(['drain 60000', 'drain 0']);
    drained.resolve();
    await exited();
  });

  it('requests a successor on SIGTERM', () => {
    lifecycle.terminate();
    expect(last()).to.deep.equal({ type: 'drain-request' });
    expect(calls).to.deep.equal([]);
  });

  it('drains on SIGTERM without a successor if the primary is silent', async () => {
    clock.advance(5_001);
    lifecycle.terminate();
    await eventually('it drains', () => calls[0]);
    expect(calls[0]).to.match(/^drain /);
    drained.resolve();
    await exited();
  });

  it('writes its counts to a file when the primary is gone, and then ends on SIGTERM', async () => {
    lifecycle.primaryGone();
    await eventually('its file', () => existsSync(orphanPath(place.folder, 'w1')));
    lifecycle.terminate();
    drained.resolve();
    await exited();
    expect(exits).to.deep.equal([0]);
  });

  it('drains within a second as an orphan of an older generation than the previous one', async () => {
    const successor = { pid: 2, generation: init.generation + 2, state: 'ready' };
    writeFileSync(path.join(place.folder, 'primary.json'), JSON.stringify(successor));
    lifecycle.primaryGone();
    clock.advance(1_000);
    expect(await eventually('it drains', () => calls[0])).to.equal('drain 1000');
    drained.resolve();
    await exited();
  });

  it('drains for a second after an uncaught error and exits with 1', async () => {
    lifecycle.fail(new Error('a bug'));
    expect(calls).to.deep.equal(['drain 1000']);
    drained.resolve();
    await exited();
    expect(exits).to.deep.equal([1]);
  });

  it('ends its requests within a second after an uncaught error in a drain too, and immediately after a second one', async () => {
    lifecycle.receive({ type: 'drain', reason: 'replaced', limitMs: 60_000 });
    lifecycle.fail(new Error('a bug'));
    expect([calls, exits]).to.deep.equal([['drain 60000', 'drain 1000'], []]);
    lifecycle.fail(new Error('another'));
    expect(exits).to.deep.equal([1]);
    drained.resolve();
    await eventually('it exits', () => exits.length === 2);
    expect(exits).to.deep.equal([1, 1]);
  });

  it('exits immediately if the primary dies before it has served', () => {
    exit = () => {
      throw new Exit();
    };
    const young = makeLifecycle();
    expect(() => young.primaryGone()).to.throw(Exit);
    expect(exits).to.deep.equal([0]);
  });
});

const init: WorkerInit = {
  type: 'init',
  protocol: PROTOCOL,
  schema: schemaHash(),
  workerId: 'w1',
  slot: 0,
  config: testConfig({ openai: 1 }),
  configVersion: 1,
  circuits: { version: 1, since: null, circuits: [], cooldowns: [] },
  credentials: [],
  prices: null,
  certificate: null,
  slotSocket: false,
  port: 0,
  adminPort: 0,
  relaySecret: '',
  generation: 1,
};
