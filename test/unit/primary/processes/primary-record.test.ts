import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { PrimaryRecord } from '../../../../src/primary/processes/primary-record.ts';
import { keptLog, temporaryFolder } from '../../../helpers/numbers.ts';

describe('the record of a primary', () => {
  let place: ReturnType<typeof temporaryFolder>;
  const folder = () => path.join(place.folder, '8080');
  const open = () => new PrimaryRecord(folder(), keptLog().log);
  const file = () => path.join(folder(), 'primary.json');

  beforeEach(() => {
    place = temporaryFolder();
  });
  afterEach(() => place.remove());

  it('says which life it is and how far', () => {
    const record = open();
    record.write('starting');
    record.write('ready');
    expect(JSON.parse(readFileSync(file(), 'utf8'))).to.deep.equal({ pid: process.pid, generation: 1, state: 'ready' });
  });

  it('counts lives that were ready', () => {
    open().write('ready');
    const second = open();
    expect(second.generation).to.equal(2);
    second.write('starting');
    expect(open().generation).to.equal(2);
  });

  it('begins anew after a clean stop, which leaves no file', () => {
    const record = open();
    record.write('ready');
    for (const name of ['orphan-a1.json', 'orphan-a1.json.unfinished', 'primary.json.unfinished']) {
      writeFileSync(path.join(folder(), name), '{}');
    }
    record.remove();
    expect(readdirSync(folder())).to.deep.equal([]);
    expect(open().generation).to.equal(1);
  });

  it('leaves files of others alone', () => {
    const record = open();
    record.write('ready');
    const other = path.join(folder(), 'notes.txt');
    writeFileSync(other, '');
    record.remove();
    expect(existsSync(other)).to.equal(true);
  });

  it('takes a broken file for none', () => {
    open().write('ready');
    writeFileSync(file(), '{"pid":');
    expect(open().generation).to.equal(1);
  });
});
