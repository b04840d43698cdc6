import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { hostIdentity, isRunning, processStart } from '../../../../src/primary/processes/process-identity.ts';

describe('process identity', () => {
  it('distinguishes a process from an earlier one with the same pid', () => {
    const start = processStart(process.pid);
    expect(isRunning(process.pid, start)).to.equal(true);
    if (start !== null) expect(isRunning(process.pid, `${Number(start) - 1}`)).to.equal(false);
  });

  it('recognises that a process has ended', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const { pid } = child;
    if (pid === undefined) throw new Error('not spawned');
    const start = processStart(pid);
    await once(child, 'exit');
    expect(isRunning(pid, start)).to.equal(false);
    expect(isRunning(pid, null)).to.equal(false);
    expect(processStart(pid)).to.equal(null);
  });

  it('uses the pid alone if the start time is unknown', () => {
    expect(isRunning(process.pid, null)).to.equal(true);
  });

  it('returns the same host identity each time', () => {
    expect(hostIdentity()).to.equal(hostIdentity());
  });
});
