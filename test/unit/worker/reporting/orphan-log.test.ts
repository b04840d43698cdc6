import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { orphanLogPath } from '../../../../src/shared/state/state-files.ts';
import { OrphanLog } from '../../../../src/worker/reporting/orphan-log.ts';

describe('the log file of an orphan', () => {
  const temporary = temporaryFolder();
  after(() => temporary.remove());

  it('takes blocks in order, for this user alone, and begins anew when a primary has renamed it', () => {
    const folder = path.join(temporary.folder, 'not', 'yet', 'there');
    const file = orphanLogPath(folder, 'w1');
    const log = new OrphanLog(folder, 'w1');
    expect(existsSync(file)).to.equal(false);
    expect(log.append('a\nb\n')).to.equal(true);
    expect(log.append('c\n')).to.equal(true);
    expect(readFileSync(file, 'utf8')).to.equal('a\nb\nc\n');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    renameSync(file, `${file}.renamed`);
    expect(log.append('d\n')).to.equal(true);
    expect(readFileSync(file, 'utf8')).to.equal('d\n');
  });

  it('takes no more than 16 MiB', () => {
    const log = new OrphanLog(temporary.folder, 'w2');
    const block = `${'x'.repeat(1024 * 1024 - 1)}\n`;
    for (let count = 0; count < 16; count += 1) expect(log.append(block)).to.equal(true);
    expect(log.append('x\n')).to.equal(false);
    expect(statSync(orphanLogPath(temporary.folder, 'w2')).size).to.equal(16 * 1024 * 1024);
  });

  it('refuses lines where it cannot be written', () => {
    mkdirSync(orphanLogPath(temporary.folder, 'w3'));
    expect(new OrphanLog(temporary.folder, 'w3').append('x\n')).to.equal(false);
    expect(new OrphanLog('/proc/nowhere', 'w4').append('x\n')).to.equal(false);
  });
});
