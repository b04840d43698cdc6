import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  currentFormat,
  hasCurrentFormat,
  isOrphanSnapshot,
  orphanIdOf,
  orphanPath,
  stateFolder,
  writeWhole,
} from '../../../src/shared/state-files.ts';
import { temporaryFolder } from '../../helpers/numbers.ts';

describe('state files', () => {
  it('lie in a folder per port', () => {
    expect(stateFolder('/var/lib/headgate', 8080)).to.equal('/var/lib/headgate/8080');
  });

  it('name an orphan, and are recognised by that name alone', () => {
    expect(orphanIdOf(path.basename(orphanPath('/state', 'a1-b2')))).to.equal('a1-b2');
    expect(orphanIdOf('books.json')).to.equal(null);
    expect(orphanIdOf('orphan-a1.json.unfinished')).to.equal(null);
  });

  it('replace each other whole and leave nothing else behind', () => {
    const { folder, remove } = temporaryFolder();
    try {
      const file = path.join(folder, 'x.json');
      writeWhole(file, 'a long old text');
      writeWhole(file, 'new');
      expect(readFileSync(file, 'utf8')).to.equal('new');
      expect(readdirSync(folder)).to.deep.equal(['x.json']);
    } finally {
      remove();
    }
  });

  it('are told apart from those of another build', () => {
    const orphan = { ...currentFormat, workerId: 'a', sequence: 3, metrics: [] };
    expect(isOrphanSnapshot(orphan)).to.equal(true);
    expect(isOrphanSnapshot({ ...orphan, schema: 'other' })).to.equal(false);
    expect(isOrphanSnapshot({ ...orphan, sequence: 'three' })).to.equal(false);
    expect(hasCurrentFormat({ ...currentFormat, protocol: -1 })).to.equal(false);
    expect(hasCurrentFormat(null)).to.equal(false);
  });
});
