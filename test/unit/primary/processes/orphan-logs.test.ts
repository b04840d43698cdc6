import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../../../scripts/processes/eventually.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { OrphanLogs } from '../../../../src/primary/processes/orphan-logs.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { orphanLogPath } from '../../../../src/shared/state/state-files.ts';
import { OrphanLog } from '../../../../src/worker/reporting/orphan-log.ts';
import { keptLog } from '../../../helpers/numbers.ts';

let started: OrphanLogs[] = [];

function start(folder: string) {
  const output = {
    text: '',
    waitingBytes: 0,
    write(block: string) {
      output.text += block;
    },
  };
  const { log, messages } = keptLog();
  const logs = new OrphanLogs({ folder, output, clock: systemClock, log });
  started.push(logs);
  logs.start();
  return { logs, output, messages };
}

describe('the log lines of orphans', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(async () => {
    for (const logs of started) await logs.stop();
    started = [];
    temporary.remove();
  });

  it('reach the log, and their files are removed', async () => {
    const { folder } = temporary;
    const lines = Array.from({ length: 2000 }, (_, line) => `{"line":${line},"text":"${'ä'.repeat(40)}"}\n`);
    const [one, other] = [new OrphanLog(folder, 'w1'), new OrphanLog(folder, 'w2')];
    for (const line of lines) one.append(line);
    other.append('other\n');
    const { output, messages } = start(folder);
    await eventually('all lines are there', () => output.text === `${lines.join('')}other\n`);
    await eventually('no file is left', () => readdirSync(folder).length === 0);
    one.append('later\n');
    await eventually('the later line is there', () => output.text.endsWith('other\nlater\n'));
    expect(messages).to.deep.equal([]);
  });

  it('reach the log whole, however long they are and whatever characters end a line elsewhere', async () => {
    const { folder } = temporary;
    const lines = `before\n${'x'.repeat(200_000)}\n{"text":"one\u2028two\u2029three\rfour"}\nafter\n`;
    new OrphanLog(folder, 'w1').append(lines);
    const { output } = start(folder);
    await eventually('no file is left', () => readdirSync(folder).length === 0);
    expect(output.text).to.equal(lines);
  });

  it('reach the log although the file of another orphan cannot be read', async () => {
    const { folder } = temporary;
    mkdirSync(orphanLogPath(folder, 'a'));
    new OrphanLog(folder, 'b').append('readable\n');
    const { output, messages } = start(folder);
    await eventually('the other is read', () => output.text === 'readable\n');
    await eventually('it is reported', () => messages.length > 0);
    rmdirSync(orphanLogPath(folder, 'a').replace(/txt$/, 'taken'));
  });

  it('that a dying primary has left come first, and half a line at the end of a file is left out', async () => {
    const { folder } = temporary;
    writeFileSync(orphanLogPath(folder, 'w1').replace(/txt$/, 'taken'), 'first\nhal');
    writeFileSync(orphanLogPath(folder, 'w1'), 'second\n');
    writeFileSync(path.join(folder, 'orphan-w1.json'), '{}');
    const { output } = start(folder);
    await eventually('both are read', () => output.text === 'first\nsecond\n');
    await eventually('the others stay', () => readdirSync(folder).join() === 'orphan-w1.json');
  });

  it('wait while the log takes none, and stay for the next primary if it stops meanwhile', async () => {
    const { folder } = temporary;
    new OrphanLog(folder, 'w1').append('a\n');
    const { logs, output } = start(folder);
    output.waitingBytes = 1024 * 1024;
    await eventually('it is taken', () => readdirSync(folder).join().endsWith('.taken'));
    await logs.stop();
    expect(output.text).to.equal('');
    expect(readdirSync(folder)).to.have.length(1);
    const successor = start(folder);
    await eventually('it is read', () => successor.output.text === 'a\n');
  });

  it('are read for the last time at the stop', async () => {
    const { folder } = temporary;
    const { logs, output } = start(folder);
    new OrphanLog(folder, 'w1').append('last\n');
    await logs.stop();
    expect(output.text).to.equal('last\n');
  });

  it('that cannot be read cost one warning, and a folder that does not exist none', async () => {
    const absent = start(path.join(temporary.folder, 'absent'));
    mkdirSync(orphanLogPath(temporary.folder, 'w1'));
    const { messages } = start(temporary.folder);
    await eventually('it warns', () => messages.length > 0);
    expect(messages).to.deep.equal(["an orphan's log lines cannot be read"]);
    expect(absent.messages).to.deep.equal([]);
    for (const name of readdirSync(temporary.folder)) rmdirSync(path.join(temporary.folder, name));
    expect(existsSync(temporary.folder)).to.equal(true);
  });
});
