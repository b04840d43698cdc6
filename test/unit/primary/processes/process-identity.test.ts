import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { hostIdentity, isRunning, processStart } from '../../../../src/primary/processes/process-identity.ts';

describe('process identity', () => {
  it('knows a process from one that had its number before', () => {
    const start = processStart(process.pid);
    expect(isRunning(process.pid, start)).to.equal(true);
    if (start !== null) expect(isRunning(process.pid, `${Number(start) - 1}`)).to.equal(false);
  });

  it('knows that a process is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const { pid } = child;
    if (pid === undefined) throw new Error('not spawned');
    const start = processStart(pid);
    await once(child, 'exit');
    expect(isRunning(pid, start)).to.equal(false);
    expect(isRunning(pid, null)).to.equal(false);
    expect(processStart(pid)).to.equal(null);
  });

  it('goes by the number alone where nothing else is known', () => {
    expect(isRunning(process.pid, null)).to.equal(true);
  });

  it('names this host the same each time', () => {
    expect(hostIdentity()).to.equal(hostIdentity());
  });
});
