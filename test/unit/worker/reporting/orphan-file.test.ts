import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { createMetrics } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import { isOrphanNumbers, orphanPath } from '../../../../src/shared/state/state-files.ts';
import { OrphanFile } from '../../../../src/worker/reporting/orphan-file.ts';
import { Outbox } from '../../../../src/worker/reporting/outbox.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog, requestEnded } from '../../../helpers/numbers.ts';

function orphanIn(folder: string) {
  const registry = new Registry();
  const clock = new ManualClock();
  const outbox = new Outbox({ metrics: createMetrics(registry), send: (_, done) => done(null), clock });
  outbox.disconnected();
  const { log, messages } = keptLog();
  const file = new OrphanFile({
    folder,
    workerId: 'w1',
    registry,
    outbox,
    failures: { left: () => ({ worker: 0, failures: [], withheld: 0 }) },
    clock,
    log,
  });
  const sequence = () => {
    const json: unknown = JSON.parse(readFileSync(orphanPath(folder, 'w1'), 'utf8'));
    if (!isOrphanNumbers(json)) throw new TypeError('not an orphan snapshot');
    return json.sequence;
  };
  return { file, outbox, clock, messages, sequence };
}

describe('OrphanFile', () => {
  const temporary = temporaryFolder();
  after(() => temporary.remove());

  it('is written immediately, each second, and at the end', async () => {
    const { file, outbox, clock, sequence } = orphanIn(path.join(temporary.folder, 'not', 'yet', 'there'));
    outbox.push(requestEnded());
    await file.start();
    expect(sequence()).to.equal(1);
    outbox.push(requestEnded());
    clock.advance(1000);
    await eventually('the next write', () => sequence() === 2);
    outbox.push(requestEnded());
    await file.final();
    expect(sequence()).to.equal(3);
    expect(clock.pending).to.equal(0);
  });

  it('logs one warning if it cannot be written, and never rejects', async () => {
    const blocked = path.join(temporary.folder, 'a-file');
    writeFileSync(blocked, '');
    const { file, messages } = orphanIn(blocked);
    await file.start();
    await file.final();
    expect(messages).to.deep.equal(['this worker has no primary and cannot write its counts to its file']);
  });
});
