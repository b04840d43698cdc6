import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { takeFolderLock } from '../../../../src/primary/processes/folder-lock.ts';
import { StateFolderTakenError } from '../../../../src/primary/processes/start-errors.ts';
import { keptLog } from '../../../helpers/numbers.ts';

const holder = fileURLToPath(new URL('../../../helpers/hold-folder-lock.ts', import.meta.url));

describe('the lock of a state folder', () => {
  let temporary: TemporaryFolder;
  let children: ChildProcess[];
  beforeEach(() => {
    temporary = temporaryFolder();
    children = [];
  });
  afterEach(async () => {
    await Promise.all(children.map(kill));
    temporary.remove();
  });

  const folder = () => path.join(temporary.folder, '8080');
  const take = () => takeFolderLock(folder(), keptLog().log);
  const refusal = () =>
    take().then(
      () => null,
      (error: unknown) => error,
    );
  /** A process that holds the lock until it is killed. */
  const heldByAnother = async () => {
    const child = spawn(process.execPath, [holder, folder()], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  };
  const kill = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };

  it('keeps another process out, and says so with a cure', async () => {
    await heldByAnother();
    const error = await refusal();
    expect(error).to.be.instanceOf(StateFolderTakenError);
    expect(String(error)).to.contain(folder()).and.to.contain('another state_dir');
  });

  it('is free as soon as its holder is killed', async () => {
    await kill(await heldByAnother());
    expect(existsSync(folder())).to.equal(true);
    const lock = await take();
    lock.release();
  });

  it('leaves no file and no folder when it is released, and can be taken again', async () => {
    const lock = await take();
    expect(readdirSync(folder())).to.deep.equal(['lock']);
    lock.release();
    expect(readdirSync(temporary.folder)).to.deep.equal([]);
    lock.release();
    (await take()).release();
  });

  it('leaves a folder in which there is anything else', async () => {
    const lock = await take();
    writeFileSync(path.join(folder(), 'books.json'), '');
    lock.release();
    expect(readdirSync(folder())).to.deep.equal(['books.json']);
  });

  it('is not needed where the folder cannot be made', async () => {
    writeFileSync(folder(), 'a file');
    (await take()).release();
    expect(readFileSync(folder(), 'utf8')).to.equal('a file');
  });

  it('does not hang on what is no file', async () => {
    mkdirSync(path.join(folder(), 'lock'), { recursive: true });
    (await take()).release();
    expect(readdirSync(folder())).to.deep.equal(['lock']);
  });
});
