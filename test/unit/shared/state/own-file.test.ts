import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { MAX_NUMBERS_BYTES, openOwnFile, readOwnFile, writeWhole } from '../../../../src/shared/state/own-file.ts';
import { ForeignStateError } from '../../../../src/shared/state/own-folder.ts';

describe('a file of the state folder', () => {
  let temporary: TemporaryFolder;
  let file: string;
  beforeEach(() => {
    temporary = temporaryFolder();
    mkdirSync(path.join(temporary.folder, '8080'), { mode: 0o700 });
    file = path.join(temporary.folder, '8080', 'books.json');
  });
  afterEach(() => temporary.remove());

  const names = () => readdirSync(path.dirname(file));
  const refused = async () => {
    expect(() => readOwnFile(file)).to.throw(ForeignStateError);
    const error: unknown = await openOwnFile(file).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(ForeignStateError);
  };

  it('is replaced whole, for this user alone, and nothing else is left', () => {
    writeWhole(file, 'a long old text');
    writeWhole(file, 'new');
    expect(readOwnFile(file)).to.equal('new');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(names()).to.deep.equal(['books.json']);
  });

  it('leaves nothing behind that could not become whole', () => {
    // No file can be renamed to a folder.
    mkdirSync(file);
    expect(() => writeWhole(file, 'text')).to.throw();
    expect(names()).to.deep.equal(['books.json']);
  });

  it('is written past links at its place and at the place where the first version wrote it', () => {
    const precious = path.join(temporary.folder, 'precious');
    writeFileSync(precious, 'precious');
    symlinkSync(precious, file);
    symlinkSync(precious, `${file}.unfinished`);
    writeWhole(file, 'new');
    expect(readFileSync(precious, 'utf8')).to.equal('precious');
    expect(readOwnFile(file)).to.equal('new');
  });

  it('is not read through a link, also not one to a file of ours', async () => {
    const other = path.join(temporary.folder, 'other');
    writeFileSync(other, '{}');
    symlinkSync(other, file);
    expect(() => readOwnFile(file)).to.throw('ELOOP');
    expect(String(await openOwnFile(file).catch((cause: unknown) => cause))).to.contain('ELOOP');
  });

  it('is not read under a second name', async () => {
    const other = path.join(temporary.folder, 'other');
    writeFileSync(other, '{}');
    linkSync(other, file);
    await refused();
  });

  it('is not waited for if it is a pipe, nor read if it is a folder', async () => {
    spawnSync('mkfifo', [file]);
    await refused();
    writeWhole(file, '');
    mkdirSync(`${file}.d`);
    expect(() => readOwnFile(`${file}.d`)).to.throw(ForeignStateError);
  });

  it('is not read above its limit', async () => {
    writeFileSync(file, '');
    truncateSync(file, MAX_NUMBERS_BYTES + 1);
    await refused();
    expect(() => readOwnFile(file, 10)).to.throw('more than 10');
  });

  it("is not read if it is another user's, or its folder is", async function () {
    if (process.getuid?.() !== 0) return this.skip();
    writeFileSync(file, '{}');
    spawnSync('chown', ['65534', file]);
    await refused();
    spawnSync('chown', ['0', file]);
    spawnSync('chown', ['65534', path.dirname(file)]);
    await refused();
  });

  it('lies in a folder that is closed to others before it is read', () => {
    writeFileSync(file, '{}');
    chmodSync(path.dirname(file), 0o777);
    expect(readOwnFile(file)).to.equal('{}');
    expect(statSync(path.dirname(file)).mode & 0o777).to.equal(0o700);
  });
});
