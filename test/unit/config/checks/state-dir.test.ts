import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { whyUnwritable } from '../../../../src/config/checks/state-dir.ts';
import { inFolder, linesOf, smallest } from '../../../helpers/config-text.ts';

const inTheWay = 'where something else is in the way';

describe('state_dir', () => {
  it('may be a folder that is there or one that is not', () => {
    for (const folder of ['.', 'new', 'new/below', '/tmp']) {
      expect(linesOf(`state_dir: ${folder}${smallest}`)).to.deep.equal([]);
    }
  });

  it('is a fault, by its place, where it or what it lies in is no folder', () => {
    const files = { file: '' };
    for (const given of ['file', 'file/below/it', '/dev/null']) {
      expect(linesOf(`state_dir: ${given}${smallest}`, { files })).to.deep.equal([
        `1:12 state_dir: should be a folder that is there or can be made, got "${given}", ${inTheWay}`,
      ]);
    }
  });

  it('is a fault also where it was left out', () => {
    const [fault] = linesOf(smallest, { files: { '.headgate': '' } });
    expect(fault).to.contain(`got ".headgate", ${inTheWay}`);
  });

  it('is told with all other faults, and not shown where a variable names it', () => {
    const environment = { FOLDER: 'file' };
    const faults = linesOf(`state_dir: \${FOLDER}\nworkers: 0${smallest}`, { files: { file: '' }, environment });
    expect(faults).to.have.length(2);
    expect(faults[0]).to.contain(`got the value of \${FOLDER}, ${inTheWay}`);
  });

  it('is looked at for whether this user can write it, which root always can', () => {
    inFolder({}, (folder) => {
      expect(whyUnwritable(folder)).to.equal(null);
      expect(whyUnwritable(join(folder, 'new', 'below'))).to.equal(null);
      const closed = join(folder, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o500);
      expect(whyUnwritable(join(closed, 'new'))).to.equal(process.getuid?.() === 0 ? null : 'EACCES');
    });
  });
});
