/**
 * The list of the last failures outlives its primary, with what workers served while there was none: after a death, a restart
 * of all, a clean stop, and where the list cannot be read.
 */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { FailuresAnswer } from '../../src/primary/failures/failure-book.ts';
import { SPEND_FILE } from '../../src/primary/spend/spend-file.ts';
import { MOST_LEFT } from '../../src/shared/failure-report.ts';
import { Workplace } from '../helpers/command.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

describe('the list of the last failures', () => {
  provider.use();

  it('holds after a death what the dead primary had and what its workers served without one, each once', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 });
    const before = await fail(gateway, 5);
    await listed(gateway, before);
    // The primary has no time to read or to write the last ones.
    const last = await fail(gateway, 5);
    await kill(gateway);
    const alone = await fail(gateway, 10);
    const successor = await startGateway({ ...provider.onPortsOf(gateway), workers: 1 }, { after: gateway });
    const all = [...before, ...last, ...alone];
    await listed(successor, all);
    const own = await fail(successor, 2);
    await listed(successor, [...all, ...own]);
    expect(await read(successor)).to.include({ withheld: 0, kept: true });

    await kill(successor);
    const third = await startGateway({ ...provider.onPortsOf(gateway), workers: 1 }, { after: successor });
    await listed(third, [...all, ...own]);
    expect((await third.stop()).code).to.equal(0);
    const fourth = await startGateway({ ...provider.onPortsOf(gateway), workers: 1 }, { after: third });
    await listed(fourth, [...all, ...own]);
  });

  it('counts what a worker without a primary had no room for', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 });
    await kill(gateway);
    const alone = await fail(gateway, MOST_LEFT + 30);
    const successor = await startGateway({ ...provider.onPortsOf(gateway), workers: 1 }, { after: gateway });
    await listed(successor, alone.slice(-MOST_LEFT));
    expect((await read(successor)).withheld).to.equal(30);
  });

  it('lives through a restart of all', async () => {
    const place = new Workplace();
    try {
      const gateway = await startGateway(provider.config);
      const before = await fail(gateway, 5);
      const restarted = place.run([
        ...['restart', '--all', '--config', gateway.configFile, '--admin-port', String(gateway.adminPort)],
      ]);
      expect((await gateway.exited).code).to.equal(0);
      const alone = await fail(gateway, 5);
      const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
      expect((await restarted).code).to.equal(0);
      await listed(successor, [...before, ...alone]);
    } finally {
      await place.leave();
    }
  });

  it('begins anew where it cannot be read: that is said, and the gateway serves', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 1 });
    await listed(gateway, await fail(gateway, 3));
    expect((await gateway.stop()).code).to.equal(0);
    const file = path.join(gateway.folder, '.headgate', String(gateway.port), SPEND_FILE);
    const database = new DatabaseSync(file);
    database.exec(`UPDATE kept SET text = '{"version":99}' WHERE name = 'failures'`);
    database.close();
    const successor = await startGateway({ ...provider.onPortsOf(gateway), workers: 1 }, { after: gateway });
    await listed(successor, await fail(successor, 1));
    expect(successor.output).to.match(/the last failures of the former primary cannot be read: they are set aside/);
  });
});

/** Asks for a model that nobody has; the ids of the requests. */
async function fail(gateway: RunningGateway, times: number): Promise<string[]> {
  const ids: string[] = [];
  for (let request = 0; request < times; request += 1) {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'nobody', messages: [{ role: 'user', content: 'hello' }] }),
    });
    await answer.arrayBuffer();
    expect(answer.status).to.equal(404);
    ids.push(answer.headers.get('x-request-id') ?? '');
  }
  return ids;
}

/** Waits until the list holds these, and nothing else or twice. */
async function listed(gateway: RunningGateway, ids: readonly string[]): Promise<void> {
  const sorted = [...ids].sort();
  const found = await eventually(`${ids.length} failures are listed`, async () => {
    const { failures } = await read(gateway);
    return failures.length >= ids.length && failures.map(({ id }) => id);
  });
  expect(found.sort()).to.deep.equal(sorted);
}

async function read(gateway: RunningGateway): Promise<FailuresAnswer> {
  const answer = await fetch(`${gateway.adminUrl}/api/errors`);
  return (await answer.json()) as FailuresAnswer;
}

async function kill(gateway: RunningGateway): Promise<void> {
  gateway.signal('SIGKILL');
  await gateway.exited;
}
