/**
 * A worker's life with a data plane that only remembers what it was told; the processes themselves are in
 * `test/cluster`.
 */
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { PROTOCOL, type WorkerInit, type WorkerMessage } from '../../../../src/shared/ipc.ts';
import { createMetrics, schemaHash } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import { orphanPath } from '../../../../src/shared/state/state-files.ts';
import { CircuitGate } from '../../../../src/worker/circuits/circuit-gate.ts';
import { WorkerLifecycle } from '../../../../src/worker/lifecycle/worker-lifecycle.ts';
import { OrphanFile } from '../../../../src/worker/reporting/orphan-file.ts';
import { Outbox } from '../../../../src/worker/reporting/outbox.ts';
import { SnapshotWriter } from '../../../../src/worker/reporting/snapshot-writer.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog, temporaryFolder } from '../../../helpers/numbers.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const config = { ...testConfig({ openai: 1 }), drain: { stopMs: 5_000, restartMs: 60_000, announceMs: 200 } };

class Exit extends Error {}

describe("a worker's life", () => {
  let place: ReturnType<typeof temporaryFolder>;
  let clock: ManualClock;
  let server: http.Server;
  let sent: WorkerMessage[];
  let told: string[];
  let exits: number[];
  let drained: PromiseWithResolvers<void>;
  let reconfigure: () => void;
  let exit: () => never;
  let life: WorkerLifecycle;

  beforeEach(async () => {
    place = temporaryFolder();
    clock = new ManualClock();
    server = http.createServer();
    [sent, told, exits] = [[], [], []];
    drained = Promise.withResolvers();
    reconfigure = () => undefined;
    // The tests live on; what follows an exit must not matter.
    exit = () => undefined as never;
    life = makeLifecycle();
    life.listen(null);
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
    return new WorkerLifecycle({
      init,
      plane: {
        server,
        inFlight: () => 3,
        reconfigure: () => {
          told.push('reconfigure');
          reconfigure();
        },
        announce: () => void told.push('announce'),
        drain: (limitMs) => {
          told.push(`drain ${limitMs}`);
          return drained.promise;
        },
      },
      outbox,
      snapshots: new SnapshotWriter({ registry, outbox, workerId: 'w1', pipe, clock, log }),
      gate: new CircuitGate({
        clock,
        requestLease: () => undefined,
        returnLease: () => undefined,
        primaryHeardAtMs: () => clock.nowMs(),
        circuitOptions: () => undefined,
      }),
      send: (message) => sent.push(message),
      orphan: {
        primaryFile: path.join(place.folder, 'primary.json'),
        primaryPid: 1,
        numbers: new OrphanFile({ folder: place.folder, workerId: 'w1', registry, outbox, clock, log }),
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

  it('says that it listens, and then each second that it lives', () => {
    expect(sent).to.deep.equal([
      { type: 'ready', pid: process.pid },
      { type: 'heartbeat', inFlight: 3, state: 'ready' },
    ]);
    clock.advance(2_000);
    expect(sent).to.have.length(4);
  });

  it('takes a newer configuration and says so', () => {
    life.receive({ type: 'config', config, configVersion: 2 });
    expect(last()).to.deep.equal({ type: 'config-ack', configVersion: 2 });
    expect(told).to.deep.equal(['reconfigure']);
    expect(life.config).to.equal(config);
  });

  it('keeps what it has when an older configuration comes late', () => {
    life.receive({ type: 'config', config, configVersion: 3 });
    life.receive({ type: 'config', config: testConfig({ openai: 2 }), configVersion: 2 });
    expect(last()).to.deep.equal({ type: 'config-ack', configVersion: 2 });
    expect(life.config).to.equal(config);
  });

  it('says why it cannot take a configuration', () => {
    reconfigure = () => {
      throw new Error('no such dialect');
    };
    life.receive({ type: 'config', config, configVersion: 2 });
    expect(last()).to.deep.equal({ type: 'config-ack', configVersion: 2, refused: 'no such dialect' });
    expect(life.config).to.equal(init.config);
  });

  it('drains when told, and exits when all is handed over', async () => {
    life.receive({ type: 'drain', reason: 'replaced', limitMs: 60_000 });
    clock.advance(1_000);
    expect(last()).to.deep.equal({ type: 'heartbeat', inFlight: 3, state: 'draining' });
    expect(told).to.deep.equal(['drain 60000']);
    expect(exits).to.deep.equal([]);
    drained.resolve();
    await exited();
    expect(exits).to.deep.equal([0]);
  });

  it('announces a stop before it closes', async () => {
    life.receive({ type: 'config', config, configVersion: 2 });
    life.receive({ type: 'drain', reason: 'stop', limitMs: 5_000 });
    expect(told).to.deep.equal(['reconfigure', 'announce']);
    clock.advance(200);
    await eventually('it drains', () => told.includes('drain 5000'));
    drained.resolve();
    await exited();
  });

  it('drains faster when told again with less time, never slower', async () => {
    life.receive({ type: 'drain', reason: 'replaced', limitMs: 60_000 });
    life.receive({ type: 'drain', reason: 'replaced', limitMs: 5_000 });
    life.receive({ type: 'drain', reason: 'replaced', limitMs: 90_000 });
    clock.advance(4_999);
    expect(told).to.deep.equal(['drain 60000']);
    clock.advance(1);
    expect(told).to.deep.equal(['drain 60000', 'drain 0']);
    drained.resolve();
    await exited();
  });

  it('asks for a successor when it is told to end', () => {
    life.terminate();
    expect(last()).to.deep.equal({ type: 'drain-request' });
    expect(told).to.deep.equal([]);
  });

  it('ends by itself when the primary would not answer', async () => {
    clock.advance(5_001);
    life.terminate();
    await eventually('it drains', () => told[0]);
    expect(told[0]).to.match(/^drain /);
    drained.resolve();
    await exited();
  });

  it('keeps its numbers in a file when the primary is gone, and obeys a signal then', async () => {
    life.primaryGone();
    await eventually('its file', () => existsSync(orphanPath(place.folder, 'w1')));
    life.terminate();
    drained.resolve();
    await exited();
    expect(exits).to.deep.equal([0]);
  });

  it('leaves within a second, not at once, when it is an orphan of an earlier life than the last', async () => {
    const successor = { pid: 2, generation: init.generation + 2, state: 'ready' };
    writeFileSync(path.join(place.folder, 'primary.json'), JSON.stringify(successor));
    life.primaryGone();
    clock.advance(1_000);
    expect(await eventually('it drains', () => told[0])).to.equal('drain 1000');
    drained.resolve();
    await exited();
  });

  it('ends soon after an error that nobody caught, and with 1', async () => {
    life.fail(new Error('a bug'));
    expect(told).to.deep.equal(['drain 1000']);
    drained.resolve();
    await exited();
    expect(exits).to.deep.equal([1]);
  });

  it('exits at once when the primary dies before it served', () => {
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
  circuits: { version: 1, circuits: [], cooldowns: [] },
  slotSocket: false,
  port: 0,
  adminPort: 0,
  relaySecret: '',
  generation: 1,
};
