/**
 * How long a newcomer waits: seconds from nothing (no npm cache, an empty folder) until the demo has answered a streamed
 * chat, by the two ways that there are: `npx` with the packed package, and a clone with `npm ci && npm start`.
 *
 * It asks npm's registry, and builds twice. What one way has fetched is gone before the other begins.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './processes/eventually.ts';
import { ProcessGroup } from './processes/process-group.ts';
import { withFolder } from './processes/temporary-folder.ts';
import { root } from './rig/checkout.ts';

const SERVES_WITHIN_MS = 300_000;

/** What is run, where, and with which variables beside those of this process. */
interface Start {
  readonly command: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A demo that has answered. */
interface FirstAnswer {
  /** From the start of the command to the last byte of the answer. */
  readonly seconds: number;
  /** The events of the stream. */
  readonly text: string;
  /** What the command has written. */
  readonly output: string;
}

/** Packs the checkout into a folder. Returns the package's file. */
function packTo(folder: string): string {
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root, stdio: 'ignore' });
  const [file = ''] = execFileSync('ls', [folder], { encoding: 'utf8' })
    .split('\n')
    .filter((name) => /\.tgz$/.test(name));
  return path.join(folder, file);
}

/** Runs a command that starts the demo on free ports, and ends it after the first answer. */
export async function firstAnswer({ command, folder, environment }: Start): Promise<FirstAnswer> {
  const startedAt = performance.now();
  const child = spawn('sh', ['-c', command], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = new ProcessGroup(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  try {
    const port = () => {
      if (group.hasEnded) throw new Error(`${command} has ended: ${output}`);
      return /"port":(\d+).*"msg":"serving"/.exec(output)?.[1];
    };
    const url = `http://127.0.0.1:${await eventually('the demo serves', port, SERVES_WITHIN_MS, 10)}`;
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    const text = await answer.text();
    return { seconds: (performance.now() - startedAt) / 1000, text, output };
  } finally {
    await group.end();
  }
}

/** An npm without a cache and without a user's settings. */
export function emptyNpm(folder: string): Record<string, string> {
  return { npm_config_cache: path.join(folder, 'npm-cache'), npm_config_update_notifier: 'false' };
}

async function main(): Promise<void> {
  const flags = '--port 0 --admin-port 0';
  await withFolder('npx', async (folder) => {
    const file = packTo(folder);
    const empty = path.join(folder, 'empty');
    mkdirSync(empty);
    const command = `npx --yes --package=${file} headgate serve --demo ${flags}`;
    const { seconds } = await firstAnswer({ command, folder: empty, environment: emptyNpm(folder) });
    console.log(`npx with the package, from an empty cache to the first streamed answer: ${seconds.toFixed(1)} s`);
  });
  await withFolder('clone', async (folder) => {
    const built = `npm ci --no-audit --no-fund && npm start -- ${flags}`;
    const command = `git clone --quiet ${root} checkout && cd checkout && ${built}`;
    const { seconds } = await firstAnswer({ command, folder, environment: emptyNpm(folder) });
    console.log(`git clone, npm ci, npm start, from an empty cache to the same: ${seconds.toFixed(1)} s`);
  });
}

if (import.meta.main) await main();
