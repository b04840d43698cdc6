import { expect } from 'chai';
import { describe, it } from 'mocha';
import { checkoutFaults, lockfileFaults } from '../scripts/lockfile.ts';

const sound = { version: '1.2.3', integrity: 'sha512-abc=' };
const faultsOf = (entry: object, dependencies: object = {}) =>
  lockfileFaults({ packages: { '': {}, 'node_modules/x': entry } }, { dependencies });

describe('the lockfile', () => {
  it('has no fault', () => {
    expect(checkoutFaults()).to.deep.equal([]);
  });

  it('is refused with a package from elsewhere, without its hash, or with a script', () => {
    expect(faultsOf(sound)).to.deep.equal([]);
    const { integrity, ...bare } = sound;
    expect(integrity).to.contain('sha512');
    expect(faultsOf(bare)).to.deep.equal(['node_modules/x: has no sha512']);
    expect(faultsOf({ ...sound, integrity: 'sha1-abc=' })).to.have.length(1);
    for (const resolved of [
      'git+ssh://git@github.com/a/b.git#1',
      'http://registry.npmjs.org/x',
      'https://x.org/x.tgz',
    ]) {
      expect(faultsOf({ ...sound, resolved }), resolved).to.have.length(1);
    }
    expect(faultsOf({ ...sound, link: true })).to.have.length(1);
    expect(faultsOf({ ...sound, hasInstallScript: true })).to.have.length(1);
    expect(lockfileFaults({}, {})).to.have.length(1);
  });

  it('is refused with a package under another name, unless it is that package for a platform', () => {
    const placed = (place: string, name: string) =>
      lockfileFaults({ packages: { [place]: { ...sound, version: '1.2.3-linux-x64', name } } }, {});
    expect(placed('node_modules/x-linux-x64', 'x')).to.deep.equal([]);
    expect(placed('node_modules/y', 'x')).to.deep.equal(['node_modules/y: is x under another name']);
  });

  it('may have a package with a script where no script is run', () => {
    const entry = { packages: { 'node_modules/x': { ...sound, hasInstallScript: true } } };
    expect(lockfileFaults(entry, {}, true)).to.deep.equal([]);
  });

  it('is refused beside a dependency that is no exact version', () => {
    for (const wanted of ['^1.0.0', 'latest', 'github:a/b', 'file:../x', 'https://x.org/x.tgz']) {
      expect(faultsOf(sound, { x: wanted }), wanted).to.have.length(1);
    }
    expect(faultsOf(sound, { x: '1.0.0' })).to.deep.equal([]);
  });
});
