/**
 * Reloads of the configuration in a running gateway.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

const withNewModel = () => ({
  ...provider.config,
  models: { ...(provider.config.models as object), 'gpt-5': { targets: [{ provider: 'openai', model: 'gpt-5' }] } },
});

describe('a reload', () => {
  provider.use();

  it('reaches every worker', async () => {
    const gateway = await startGateway(provider.config);
    expect((await gateway.complete({ model: 'gpt-5' })).status).to.equal(404);
    gateway.writeConfig(withNewModel());
    expect(await command(gateway, '/api/reload')).to.deep.equal({
      status: 200,
      body: { version: 2, changes: ['models.gpt-5: added'] },
    });
    for (let request = 0; request < 6; request += 1) {
      expect((await gateway.complete({ model: 'gpt-5' })).status).to.equal(200);
    }
    expect((await gateway.status()).config.version).to.equal(2);
  });

  it('is also triggered by SIGHUP', async () => {
    const gateway = await startGateway(provider.config);
    gateway.writeConfig(withNewModel());
    gateway.signal('SIGHUP');
    await eventually('it is done', () => gateway.logged('configuration reloaded'));
    expect((await gateway.complete({ model: 'gpt-5' })).status).to.equal(200);
  });

  it('of an invalid file changes nothing and sets a metric', async () => {
    const gateway = await startGateway(provider.config);
    gateway.writeConfig({ ...withNewModel(), nonsense: true });
    const { status, body } = await command(gateway, '/api/reload');
    expect(status).to.equal(422);
    expect(body.error.message).to.contain('nonsense');
    expect(await gateway.metric('llm_config_last_reload_successful')).to.equal(0);
    expect((await gateway.complete({ model: 'gpt-5' })).status).to.equal(404);
    expect((await gateway.complete()).status).to.equal(200);
  });

  it('refuses changes that need a restart and names them', async () => {
    const gateway = await startGateway(provider.config);
    gateway.writeConfig({ ...withNewModel(), workers: 3, server: { port: 0, keep_alive: '5s' } });
    const { status, body } = await command(gateway, '/api/reload');
    expect(status).to.equal(422);
    expect(body.error.message).to.contain('server.keep_alive').and.to.contain('workers');
    expect((await gateway.status()).config.version).to.equal(1);
  });

  it('replaces a worker that does not answer within 5 s', async () => {
    const gateway = await startGateway(provider.config);
    const [suspended = 0] = await gateway.readyWorkers();
    process.kill(suspended, 'SIGSTOP');
    gateway.writeConfig(withNewModel());
    expect((await command(gateway, '/api/reload')).status).to.equal(200);
    await eventually('it is replaced', async () => !(await gateway.readyWorkers()).includes(suspended));
    process.kill(suspended, 'SIGCONT');
    await eventually('it drains', async () => !(await gateway.settled(2)).includes(suspended));
    expect((await gateway.complete({ model: 'gpt-5' })).status).to.equal(200);
  });
});

interface Answer {
  readonly status: number;
  readonly body: { readonly version?: number; readonly error: { readonly message: string } };
}

async function command(gateway: RunningGateway, path: string): Promise<Answer> {
  const answer = await fetch(`${gateway.adminUrl}${path}`, { method: 'POST' });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}
