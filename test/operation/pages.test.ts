/**
 * The blocks of commands in the pages of deploy, pasted into a shell beside a gateway on the ports that they name. Those
 * whose first line says that they need more (root, docker, a cluster) are only read by the shell.
 */
import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { freePort } from '../../scripts/processes/free-port.ts';
import { isInstalled } from '../../scripts/processes/program.ts';
import { commandScript, root } from '../../scripts/rig/checkout.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { type ProviderPair, pairConfig, startProviderPair } from '../helpers/provider-pair.ts';

interface Block {
  readonly page: string;
  readonly text: string;
  /** What its first line says that it needs; null if that is a gateway alone. */
  readonly needs: string | null;
}

const blocks = globSync('deploy/*.md', { cwd: root })
  .sort()
  .flatMap((page): Block[] => {
    const text = readFileSync(path.join(root, page), 'utf8');
    return Array.from(text.matchAll(/^```bash\n([\s\S]*?)^```$/gm), ([, block = '']) => {
      return { page, text: block, needs: /^# ((?:as|in) .*)/.exec(block)?.[1] ?? null };
    });
  });

describe('the commands of the pages', () => {
  let providers: ProviderPair;
  let gateway: RunningGateway;

  before(async () => {
    providers = await startProviderPair();
    // A reload must find them as they are.
    const ports = { server: { port: await freePort() }, admin: { port: await freePort() } };
    gateway = await startGateway({ ...pairConfig(providers), workers: 1, ...ports });
  });
  after(async () => {
    await endGateways();
    await providers.close();
  });

  /** Runs a block with `headgate` as the command, and the ports and the configuration of this gateway. */
  async function paste(text: string, flags: readonly string[] = []) {
    const command = `headgate() { "${process.execPath}" "${commandScript(false)}" "$@"; }`;
    const ports = text
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${gateway.port}`)
      .replaceAll('127.0.0.1:9464', `127.0.0.1:${gateway.adminPort}`);
    const child = spawn('bash', ['-euo', 'pipefail', ...flags, '-c', `${command}\n${ports}`], {
      cwd: root,
      env: { ...process.env, HEADGATE_CONFIG: gateway.configFile },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [status, output, errors] = await Promise.all([ended, textOf(child.stdout), textOf(child.stderr)]);
    return { status, output: output + errors };
  }

  it('are in the pages', () => {
    expect(blocks.length).to.be.above(10);
    expect(blocks.filter(({ needs }) => needs === null).length).to.be.above(3);
  });

  for (const { page, text, needs } of blocks) {
    const first = text.split('\n')[0];
    if (needs !== null && !(needs.endsWith('with Prometheus') && isInstalled('promtool'))) {
      it(`are commands of a shell: ${page}: ${first}`, async () => {
        const { status, output } = await paste(text, ['-n']);
        expect(status, output).to.equal(0);
      });
    } else {
      it(`work as pasted: ${page}: ${first}`, async () => {
        const { status, output } = await paste(text);
        expect(status, output).to.equal(0);
      });
    }
  }
});
