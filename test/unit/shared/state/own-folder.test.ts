import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { checkOwnFolder, ensureOwnFolder, ForeignStateError } from '../../../../src/shared/state/own-folder.ts';

describe("a gateway's folder", () => {
  let temporary: TemporaryFolder;
  let stateDir: string;
  let folder: string;
  beforeEach(() => {
    temporary = temporaryFolder();
    stateDir = path.join(temporary.folder, 'state');
    folder = path.join(stateDir, '8080');
  });
  afterEach(() => temporary.remove());

  const modeOf = (place: string) => statSync(place).mode & 0o777;

  it('is made for this user alone', () => {
    expect(ensureOwnFolder(folder)).to.deep.equal([]);
    expect([modeOf(stateDir), modeOf(folder)]).to.deep.equal([0o700, 0o700]);
    expect(() => checkOwnFolder(folder)).not.to.throw();
    expect(() => checkOwnFolder(path.join(stateDir, '1'))).to.throw('ENOENT');
  });

  it('is closed to others if it is ours and was open, and so is state_dir to writers', () => {
    mkdirSync(folder, { recursive: true });
    chmodSync(stateDir, 0o777);
    chmodSync(folder, 0o775);
    expect(ensureOwnFolder(folder)).to.deep.equal([stateDir, folder]);
    expect([modeOf(stateDir), modeOf(folder)]).to.deep.equal([0o755, 0o700]);
    expect(ensureOwnFolder(folder)).to.deep.equal([]);
  });

  it('may lie in a sticky folder like /tmp, and behind a link of ours', () => {
    mkdirSync(stateDir);
    chmodSync(stateDir, 0o1777);
    expect(ensureOwnFolder(folder)).to.deep.equal([]);
    expect(statSync(stateDir).mode & 0o7777).to.equal(0o1777);
    symlinkSync(stateDir, path.join(temporary.folder, 'link'));
    expect(() => ensureOwnFolder(path.join(temporary.folder, 'link', '8081'))).not.to.throw();
    expect(readdirSync(stateDir)).to.deep.equal(['8080', '8081']);
  });

  it('is refused if it is a link or a file', () => {
    mkdirSync(path.join(stateDir, 'elsewhere'), { recursive: true });
    symlinkSync('elsewhere', folder);
    expect(() => ensureOwnFolder(folder)).to.throw(ForeignStateError, 'is no folder');
    writeFileSync(path.join(stateDir, '8081'), '');
    expect(() => ensureOwnFolder(path.join(stateDir, '8081'))).to.throw('EEXIST');
  });

  it("is refused if it is another user's, or in or behind something of another user's", function () {
    if (process.getuid?.() !== 0) return this.skip();
    ensureOwnFolder(folder);
    const give = (place: string, uid: string) => spawnSync('chown', ['-h', uid, place]);
    give(folder, '65534');
    expect(() => ensureOwnFolder(folder)).to.throw(ForeignStateError, 'another user');
    give(folder, '0');
    give(stateDir, '65534');
    expect(() => ensureOwnFolder(folder)).to.throw(ForeignStateError, 'another user');
    give(stateDir, '0');
    symlinkSync(stateDir, path.join(temporary.folder, 'link'));
    give(path.join(temporary.folder, 'link'), '65534');
    expect(() => ensureOwnFolder(path.join(temporary.folder, 'link', '8080'))).to.throw(ForeignStateError);
  });
});
