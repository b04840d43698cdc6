import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { whyUnwritable } from '../../../../src/config/checks/state-dir.ts';
import { inFolder, linesOf, smallest } from '../../../helpers/config-text.ts';

const noFolder = 'but something in this path is no folder';

describe('state_dir', () => {
  it('may be an existing folder or a new one', () => {
    for (const folder of ['.', 'new', 'new/below', '/tmp']) {
      expect(linesOf(`state_dir: ${folder}${smallest}`)).to.deep.equal([]);
    }
  });

  it('is a fault with line and column if it, or a part of its path, is no folder', () => {
    const files = { file: '' };
    for (const given of ['file', 'file/below/it', '/dev/null']) {
      expect(linesOf(`state_dir: ${given}${smallest}`, { files })).to.deep.equal([
        `1:12 state_dir: should be a folder that exists or can be created, got "${given}", ${noFolder}`,
      ]);
    }
  });

  it('is also checked if it is left out', () => {
    const [fault] = linesOf(smallest, { files: { '.headgate': '' } });
    expect(fault).to.contain(`got ".headgate", ${noFolder}`);
  });

  it('is reported together with all other faults, and not shown if it comes from a variable', () => {
    const environment = { FOLDER: 'file' };
    const faults = linesOf(`state_dir: \${FOLDER}\nworkers: 0${smallest}`, { files: { file: '' }, environment });
    expect(faults).to.have.length(2);
    expect(faults[0]).to.contain(`got the value of \${FOLDER}, ${noFolder}`);
  });

  it('is checked for whether this user can write to it (root always can)', () => {
    inFolder({}, (folder) => {
      expect(whyUnwritable(folder)).to.equal(null);
      expect(whyUnwritable(join(folder, 'new', 'below'))).to.equal(null);
      const closed = join(folder, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o500);
      expect(whyUnwritable(join(closed, 'new'))).to.equal(process.getuid?.() === 0 ? null : 'EACCES');
      expect(readdirSync(folder)).to.deep.equal(['closed']);
      expect(readdirSync(closed)).to.deep.equal([]);
    });
  });

  it('is checked by writing, since a folder of the kernel looks as if root could', function () {
    if (process.platform !== 'linux') this.skip();
    expect(whyUnwritable('/proc/headgate')).to.be.oneOf(['ENOENT', 'EACCES']);
  });
});
