import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import {
  currentFormat,
  ensureFolder,
  hasCurrentFormat,
  isOrphanSnapshot,
  orphanIdOf,
  orphanPath,
  stateFolder,
  writeWhole,
} from '../../../../src/shared/state/state-files.ts';

describe('state files', () => {
  it('lie in a folder per port', () => {
    expect(stateFolder('/var/lib/headgate', 8080)).to.equal('/var/lib/headgate/8080');
  });

  it('name an orphan, and are recognised by that name alone', () => {
    expect(orphanIdOf(path.basename(orphanPath('/state', 'a1-b2')))).to.equal('a1-b2');
    expect(orphanIdOf('checkpoint.json')).to.equal(null);
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

  it('lie in folders that are made one after the other, for this user alone', () => {
    const { folder, remove } = temporaryFolder();
    try {
      const deep = path.join(folder, 'a', 'b', 'c');
      ensureFolder(deep);
      ensureFolder(deep);
      for (const made of [path.join(folder, 'a'), deep]) expect(statSync(made).mode & 0o777).to.equal(0o700);
      symlinkSync(deep, path.join(folder, 'link'));
      ensureFolder(path.join(folder, 'link', 'd'));
      expect(readdirSync(deep)).to.deep.equal(['d']);
    } finally {
      remove();
    }
  });

  it('have no folder where none can be made, which is said at once', () => {
    const { folder, remove } = temporaryFolder();
    try {
      writeFileSync(path.join(folder, 'file'), '');
      symlinkSync('nowhere', path.join(folder, 'dangling'));
      for (const name of ['file', 'file/below', 'dangling']) {
        expect(() => ensureFolder(path.join(folder, name)), name).to.throw('EEXIST');
      }
    } finally {
      remove();
    }
    // The system says ENOENT there, although the parent exists.
    if (process.platform === 'linux') expect(() => ensureFolder('/proc/nope/8080')).to.throw('ENOENT');
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
