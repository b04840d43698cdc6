/** Routing in a whole gateway: what workers see of their targets reaches its status, and what explains a model. */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { endGateways, startGateway } from '../../scripts/rig/gateway.ts';
import { Workplace } from '../helpers/command.ts';
import { type ProviderPair, pairConfig, startProviderPair } from '../helpers/provider-pair.ts';

describe('routing', () => {
  let pair: ProviderPair | null = null;
  let place: Workplace | null = null;

  afterEach(async () => {
    await endGateways();
    await place?.leave();
    await pair?.close();
  });

  it('is explained by what all workers see of the targets', async () => {
    pair = await startProviderPair();
    place = new Workplace();
    const [openai, anthropic] = [
      { provider: 'openai', model: 'small' },
      { provider: 'anthropic', model: 'claude', max_tokens: 9 },
    ];
    const gateway = await startGateway({
      ...pairConfig(pair),
      workers: 2,
      models: {
        fast: { balance: 'latency', aliases: ['quick'], targets: [[openai, anthropic]], drop: ['user'] },
        'openai/*': { targets: [{ provider: 'openai', model: '*' }], fallbacks: { context: ['quick'] } },
      },
    });
    for (let round = 0; round < 12; round += 1) {
      expect((await gateway.complete({ model: 'quick' })).status).to.equal(200);
    }
    expect((await gateway.complete({ model: 'openai/any-name' })).status).to.equal(200);
    await eventually('both targets are known', async () => {
      const { workers } = await gateway.status();
      const seen = workers.flatMap(({ traffic }) => traffic.filter(({ plainMs }) => plainMs !== null));
      return new Set(seen.map(({ provider }) => provider)).size === 2;
    });
    const flags = ['--admin-port', String(gateway.adminPort)];
    const { stdout } = await place.run(['explain', 'quick', ...flags]);
    expect(stdout).to.match(
      /^quick is an alias of fast\na request for fast now takes, level by level, in a level by the least/,
    );
    for (const name of ['openai/small', 'anthropic/claude']) {
      expect(stdout).to.match(new RegExp(`\\n {2}1\\. {2}${name} {2}closed; [\\d to]+ ms for a plain answer\\n`));
    }
    expect(stdout).to.include('fast:\n  also asked for as: quick\n  taken out: user\n');
    const json = JSON.parse((await place.run(['explain', 'openai/x', '--json', ...flags])).stdout);
    expect(json).to.deep.include({
      asked: 'openai/x',
      model: 'openai/*',
      matched: 'x',
      fallbacks: { context: ['quick'] },
    });
    const page = await gateway.metrics();
    expect(page).to.include('model="openai/*"').and.not.include('any-name');
  });
});
