/** Aliases, patterns and fallbacks: which names a configuration may have, and what it says of others. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/source/faults.ts';
import { thrownBy } from '../../helpers/thrown-by.ts';

const targets = [{ provider: 'a', model: 'm' }];

function load(models: object) {
  const providers = { a: { type: 'openai', base_url: 'http://127.0.0.1:1/v1' } };
  return loadConfig({ source: { kind: 'object', name: 'test', input: { providers, models } } });
}

const to = (...context: readonly string[]) => ({ targets, fallbacks: { context } });

const refused: readonly (readonly [string, object, string])[] = [
  [
    'an alias that is a model’s name',
    { m: { targets, aliases: ['n'] }, n: { targets } },
    'models.m.aliases[0]: should be an alias that is not the name of a model, got "n"',
  ],
  [
    'an alias of two models',
    { m: { targets, aliases: ['x'] }, n: { targets, aliases: ['y', 'x'] } },
    'models.n.aliases[1]: should be another alias, got "x", which is models.m.aliases[0] already',
  ],
  [
    'an alias of a pattern',
    { 'm*': { targets, aliases: ['x'] } },
    'models."m*".aliases[0]: should be left out, since "m*" has a * and an alias would not say what it stands for, got "x"; make it a model of its own',
  ],
  [
    'a pattern as an alias',
    { m: { targets, aliases: ['x*'] } },
    'models.m.aliases[0]: should be a name of up to 128 letters, digits and . _ : / @ + - that starts with a letter or digit, and not "other", which is reserved, got "x*"',
  ],
  [
    'a pattern with two stars',
    { '*/*': { targets } },
    'models."*/*": should be a name of up to 128 letters, digits and . _ : / @ + - that starts with a letter or digit, or a pattern of these with one *, and not "other", which is reserved, got "*/*"',
  ],
  [
    'a star of a target whose model has none',
    { m: { targets: [{ provider: 'a', model: 'x/*' }] } },
    'models.m.targets[0].model: should be a name without *, since "m" has none that it could stand for, got "x/*"',
  ],
  [
    'two stars of a target',
    { 'm/*': { targets: [{ provider: 'a', model: '*/*' }] } },
    'models."m/*".targets[0].model: should be a name with one *, got "*/*"',
  ],
  [
    'a fallback that leads nowhere, by its nearest name',
    { small: to('lrge'), large: { targets } },
    'models.small.fallbacks.context[0]: should be a name that leads to a model, got "lrge"; did you mean "large"?',
  ],
  [
    'a fallback to itself',
    { small: to('small') },
    'models.small.fallbacks.context[0]: should be a model that does not lead back, got "small" ("small" → "small")',
  ],
  [
    'a default of what a request is about',
    { m: { targets, defaults: { messages: [] } } },
    'models.m.defaults.messages: should be the name of a parameter, and none of model, messages, input, prompt, stream, got "messages"',
  ],
  [
    'a default without a value',
    { m: { targets, defaults: { seed: null } } },
    'models.m.defaults.seed: should be a value that JSON can hold, and not null, got nothing',
  ],
  [
    'a default that JSON cannot write',
    { m: { targets, defaults: { metadata: { a: [Number.NaN] } } } },
    'models.m.defaults.metadata: should be a value that JSON can hold, and not null, got a mapping',
  ],
  [
    'a parameter to take out that a gateway cannot do without',
    { m: { targets, drop: ['stream'] } },
    'models.m.drop[0]: should be the name of a parameter, and none of model, messages, input, prompt, stream, got "stream"',
  ],
  [
    'a key of fallbacks that there is not',
    { m: { targets, fallbacks: { contexts: [] } } },
    'models.m.fallbacks.contexts: should be one of context, got "contexts"; did you mean "context"?',
  ],
];

describe('the names of a configuration', () => {
  for (const [name, models, fault] of refused) {
    it(`are refused: ${name}`, () => {
      expect(thrownBy(ConfigError, () => load(models)).message).to.equal(`test ${fault}`);
    });
  }

  it('are refused where fallbacks lead in a circle, at each of its places', () => {
    const models = { a: { ...to('b'), aliases: ['x'] }, b: to('d', 'c'), c: to('x'), d: { targets } };
    expect(thrownBy(ConfigError, () => load(models)).message.split('\n')).to.deep.equal([
      'test models.a.fallbacks.context[0]: should be a model that does not lead back, got "b" ("a" → "b" → "c" → "a")',
      'test models.b.fallbacks.context[1]: should be a model that does not lead back, got "c" ("b" → "c" → "a" → "b")',
      'test models.c.fallbacks.context[0]: should be a model that does not lead back, got "x" ("c" → "a" → "b" → "c")',
    ]);
  });

  it('may meet again and again, at no price', () => {
    const context = (index: number) => [1, 2].map((step) => `m${Math.min(index + step, 60)}`);
    const models = Array.from({ length: 60 }, (_, index) => [`m${index}`, to(...new Set(context(index)))] as const);
    const config = load({ ...Object.fromEntries(models), m60: { targets } });
    expect(config.models.m0?.fallbacks.context).to.deep.equal(['m1', 'm2']);
  });

  it('may lead from many models to one, by its alias, and to what a pattern matches', () => {
    const config = load({
      a: to('b', 'big'),
      b: to('big'),
      c: { targets, aliases: ['big'] },
      'p/*': to('p/long', 'a'),
      '*': { targets: [{ provider: 'a', model: '*' }] },
    });
    expect(config.models.a?.fallbacks.context).to.deep.equal(['b', 'big']);
    expect(config.aliases).to.deep.equal({ big: 'c' });
    expect(config.patterns).to.deep.equal(['p/*', '*']);
  });
});
