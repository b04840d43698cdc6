import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { smallest } from '../helpers/config-text.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const pm2 = join(root, 'node_modules', 'pm2', 'bin', 'pm2');

/** The machine's own Node, often an older one; the one that runs this test where there is no other. */
const machinesNode =
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((candidate) => existsSync(candidate)) ?? process.execPath;

interface Pm2Process {
  readonly pm2_env: { readonly status: string; readonly restart_time: number; readonly exit_code?: number };
}

describe('under pm2', function () {
  this.timeout(60_000);
  let folder = '';

  const order = async (...given: string[]) => {
    const env = { PATH: process.env.PATH, HOME: folder, PM2_HOME: join(folder, 'pm2') };
    const { stdout } = await run(machinesNode, [pm2, ...given], { cwd: folder, env });
    return stdout;
  };
  const listed = async (): Promise<Pm2Process | undefined> => {
    const list: Pm2Process[] = JSON.parse(await order('jlist', '--silent'));
    return list[0];
  };
  const start = (config: string) => {
    writeFileSync(join(folder, 'headgate.yaml'), config);
    return order('start', join(root, 'ecosystem.config.js'));
  };
  const logged = (stream: 'out' | 'error') =>
    readFileSync(join(folder, 'pm2', 'logs', `headgate-${stream}-0.log`), 'utf8');

  beforeEach(function () {
    if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) return this.skip();
    folder = mkdtempSync(join(tmpdir(), 'headgate-pm2-'));
  });
  afterEach(async () => {
    if (folder === '') return;
    await order('kill');
    rmSync(folder, { recursive: true });
  });

  it('serves the configuration of the folder that pm2 was called in, and stops cleanly', async () => {
    await start(`server: { port: 0 }\nadmin: { port: 0 }\nworkers: 1${smallest}`);
    // pm2 has waited for the word "ready".
    const serving = logged('out')
      .split('\n')
      .find((line) => line.includes('"serving"'));
    const { port } = JSON.parse(serving ?? '{}');
    const response = await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { connection: 'close' } });
    expect(await response.json()).to.have.nested.property('data[0].id', 'gpt-4');
    await order('stop', 'headgate');
    expect(logged('out')).to.match(/"stopped"\}\n$/);
    expect((await listed())?.pm2_env).to.include({ status: 'stopped', restart_time: 0 });
  });

  it('stays down with a bad configuration instead of trying again', async () => {
    await start(smallest.replace('type: openai', 'type: opnai'));
    expect(logged('error')).to.include('headgate.yaml:3:18 providers.local.type');
    expect((await listed())?.pm2_env).to.include({ status: 'stopped', restart_time: 0 });
  });
});
