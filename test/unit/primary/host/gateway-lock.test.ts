import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { takeGatewayLock } from '../../../../src/primary/host/gateway-lock.ts';
import { LockTakenError, StateFolderTakenError } from '../../../../src/primary/host/start-errors.ts';
import { keptLog } from '../../../helpers/numbers.ts';

const holder = fileURLToPath(new URL('../../../helpers/hold-name.ts', import.meta.url));

/** The tests lock the address by name only; nothing listens on it. */
const host = `127.0.0.${process.pid % 250}`;

/** Such ports do not exist, so no other process holds their locks. */
const PORT = 100_000 + process.pid;

describe('the locks of a gateway', () => {
  let temporary: TemporaryFolder;
  let taken: { release(): void }[];
  let folders: number;
  beforeEach(() => {
    temporary = temporaryFolder();
    taken = [];
    folders = 0;
  });
  afterEach(() => {
    for (const lock of taken) lock.release();
    temporary.remove();
  });

  const freshFolder = () => {
    folders += 1;
    return path.join(temporary.folder, `state-${folders}`);
  };
  const take = async (address: string, port = PORT, folder = freshFolder()) => {
    const lock = await takeGatewayLock(address, port, folder, keptLog().log);
    taken.push(lock);
    return lock;
  };
  const refusal = (address: string, port = PORT, folder = freshFolder()) =>
    take(address, port, folder).then(
      () => null,
      (error: unknown) => error,
    );

  it('are held by one gateway at a time', async () => {
    const lock = await take(host);
    expect(await refusal(host))
      .to.be.instanceOf(LockTakenError)
      .with.property('message')
      .that.contains(`${host}:${PORT}:`);
    lock.release();
    expect(await refusal(host)).to.equal(null);
  });

  it('differ by port', async () => {
    await take(host);
    expect(await refusal(host, PORT + 1)).to.equal(null);
  });

  it('differ by address', async () => {
    await take('127.0.0.251');
    expect(await refusal('127.0.0.252')).to.equal(null);
    expect(await refusal('::1')).to.equal(null);
  });

  for (const [held, wanted] of [
    ['0.0.0.0', host],
    ['::', host],
    ['::', '0.0.0.0'],
    ['::', '::1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::ffff:7f00:1', '0.0.0.0'],
    ['0:0:0:0:0:0:0:1', '::1'],
  ] as const) {
    it(`conflict for ${held} and ${wanted}, which take the same connections, in either order`, async () => {
      const first = await take(held);
      expect(await refusal(wanted)).to.be.instanceOf(LockTakenError);
      first.release();
      await take(wanted);
      expect(await refusal(held)).to.be.instanceOf(LockTakenError);
    });
  }

  it('do not conflict for 0.0.0.0 and an IPv6 address', async () => {
    await take('0.0.0.0');
    expect(await refusal('::1')).to.equal(null);
  });

  it('conflict for one state folder, also through a link and before it exists', async () => {
    const real = path.join(temporary.folder, 'real');
    mkdirSync(real);
    symlinkSync(real, path.join(temporary.folder, 'link'));
    const lock = await take(host, PORT, path.join(real, 'checkpoint'));
    const error = await refusal('127.0.0.251', PORT, path.join(temporary.folder, 'link', 'checkpoint'));
    expect(error).to.be.instanceOf(StateFolderTakenError).with.property('message').that.contains('link/checkpoint');
    expect(error).to.have.property('message').that.contains('another state_dir');
    expect(await refusal('127.0.0.251', PORT, path.join(temporary.folder, 'link', 'checkpoint'))).to.be.instanceOf(
      StateFolderTakenError,
    );
    lock.release();
    expect(await refusal('127.0.0.251', PORT, path.join(real, 'checkpoint'))).to.equal(null);
  });

  it('are taken where another user holds their names, and still keep out a second gateway of ours', async function () {
    if (process.getuid?.() !== 0) return this.skip();
    const squatters: ChildProcess[] = [];
    try {
      for (const address of [host, '0.0.0.0', '::']) {
        const program = [process.execPath, holder, `headgate:${address}:${PORT}`];
        const asAnother = ['--reuid=65534', '--regid=65534', '--clear-groups', ...program];
        const child = spawn('setpriv', asAnother, { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
        squatters.push(child);
        await once(child.stdout, 'data');
      }
      const first = await take(host);
      expect(await refusal(host)).to.be.instanceOf(LockTakenError);
      expect(await refusal('0.0.0.0')).to.be.instanceOf(LockTakenError);
      first.release();
      await take('0.0.0.0');
      expect(await refusal(host)).to.be.instanceOf(LockTakenError);
    } finally {
      await Promise.all(
        squatters.map(async (child) => {
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }),
      );
    }
  });

  it('are refused where another process of our user holds a name', async () => {
    const child = spawn(process.execPath, [holder, `headgate:${host}:${PORT}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const error = await refusal(host);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(error).to.be.instanceOf(LockTakenError);
  });

  it('are all released when one of them is taken', async () => {
    const folder = freshFolder();
    const lock = await take(host, PORT, folder);
    expect(await refusal('127.0.0.251', PORT, folder)).to.be.instanceOf(StateFolderTakenError);
    expect(await refusal('0.0.0.0')).to.be.instanceOf(LockTakenError);
    lock.release();
    expect(await refusal('127.0.0.251')).to.equal(null);
  });
});
