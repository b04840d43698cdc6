/** What commands do when the reader of their output leaves. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { commandScript } from '../../../scripts/rig/checkout.ts';
import { Workplace } from '../../helpers/command.ts';
import { smallest } from '../../helpers/config-text.ts';

const commands = [
  ['schema'],
  ['models'],
  ['check'],
  ['price', 'gpt-4'],
  ['mock', '--port', '0'],
  ['--help'],
  ['serve', '--help'],
];

describe('a command whose output nobody reads', () => {
  const place = new Workplace({ 'headgate.yaml': smallest });
  after(() => place.leave());

  for (const given of commands) {
    it(`ends quietly, with the code of a closed pipe: ${given.join(' ')}`, async () => {
      const child = place.start(given);
      child.stdout.destroy();
      const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)]);
      expect({ code, stderr }).to.deep.equal({ code: 141, stderr: '' });
    });
  }

  it('lets a reader have the first line alone', () => {
    const line = `"${process.execPath}" "${commandScript(false)}" schema | head -n 1`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: '{\n', stderr: '' });
  });

  it('keeps its own exit code where only its errors are not read', async () => {
    place.write('bad.yaml', smallest.replace('openai', 'opnai'));
    const child = place.start(['check', '--config', 'bad.yaml']);
    child.stderr.destroy();
    const [[code], stdout] = await Promise.all([once(child, 'close'), text(child.stdout)]);
    expect({ code, stdout }).to.deep.equal({ code: 78, stdout: '' });
  });

  it('says in one line that the disk is full', function () {
    if (process.platform !== 'linux') this.skip();
    const line = `"${process.execPath}" "${commandScript(false)}" schema > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
    expect(stderr).to.match(/^headgate: standard output cannot be written: .*ENOSPC.*\n$/);
    expect(status).to.equal(1);
  });
});
