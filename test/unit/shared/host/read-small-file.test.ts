import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadConfig } from '../../../../src/config/load.ts';
import { readSmallFile } from '../../../../src/shared/host/read-small-file.ts';
import { inFolder, linesOf, smallest } from '../../../helpers/config-text.ts';

describe('readSmallFile', () => {
  it('reads a regular file up to the limit, also through a link', () => {
    inFolder({ file: 'täxt' }, (folder) => {
      symlinkSync('file', join(folder, 'link'));
      for (const name of ['file', 'link']) {
        expect(readSmallFile(join(folder, name), 5)).to.deep.equal({ kind: 'text', text: 'täxt' });
      }
      expect(readSmallFile(join(folder, 'file'), 4)).to.deep.equal({ kind: 'unfit', got: 'a larger file' });
    });
  });

  it('reads files that report no size', () => {
    expect(readSmallFile('/proc/self/comm', 64)).to.have.property('text').that.is.not.empty;
  });

  it('never waits, and names the kind of anything that is no regular file', () => {
    inFolder({}, (folder) => {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      const got = (path: string) => readSmallFile(path, 64);
      expect(got(join(folder, 'pipe'))).to.deep.equal({ kind: 'unfit', got: 'a pipe' });
      expect(got(folder)).to.deep.equal({ kind: 'unfit', got: 'a folder' });
      expect(got(join(folder, 'none'))).to.deep.equal({
        kind: 'unfit',
        got: `none: there is no such file (looked for ${join(folder, 'none')})`,
      });
      expect(got('/dev/zero')).to.deep.equal({ kind: 'unfit', got: 'a device' });
    });
  });
});

describe('the files of a configuration', () => {
  it('are regular and at most 1 MiB long', () => {
    const load = (path: string, folder: string) => () => loadConfig({ source: { kind: 'file', path }, folder });
    inFolder({ 'large.yaml': `#${' '.repeat(2 ** 20)}${smallest}` }, (folder) => {
      expect(load('/dev/zero', folder)).to.throw('/dev/zero: should be a regular file of at most 1 MiB, got a device');
      expect(load('large.yaml', folder)).to.throw(
        'large.yaml: should be a regular file of at most 1 MiB, got a larger file',
      );
    });
  });

  it('hold secrets in regular files of at most 1 MiB', () => {
    const keys = (path: string) => linesOf(`server: { keys: ["\${file:${path}}"] }${smallest}`, { files: { large } });
    const large = 'k'.repeat(2 ** 20 + 1);
    const fault = '1:18 server.keys[0]: should be the text of a regular file';
    expect(keys('/dev/zero')).to.deep.equal([`${fault} "/dev/zero" of at most 1 MiB, got a device`]);
    expect(keys('large')).to.deep.equal([`${fault} "large" of at most 1 MiB, got a larger file`]);
  });
});
