/**
 * The spend books of real gateways: they say what the counters say, whatever is killed, and a disk that takes nothing costs
 * history only.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { withFolder } from '../../scripts/processes/temporary-folder.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { SpendReport } from '../../src/primary/spend/spend-report.ts';
import { tokenTypes } from '../../src/shared/events.ts';
import { Workplace } from '../helpers/command.ts';
import { seriesOfPage } from '../helpers/numbers.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const BEHIND = 'llm_spend_books_behind_seconds';
const provider = new OneProvider();

async function ask(gateway: RunningGateway, count: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: count }, () => gateway.complete()));
  for (const answer of answers) {
    await answer.text();
    expect(answer.status).to.equal(200);
  }
}

async function booksOf(gateway: RunningGateway, query = 'by=total'): Promise<SpendReport> {
  const answer = await fetch(`${gateway.adminUrl}/api/spend?${query}`);
  expect(answer.status).to.equal(200);
  return (await answer.json()) as SpendReport;
}

/** Tokens by type, of the books. */
async function written(gateway: RunningGateway) {
  return (await booksOf(gateway)).entries[0]?.tokens ?? {};
}

/** The same of the page. */
async function counted(gateway: RunningGateway) {
  const page = seriesOfPage(await gateway.metrics());
  const sums = tokenTypes.map((type) => {
    const ofType = [...page].filter(
      ([series]) => series.startsWith('llm_tokens_total{') && series.includes(`type="${type}"`),
    );
    return [type, ofType.reduce((sum, [, value]) => sum + value, 0)] as const;
  });
  return Object.fromEntries(sums.filter(([, sum]) => sum > 0));
}

async function agree(gateway: RunningGateway): Promise<void> {
  await eventually('the books say what is counted', async () => {
    return JSON.stringify(sorted(await written(gateway))) === JSON.stringify(sorted(await counted(gateway)));
  });
}

function sorted(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Limits the size of files as a full disk would. */
function limitFiles(pid: number, bytes: string): void {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`], { encoding: 'utf8' });
  expect(status, stderr).to.equal(0);
}

describe('spend books', () => {
  provider.use();

  it('say what the counters say after a worker and then the primary is killed, and add nothing twice', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 2 });
    await ask(gateway, 20);
    await agree(gateway);
    const [victim = 0] = await gateway.settled(2);
    process.kill(victim, 'SIGKILL');
    await eventually('it is replaced', async () => !(await gateway.settled(2)).includes(victim));
    await ask(gateway, 20);
    gateway.signal('SIGKILL');
    await gateway.exited;
    await ask(gateway, 10);
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    await ask(successor, 10);
    // An orphan's numbers are up to a second old.
    await eventually('all are there', async () => (await booksOf(successor)).entries[0]?.answers === 60);
    await agree(successor);
    const [entry] = (await booksOf(successor, 'by=provider,model,key')).entries;
    expect(entry?.group).to.deep.equal({ provider: 'openai', model: 'gpt-4', key: 'default' });
    expect(entry?.answers).to.equal(60);
    await successor.stop();
  });

  it('tell the keys of a provider apart, as `headgate spend --by key` shows', async () => {
    const api_keys = [
      { name: 'first', key: 'sk-0123456789abcdef1' },
      { name: 'second', key: 'sk-0123456789abcdef2' },
    ];
    const openai = { type: 'openai', base_url: `http://127.0.0.1:${provider.port}/v1`, api_keys };
    const gateway = await startGateway({ ...provider.config, providers: { openai } });
    await ask(gateway, 40);
    await agree(gateway);
    const workplace = new Workplace();
    const shown = await workplace.run(['spend', '--by', 'key', '--json', '--admin-port', String(gateway.adminPort)]);
    await workplace.leave();
    expect(shown.code, shown.stderr).to.equal(0);
    const { entries } = JSON.parse(shown.stdout) as SpendReport;
    expect(entries.map(({ group }) => group.key)).to.deep.equal(['openai/first', 'openai/second']);
    expect(entries.reduce((sum, { answers }) => sum + answers, 0)).to.equal(40);
    await gateway.stop();
  });

  it('outlive a clean stop, which counters do not, and are read without a gateway', () =>
    withFolder('books', async (folder) => {
      const gateway = await startGateway(provider.config);
      await ask(gateway, 5);
      await gateway.stop();
      const copy = path.join(folder, 'copy.sqlite');
      copyFileSync(path.join(gateway.stateFolder, 'spend.sqlite'), copy);
      const workplace = new Workplace();
      const shown = await workplace.run(['spend', '--file', copy, '--json', '--by', 'total']);
      await workplace.leave();
      expect(shown.code, shown.stderr).to.equal(0);
      expect((JSON.parse(shown.stdout) as SpendReport).entries[0]?.answers).to.equal(5);

      const next = await startGateway(provider.onPortsOf(gateway), { after: gateway });
      await ask(next, 2);
      await eventually('both are there', async () => (await booksOf(next)).entries[0]?.answers === 7);
      await next.stop();
    }));

  it('wait while the disk is full, and then say all that was counted meanwhile', async () => {
    const gateway = await startGateway(provider.config);
    await ask(gateway, 3);
    await agree(gateway);
    const pid = gateway.child.pid ?? 0;
    limitFiles(pid, '0');
    await ask(gateway, 20);
    await eventually('they are behind', async () => Number(await gateway.metric(BEHIND)) > 1);
    expect((await fetch(`${gateway.adminUrl}/livez`)).status).to.equal(200);
    limitFiles(pid, 'unlimited');
    await agree(gateway);
    await eventually('they are not behind', async () => Number(await gateway.metric(BEHIND)) < 1);
    expect((await booksOf(gateway)).entries[0]?.answers).to.equal(23);
    expect((await gateway.stop()).code).to.equal(0);
  });

  it('are written anew, with all that is counted, where somebody has removed them', async () => {
    const gateway = await startGateway(provider.config);
    await ask(gateway, 6);
    await agree(gateway);
    rmSync(path.join(gateway.stateFolder, 'spend.sqlite'));
    await eventually('it is there again', () => existsSync(path.join(gateway.stateFolder, 'spend.sqlite')));
    await agree(gateway);
    expect((await booksOf(gateway)).entries[0]?.answers).to.equal(6);
    expect(
      gateway.log().filter(({ msg }) => String(msg).startsWith('the spend books cannot be written')),
    ).to.have.length(1);
    await gateway.stop();
  });

  it('refuse a question that they cannot read, by its name', async () => {
    const gateway = await startGateway(provider.config);
    const answer = await fetch(`${gateway.adminUrl}/api/spend?since=yesterday`);
    expect(answer.status).to.equal(400);
    expect(await answer.text()).to.contain('since should be a date');
    await gateway.stop();
  });
});
