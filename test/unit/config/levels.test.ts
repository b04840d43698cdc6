/** Levels and weights of a model's targets, as they follow from lists in its list. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/source/faults.ts';
import { thrownBy } from '../../helpers/thrown-by.ts';

const providers = { a: at('a'), b: at('b'), c: at('c') };

function at(name: string) {
  return { type: 'openai', base_url: `http://127.0.0.1:1/${name}` };
}

const to = (provider: string, more: object = {}) => ({ provider, model: 'm', ...more });

function load(model: object) {
  return loadConfig({ source: { kind: 'object', name: 'test', input: { providers, models: { m: model } } } });
}

/** `a0 b1`: each target with its level, in their order. */
function levels(model: object): string {
  return (load(model).models.m?.targets ?? []).map(({ provider, level }) => `${provider}${level}`).join(' ');
}

describe('the levels of targets', () => {
  it('are one each for targets that are only ordered', () => {
    expect(levels({ targets: [to('a'), to('b'), to('c')] })).to.equal('a0 b1 c2');
    expect(levels({ balance: 'order', targets: [to('a'), [to('b'), to('c')]] })).to.equal('a0 b1 c1');
  });

  for (const balance of ['weighted', 'latency', 'load']) {
    it(`are one for all targets of a row that are balanced: ${balance}`, () => {
      expect(levels({ balance, targets: [to('a'), to('b'), to('c')] })).to.equal('a0 b0 c0');
      expect(levels({ balance, targets: [to('a'), to('b'), [to('c')]] })).to.equal('a0 b0 c1');
      expect(levels({ balance, targets: [[to('a')], to('b'), to('c')] })).to.equal('a0 b1 c1');
      expect(levels({ balance, targets: [to('a'), [to('b')], to('c')] })).to.equal('a0 b1 c2');
      expect(levels({ balance, targets: [[to('a'), to('b')], [to('c')]] })).to.equal('a0 b0 c1');
    });
  }

  it('have targets with weights, 1 if none is given', () => {
    const model = load({ balance: 'weighted', targets: [to('a', { weight: 2.5 }), to('b')] }).models.m;
    expect(model?.balance).to.equal('weighted');
    expect(model?.targets.map(({ weight }) => weight)).to.deep.equal([2.5, 1]);
  });
});

const refused: readonly (readonly [string, object, string])[] = [
  [
    'a key of a target in a list within the list, by its nearest name',
    { targets: [[to('a', { wieght: 2 })]] },
    'models.m.targets[0][0].wieght: should be one of provider, model, max_tokens, weight, price, timeouts, got "wieght"; did you mean "weight"?',
  ],
  [
    'a provider that is not there, within a list',
    { targets: [to('a'), [to('bb')]] },
    'models.m.targets[1][0].provider: should be one of the providers "a", "b", "c", got "bb"; did you mean "b"?',
  ],
  [
    'a level without targets',
    { targets: [to('a'), []] },
    'models.m.targets[1]: should be a list of at least one target, got an empty list',
  ],
  ['a level within a level', { targets: [[[to('a')]]] }, 'models.m.targets[0][0]: should be a mapping, got a list'],
  ['a text as a target', { targets: ['a/m'] }, 'models.m.targets[0]: should be a target, or a list of them, got "a/m"'],
  [
    'the same target at two levels',
    { targets: [to('a'), [to('b'), to('a')]] },
    'models.m.targets[1][1]: should be a different target, got the same as targets[0]',
  ],
  [
    'a weight that has no effect',
    { targets: [to('a', { weight: 3 }), to('b')] },
    'models.m.targets[0].weight: should be left out while the targets are only ordered, got 3; set "balance: weighted" to spread requests by weight',
  ],
  [
    'no weight at all',
    { balance: 'weighted', targets: [to('a', { weight: 0 }), to('b')] },
    'models.m.targets[0].weight: should be a number above 0, up to 1000000, got 0',
  ],
  [
    'an unknown balance, by its nearest name',
    { balance: 'weigthed', targets: [to('a')] },
    'models.m.balance: should be one of order, weighted, latency, load, got "weigthed"; did you mean "weighted"?',
  ],
];

describe('targets and levels that are refused', () => {
  for (const [name, model, fault] of refused) {
    it(name, () => {
      expect(thrownBy(ConfigError, () => load(model)).message).to.equal(`test ${fault}`);
    });
  }
});
