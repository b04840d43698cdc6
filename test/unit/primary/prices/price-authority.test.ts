import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { PriceAuthority } from '../../../../src/primary/prices/price-authority.ts';
import type { PriceList } from '../../../../src/primary/prices/price-list.ts';
import type { Config } from '../../../../src/shared/config.ts';
import type { PrimaryMessage } from '../../../../src/shared/ipc.ts';
import type { PriceTable } from '../../../../src/shared/prices.ts';
import { keptLog } from '../../../helpers/numbers.ts';
import { testConfig, testModel } from '../../../helpers/test-config.ts';

const table = (input: number): PriceTable => ({ periods: [{ rates: { input } }] });

const list: PriceList = {
  find: (_provider, model) => {
    if (model === 'broken') throw new Error('a price that cannot be read');
    const price = { 'gpt-4': 4, 'claude-sonnet-4-5': 3, named: 2 }[model];
    return price === undefined ? null : { providerId: 'x', modelId: model, table: table(price), comment: null };
  },
  findAll: () => [],
};

function configWith(models: readonly string[], price?: PriceTable): Config {
  const base = testConfig({ openai: 1 });
  const [target] = base.models['gpt-4']?.targets ?? [];
  if (target === undefined) throw new Error('there is no target');
  const targets = models.map((model) => ({ ...target, model, ...(price === undefined ? {} : { price }) }));
  return { ...base, models: { m: testModel('m', targets) } };
}

describe('the primary, of prices', () => {
  let sent: PrimaryMessage[];
  let loads: number;

  beforeEach(() => {
    [sent, loads] = [[], 0];
  });

  function authority(load: () => Promise<PriceList> = async () => list) {
    const { log, messages } = keptLog();
    const prices = new PriceAuthority({
      config: configWith([]),
      load: () => {
        loads += 1;
        return load();
      },
      broadcast: (message) => sent.push(message),
      log,
    });
    return { prices, messages };
  }

  it('tells the workers those of all targets that have a name and no price of their own, each once', async () => {
    const { prices } = authority();
    expect([prices.entries, loads]).to.deep.equal([null, 0]);
    await prices.reconfigure(configWith(['gpt-4', 'gpt-4', '*', 'unknown', 'broken']));
    const entries = [
      { provider: 'openai', model: 'gpt-4', table: table(4) },
      { provider: 'openai', model: 'unknown', table: null },
      { provider: 'openai', model: 'broken', table: null },
    ];
    expect(sent).to.deep.equal([{ type: 'prices', entries }]);
    expect(prices.entries).to.deep.equal(entries);
    await prices.reconfigure(configWith(['gpt-4'], table(9)));
    expect(sent.at(-1)).to.deep.equal({ type: 'prices', entries: [] });
    expect(loads).to.equal(1);
  });

  it('answers what a worker asks for, and knows nothing of a provider that is not configured', async () => {
    const { prices } = authority();
    expect(await prices.asked('openai', 'named')).to.deep.equal({
      provider: 'openai',
      model: 'named',
      table: table(2),
    });
    expect((await prices.asked('openai', 'other')).table).to.equal(null);
    expect((await prices.asked('__proto__', 'named')).table).to.equal(null);
  });

  it('tells only what the last configuration has, in whatever order they are looked up', async () => {
    const { prices } = authority();
    const many = Array.from({ length: 200 }, (_, index) => `m${index}`);
    await Promise.all([prices.reconfigure(configWith(many)), prices.reconfigure(configWith(['gpt-4']))]);
    expect(sent).to.have.length(1);
    expect(prices.entries).to.have.length(1);
  });

  it('goes on without the list where it cannot be loaded, and says so once', async () => {
    const { prices, messages } = authority(() => Promise.reject(new Error('no such package')));
    await prices.reconfigure(configWith(['gpt-4']));
    expect((await prices.asked('openai', 'named')).table).to.equal(null);
    expect(prices.entries?.[0]?.table).to.equal(null);
    expect(messages).to.deep.equal(['the price list could not be loaded: only prices of the configuration are known']);
    expect(loads).to.equal(1);
  });
});
