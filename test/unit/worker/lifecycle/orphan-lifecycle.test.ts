import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { createMetrics } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import type { PrimaryFile } from '../../../../src/shared/state/primary-file.ts';
import { orphanPath } from '../../../../src/shared/state/state-files.ts';
import { type Hurry, judgeSuccessor, OrphanLifecycle } from '../../../../src/worker/lifecycle/orphan-lifecycle.ts';
import { OrphanFile } from '../../../../src/worker/reporting/orphan-file.ts';
import { Outbox } from '../../../../src/worker/reporting/outbox.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';

const origin = { generation: 5, primaryPid: 100 };
const file = (parts: Partial<PrimaryFile>): PrimaryFile => ({ pid: 200, generation: 6, state: 'ready', ...parts });

describe('judgeSuccessor', () => {
  it('replaces the orphan when a successor serves', () => {
    expect(judgeSuccessor(file({}), origin)).to.equal('replaced');
  });

  it('keeps the orphan serving while no successor serves', () => {
    expect(judgeSuccessor(null, origin)).to.equal(null);
    expect(judgeSuccessor(file({ state: 'starting' }), origin)).to.equal(null);
    expect(judgeSuccessor(file({ pid: 100, generation: 5 }), origin)).to.equal(null);
    expect(judgeSuccessor(file({ generation: 4 }), origin)).to.equal(null);
  });

  it('accepts a successor of the same generation with another pid', () => {
    expect(judgeSuccessor(file({ generation: 5 }), origin)).to.equal('replaced');
  });

  it('ends an orphan of an older generation than the previous one immediately', () => {
    expect(judgeSuccessor(file({ generation: 7 }), origin)).to.equal('now');
    expect(judgeSuccessor(file({ generation: 7, state: 'starting' }), origin)).to.equal(null);
  });

  it('stops the orphan when its successor is stopping', () => {
    expect(judgeSuccessor(file({ state: 'stopping' }), origin)).to.equal('stop');
  });
});

describe('the lifecycle of an orphan', () => {
  let place: ReturnType<typeof temporaryFolder>;
  let clock: ManualClock;
  let left: Hurry[];
  let lifecycle: OrphanLifecycle;
  const primaryFile = () => path.join(place.folder, 'primary.json');

  beforeEach(() => {
    place = temporaryFolder();
    clock = new ManualClock();
    left = [];
    const registry = new Registry();
    const outbox = new Outbox({ metrics: createMetrics(registry), send: () => undefined, clock });
    const { log } = keptLog();
    const numbers = new OrphanFile({
      folder: place.folder,
      workerId: 'w1',
      registry,
      outbox,
      failures: { left: () => ({ worker: 0, failures: [], withheld: 0 }) },
      clock,
      log,
    });
    lifecycle = new OrphanLifecycle({
      primaryFile: primaryFile(),
      origin,
      numbers,
      leave: (hurry) => left.push(hurry),
      clock,
      log,
    });
  });

  afterEach(async () => {
    await lifecycle.end();
    place.remove();
  });

  it('writes its counts to a file immediately', async () => {
    await eventually('its file', () => existsSync(orphanPath(place.folder, 'w1')));
    expect(left).to.deep.equal([]);
  });

  it('leaves when a successor serves', async () => {
    writeFileSync(primaryFile(), JSON.stringify(file({})));
    clock.advance(1_000);
    expect(await eventually('it leaves', () => left[0])).to.equal('replaced');
  });

  it('leaves after a minute without a successor', () => {
    clock.advance(59_999);
    expect(left).to.deep.equal([]);
    clock.advance(1);
    expect(left).to.deep.equal(['replaced']);
  });

  it('keeps checking while the file cannot be read', async () => {
    writeFileSync(primaryFile(), '{"pid":');
    clock.advance(5_000);
    writeFileSync(primaryFile(), JSON.stringify(file({})));
    clock.advance(1_000);
    await eventually('it leaves', () => left.length > 0);
    expect(left[0]).to.equal('replaced');
  });
});
