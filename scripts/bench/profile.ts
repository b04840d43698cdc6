/**
 * Takes a CPU profile of a worker under load and prints what took most time: by origin of the code, by function, and by
 * function including everything it calls.
 *
 *   npm run profile -- [--streams] [--seconds 5] [--top 30] [--keep FOLDER]
 */
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { withFolder } from '../processes/temporary-folder.ts';
import { sideBySide, target } from './measuring/under-load.ts';
import { type CpuProfile, sharesOf } from './probes/cpu-profile.ts';
import { headgate } from './proxies/proxies.ts';
import { requestBody, streamRequestBody } from './upstream/payloads.ts';
import { startPlainUpstream, startStreamUpstream } from './upstream/upstream.ts';

const { values: flags } = parseArgs({
  options: {
    streams: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
    top: { type: 'string', default: '30' },
    keep: { type: 'string' },
  },
});

const SAMPLE_EVERY_US = 200;

/** Loads a gateway and stops it in order, so that its processes write their profiles. */
async function record(folder: string): Promise<void> {
  const nodeOptions = ['--cpu-prof', '--cpu-prof-interval', String(SAMPLE_EVERY_US), '--cpu-prof-dir', folder];
  const kind = headgate('Headgate', { workers: 1, nodeOptions });
  const startUpstream = () => (flags.streams ? startStreamUpstream({ everyMs: 10, chunks: 0 }) : startPlainUpstream());
  const seconds = Number(flags.seconds);
  await sideBySide([kind], startUpstream, async (contenders, load) => {
    for (const { proxy } of contenders) {
      if (flags.streams) {
        await load.hold(target(proxy, streamRequestBody()), 100);
        await pause(seconds * 1000);
        await load.release();
      } else {
        await load.saturate({ target: target(proxy, requestBody()), connections: 32, seconds });
      }
      await proxy.gateway?.stop();
    }
  });
}

function print(title: string, shares: readonly (readonly [string, number])[]): void {
  console.log(`\n${title}`);
  for (const [name, share] of shares.slice(0, Number(flags.top))) {
    console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${name}`);
  }
}

async function main(folder: string): Promise<void> {
  await record(folder);
  const profiles = globSync('*.cpuprofile', { cwd: folder })
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile)
    .filter(({ nodes }) => nodes.some(({ callFrame }) => callFrame.url.endsWith('/worker/main.js')));
  if (profiles.length === 0) throw new Error(`no worker left a profile in ${folder}`);
  for (const profile of profiles) {
    const { busyMs, origins, self, inclusive } = sharesOf(profile);
    console.log(`a worker, busy for ${(busyMs / 1000).toFixed(1)} s`);
    print('by origin', origins);
    print('self', self);
    print('inclusive', inclusive);
  }
}

if (flags.keep === undefined) {
  await withFolder('profile', main);
} else {
  mkdirSync(flags.keep, { recursive: true });
  await main(flags.keep);
}
