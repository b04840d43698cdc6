import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  hostIdentity,
  isRunning,
  isThisBoot,
  processCpuMs,
  processStart,
} from '../../../../src/primary/host/process-identity.ts';

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

  it('reads the CPU time of a process that runs, and of no other', async () => {
    const before = processCpuMs(process.pid) ?? Number.NaN;
    expect(before).to.be.greaterThan(0);
    const untilMs = process.cpuUsage().user / 1000 + 50;
    while (process.cpuUsage().user / 1000 < untilMs);
    expect(processCpuMs(process.pid)).to.be.greaterThan(before);
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    expect(processCpuMs(child.pid ?? 0)).to.equal(null);
  });

  it('recognises this boot by its id, whatever the name of the host', () => {
    const boot = hostIdentity().split(' ').at(-1);
    expect(isThisBoot(hostIdentity())).to.equal(true);
    expect(isThisBoot(`another-name ${boot}`)).to.equal(true);
    expect(isThisBoot(`${hostname()} 4c6f5d4e-0000-4000-8000-000000000000`)).to.equal(false);
  });

  it('returns the same host identity each time', () => {
    expect(hostIdentity()).to.equal(hostIdentity());
  });
});
