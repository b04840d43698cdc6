import { readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import {
  ensureFolder,
  finishedNameOf,
  isOrphanNumbers,
  orphanIdOf,
  orphanPath,
  stateFolder,
} from '../../../../src/shared/state/state-files.ts';

describe('state files', () => {
  it('lie in a folder per port', () => {
    expect(stateFolder('/var/lib/headgate', 8080)).to.equal('/var/lib/headgate/8080');
  });

  it('name an orphan, and are recognised by that name alone', () => {
    expect(orphanIdOf(path.basename(orphanPath('/state', 'a1-b2')))).to.equal('a1-b2');
    expect(orphanIdOf('books.json')).to.equal(null);
    expect(orphanIdOf('orphan-a1.json.unfinished')).to.equal(null);
  });

  it('are recognised by their names while they are unfinished, and no others are', () => {
    for (const name of ['books.json', 'primary.json', 'orphan-a1.json']) {
      expect(finishedNameOf(`${name}.unfinished`)).to.equal(name);
      expect(finishedNameOf(`${name}.0123456789abcdef.unfinished`)).to.equal(name);
      expect(finishedNameOf(name)).to.equal(null);
    }
    expect(finishedNameOf('notes.txt.unfinished')).to.equal(null);
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

  it('are an orphan’s whichever version wrote it, if they name the worker and hold a list of metrics', () => {
    const orphan = { workerId: 'a', sequence: 3, metrics: [] };
    expect(isOrphanNumbers(orphan)).to.equal(true);
    expect(isOrphanNumbers({ ...orphan, protocol: 2, schema: 'of the first version' })).to.equal(true);
    expect(isOrphanNumbers({ ...orphan, metrics: [{ of: 'a later version' }] })).to.equal(true);
    expect(isOrphanNumbers({ ...orphan, sequence: 'three' })).to.equal(false);
    expect(isOrphanNumbers({ ...orphan, metrics: {} })).to.equal(false);
    expect(isOrphanNumbers({ ...orphan, sequence: -1 })).to.equal(false);
    expect(isOrphanNumbers({ ...orphan, workerId: '../../a' })).to.equal(false);
    expect(isOrphanNumbers(null)).to.equal(false);
  });
});
