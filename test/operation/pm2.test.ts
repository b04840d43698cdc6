/**
 * The gateway under a real pm2, started from another folder with the shipped ecosystem file and the machine's Node.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { Agent, fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import type { ConfigInput } from '../../scripts/rig/gateway-config.ts';
import { machineNode, Pm2 } from '../../scripts/rig/pm2.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { gatewayConfig } from '../helpers/gateway-config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const ecosystem = path.join(root, 'ecosystem.config.js');

/** One connection per request: a stop would wait for an idle connection. */
const dispatcher = new Agent({ pipelining: 0 });

describe('under pm2', () => {
  let provider: RunningMock;
  let pm2: Pm2 | null = null;

  before(() => {
    // pm2 starts the built program.
    const build = path.join(root, 'scripts', 'build.ts');
    expect(spawnSync(process.execPath, [build, '--if-stale'], { stdio: 'inherit' }).status).to.equal(0);
  });

  beforeEach(async () => {
    provider = await startMock({ dialect: 'openai', port: 0 });
  });

  afterEach(async () => {
    await pm2?.end();
    pm2 = null;
    await provider.close();
  });

  /** A pm2 that is called in a folder with this file. */
  const pm2With = (file: string, config: ConfigInput, node?: string, environment?: Record<string, string>): Pm2 => {
    const created = new Pm2(node ?? machineNode(), environment ?? {});
    pm2 = created;
    writeFileSync(path.join(created.folder, file), JSON.stringify(config, null, 2));
    return created;
  };

  it('uses the configuration of the folder in which pm2 was called, and finishes streams at a stop', async () => {
    const pm2 = pm2With('headgate.yaml', gatewayConfig(provider.port));
    // pm2 waits for the message "ready".
    await pm2.start();
    const running = await pm2.application('headgate');
    expect(running).to.include({ status: 'online', restarts: 0 });
    const { port, adminPort, workers } = lineWith(running?.output, 'serving');
    expect(workers).to.equal(2);
    expect((await fetch(`http://127.0.0.1:${adminPort}/readyz`, { dispatcher })).status).to.equal(200);

    provider.control.setShape({ chunks: 10, chunkMs: 100 });
    const stream = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
    });
    expect(stream.status).to.equal(200);
    const [text] = await Promise.all([stream.text(), pm2.run('stop', 'headgate')]);
    expect(text).to.match(/data: \[DONE\]\n\n$/);
    const stopped = await pm2.application('headgate');
    expect(stopped).to.include({ status: 'stopped', pid: 0, exitCode: 0, restarts: 0, errorOutput: '' });
    lineWith(stopped?.output, 'stopped');
    await pm2.run('kill');
    // The daemon reports its end a moment before it ends.
    await eventually('no process is left', () => pm2.processes().length === 0);
  });

  it('gets the lines of requests that workers serve while their primary is gone', async () => {
    const [port, adminPort] = [await freePort(), await freePort()];
    const pm2 = pm2With('headgate.yaml', {
      ...gatewayConfig(provider.port),
      server: { port },
      admin: { port: adminPort },
    });
    await pm2.start();
    const first = await pm2.application('headgate');
    const ids = Array.from({ length: 20 }, (_, request) => `orphan-${request}`);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    // Requests of the moment in which the primary dies are not of interest here: pm2 has the last word about those.
    const state = path.join(pm2.folder, '.headgate', String(port));
    await eventually('a worker is alone', () => readdirSync(state).some((name) => /^orphan-.*\.json$/.test(name)));
    for (const id of ids) {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        dispatcher,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': id },
        body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }] }),
      });
      expect(answer.status).to.equal(200);
    }
    await eventually('all lines are in the log of pm2', async () => {
      const { output = '' } = (await pm2.application('headgate')) ?? {};
      return ids.every((id) => output.includes(`"id":"${id}"`));
    });
  });

  it('stays down with an invalid configuration instead of restarting', async () => {
    const environment = { HEADGATE_CONFIG: 'other.yaml' };
    const pm2 = pm2With('other.yaml', { ...gatewayConfig(provider.port), workers: 'many' }, machineNode(), environment);
    await pm2.start();
    const application = await pm2.application('headgate');
    // With a restart_delay, pm2 shows this status for an exit code that stops it too.
    expect(application).to.include({ status: 'waiting restart', pid: 0, exitCode: 78, restarts: 0 });
    expect(application?.errorOutput).to.match(/other\.yaml:\d+:\d+ workers/);
    // Longer than the delay, after which it would be started again.
    await pause(2_000);
    expect(await pm2.application('headgate')).to.include({ pid: 0, restarts: 0 });
  });

  it('refuses the cluster mode of pm2 and names the fix', async () => {
    // In cluster mode pm2's own Node runs the application, so this pm2 runs with a Node that is new enough.
    const pm2 = pm2With('headgate.yaml', gatewayConfig(provider.port), process.execPath);
    const changed = path.join(pm2.folder, 'ecosystem.config.mjs');
    writeFileSync(
      changed,
      `import { apps as shipped } from ${JSON.stringify(ecosystem)};
       export const apps = shipped.map(({ interpreter, ...app }) => ({ ...app, exec_mode: 'cluster' }));`,
    );
    await pm2.run('start', changed);
    const application = await pm2.application('headgate');
    expect(application).to.include({ status: 'waiting restart', pid: 0, exitCode: 78, restarts: 0 });
    expect(application?.errorOutput).to.contain("exec_mode to 'fork'");
  });
});

/** The first JSON line with that message. Throws if there is none. */
function lineWith(output: string | undefined, message: string): Record<string, unknown> {
  const lines = (output ?? '').split('\n').filter((line) => line.startsWith('{'));
  const found = lines.map((line) => JSON.parse(line) as Record<string, unknown>).find(({ msg }) => msg === message);
  if (found === undefined) throw new Error(`no line has the message ${message}: ${output}`);
  return found;
}
