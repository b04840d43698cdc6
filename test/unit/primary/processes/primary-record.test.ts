import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { PrimaryRecord } from '../../../../src/primary/processes/primary-record.ts';
import { keptLog } from '../../../helpers/numbers.ts';

describe('the record of a primary', () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  const folder = () => path.join(temporary.folder, '8080');
  const open = () => new PrimaryRecord(folder(), keptLog().log);
  const file = () => path.join(folder(), 'primary.json');

  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(() => temporary.remove());

  it('holds the generation and its state', () => {
    const record = open();
    record.write('starting');
    record.write('ready');
    expect(JSON.parse(readFileSync(file(), 'utf8'))).to.deep.equal({ pid: process.pid, generation: 1, state: 'ready' });
  });

  it('counts generations that were ready', () => {
    open().write('ready');
    const second = open();
    expect(second.generation).to.equal(2);
    second.write('starting');
    expect(open().generation).to.equal(2);
  });

  it('begins again at 1 after a clean stop, which leaves no file', () => {
    const record = open();
    record.write('ready');
    for (const name of ['orphan-a1.json', 'orphan-a1.json.unfinished', 'primary.json.unfinished']) {
      writeFileSync(path.join(folder(), name), '{}');
    }
    record.remove();
    expect(readdirSync(folder())).to.deep.equal([]);
    expect(open().generation).to.equal(1);
  });

  it('does not remove other files', () => {
    const record = open();
    record.write('ready');
    const other = path.join(folder(), 'notes.txt');
    writeFileSync(other, '');
    record.remove();
    expect(existsSync(other)).to.equal(true);
  });

  it('ignores a broken file', () => {
    open().write('ready');
    writeFileSync(file(), '{"pid":');
    expect(open().generation).to.equal(1);
  });
});
