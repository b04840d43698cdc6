/** What commands do when the reader of their output leaves. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { eventually } from '../../../scripts/processes/eventually.ts';
import { freePort } from '../../../scripts/processes/free-port.ts';
import { commandScript } from '../../../scripts/rig/checkout.ts';
import { Workplace } from '../../helpers/command.ts';
import { smallest } from '../../helpers/config-text.ts';

const commands = [['schema'], ['models'], ['check'], ['price', 'gpt-4'], ['--help'], ['serve', '--help']];

describe('a command whose output nobody reads', () => {
  const place = new Workplace({ 'headgate.yaml': smallest });
  after(() => place.leave());

  for (const given of commands) {
    it(`ends quietly: ${given.join(' ')}`, async () => {
      const child = place.start(given);
      child.stdout.destroy();
      const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)]);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    });
  }

  it('goes on where it serves others', async () => {
    const port = await freePort();
    const child = place.start(['mock', '--port', String(port)]);
    child.stdout.destroy();
    await eventually('it answers', () =>
      fetch(`http://127.0.0.1:${port}/_mock`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    expect((await fetch(`http://127.0.0.1:${port}/v1/models`)).status).to.equal(200);
    expect(child.exitCode).to.equal(null);
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
