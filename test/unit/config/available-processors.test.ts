import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type TemporaryFolder, temporaryFolder } from '../../../scripts/processes/temporary-folder.ts';
import { availableProcessors } from '../../../src/config/available-processors.ts';

const PROCESSORS = 8;

describe('the processors that may be used', () => {
  let temporary: TemporaryFolder;
  beforeEach(() => {
    temporary = temporaryFolder();
  });
  afterEach(() => temporary.remove());

  /** A file system with these files, as a process sees it. */
  const among = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(temporary.folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return availableProcessors(temporary.folder, PROCESSORS);
  };
  const mounted2 = (root = '/') => `30 23 0:26 ${root} /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n`;
  const mounted1 = (root = '/') =>
    `31 23 0:27 ${root} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n32 23 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n`;

  it('are all of them without cgroups', () => {
    expect(among({})).to.equal(PROCESSORS);
    expect(availableProcessors()).to.be.within(1, availableParallelism());
  });

  for (const [max, expected] of [
    ['max 100000', PROCESSORS],
    ['10000 100000', 1],
    ['100000 100000', 1],
    ['150000 100000', 2],
    ['400000 100000', 4],
    ['6400000 100000', PROCESSORS],
  ] as const) {
    it(`follow a quota in a container: ${max}`, () => {
      const files = { 'proc/self/cgroup': '0::/\n', 'proc/self/mountinfo': mounted2() };
      expect(among({ ...files, 'sys/fs/cgroup/cpu.max': `${max}\n` })).to.equal(expected);
    });
  }

  it('follow the least quota of all cgroups above, as of a systemd slice', () => {
    const files = { 'proc/self/cgroup': '0::/a.slice/b.service\n', 'proc/self/mountinfo': mounted2() };
    const quotas = {
      'sys/fs/cgroup/a.slice/cpu.max': '200000 100000\n',
      'sys/fs/cgroup/a.slice/b.service/cpu.max': '300000 100000\n',
    };
    expect(among({ ...files, ...quotas })).to.equal(2);
  });

  for (const [name, cgroup, root, folder] of [
    ['at its path', '4:cpu,cpuacct:/docker/abc', '/', 'docker/abc/'],
    ['in a container that sees its own part', '4:cpu,cpuacct:/docker/abc', '/docker/abc', ''],
    ['in a container whose path cannot be seen', '4:cpu,cpuacct:/elsewhere', '/docker/abc', ''],
  ] as const) {
    it(`follow a quota of the first version, ${name}`, () => {
      const files = { 'proc/self/cgroup': `5:pids:/x\n${cgroup}\n`, 'proc/self/mountinfo': mounted1(root) };
      const at = `sys/fs/cgroup/cpu,cpuacct/${folder}`;
      const quota = { [`${at}cpu.cfs_quota_us`]: '250000\n', [`${at}cpu.cfs_period_us`]: '100000\n' };
      expect(among({ ...files, ...quota })).to.equal(3);
    });
  }

  it('are all of them where the first version sets no quota', () => {
    const files = { 'proc/self/cgroup': '4:cpu,cpuacct:/\n', 'proc/self/mountinfo': mounted1() };
    const at = 'sys/fs/cgroup/cpu,cpuacct/';
    expect(among({ ...files, [`${at}cpu.cfs_quota_us`]: '-1\n', [`${at}cpu.cfs_period_us`]: '100000\n' })).to.equal(
      PROCESSORS,
    );
  });
});
