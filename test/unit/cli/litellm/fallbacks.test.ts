/** Fallbacks of LiteLLM's, and other names of models. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { convert, modelList, targetsOf } from '../../../helpers/from-litellm.ts';

const four = modelList(
  ['m', 'model: openai/a'],
  ['n', 'model: openai/b'],
  ['o', 'model: openai/c'],
  ['gpt/*', 'model: openai/*'],
);

/** Names of targets in their order. */
function order(more: string, name = 'm') {
  const converted = convert(four + more);
  return { names: targetsOf(converted, name)?.map(([model]) => model), ...converted };
}

describe('fallbacks of LiteLLM', () => {
  it('bring their own fallbacks with them, as many as max_fallbacks says', () => {
    const chain = 'fallbacks: [{ m: [n] }, { n: [o] }]';
    expect(order(`router_settings: { ${chain} }`).names).to.deep.equal(['a', 'b', 'c']);
    expect(order(`router_settings: { ${chain}, max_fallbacks: 1 }`).names).to.deep.equal(['a', 'b']);
    expect(order('router_settings: { fallbacks: [{ m: [n] }, { n: [m] }] }').names).to.deep.equal(['a', 'b']);
  });

  it('are those of the router where both places have some, and the first of a name', () => {
    const both =
      'router_settings: { fallbacks: [{ m: [n] }, { m: [o] }] }\nlitellm_settings: { fallbacks: [{ m: [o] }] }';
    const { names, left } = order(both);
    expect(names).to.deep.equal(['a', 'b']);
    expect(left).to.include.keys('litellm_settings.fallbacks', 'router_settings.fallbacks[1].m');
  });

  it('are for all models without their own, by default_fallbacks or by a star', () => {
    for (const forAll of ['default_fallbacks: [o], fallbacks: [{ n: [m] }]', 'fallbacks: [{ n: [m] }, { "*": [o] }]']) {
      const { loaded, left } = convert(`${four}litellm_settings: { ${forAll} }`);
      const all = Object.values(loaded.models).map(({ targets }) => targets.map(({ model }) => model));
      expect(all, forAll).to.deep.equal([['a', 'c'], ['b', 'a', 'c'], ['c'], ['*', 'c']]);
      expect(left).to.deep.equal({});
    }
  });

  it('are named where they are no names, or no lists of them', () => {
    const { names, left } = order(
      'router_settings: { fallbacks: [{ m: [7, { model: n }, { model: o, messages: [] }, { a: b }] }, 8], default_fallbacks: [{}] }',
    );
    expect(names).to.deep.equal(['a', 'b', 'c']);
    expect(Object.keys(left)).to.include.members([
      'router_settings.fallbacks[0].m[0]',
      'router_settings.fallbacks[0].m[2]',
      'router_settings.fallbacks[0].m[3]',
      'router_settings.fallbacks[1]',
      'router_settings.default_fallbacks[0]',
    ]);
  });

  it('may be names that a pattern or an alias has, and so may their models', () => {
    const aliases = 'model_group_alias: { second: n }';
    const { names, loaded, left } = order(
      `router_settings: { ${aliases}, fallbacks: [{ m: [gpt/x, second] }, { gpt/y: [m] }, { second: [o] }] }`,
    );
    expect(names).to.deep.equal(['a', 'x', 'b', 'c']);
    expect(loaded.models['gpt/y']?.targets.map(({ model }) => model)).to.deep.equal(['y', 'a', 'x', 'b', 'c']);
    expect(left['router_settings.fallbacks']).to.include('second is another name of n');
  });

  it('are the targets of a name that is no model, where LiteLLM takes any', () => {
    const { names, left } = order('router_settings: { fallbacks: [{ new: [gpt/x, n] }, { newer: [gone] }] }', 'new');
    expect(names).to.deep.equal(['x', 'b']);
    expect(left['router_settings.fallbacks']).to.include('newer');
    const known = modelList(['m', 'model: openai/a']);
    const { loaded } = convert(`${known}router_settings: { fallbacks: [{ new: [m] }], context_window_fallbacks: [] }`);
    expect(Object.keys(loaded.models)).to.deep.equal(['m']);
  });

  it('name parameters that a model does not bring with it', () => {
    const list = modelList(['m', 'model: openai/a'], ['n', 'model: openai/b, temperature: 0']);
    const { left } = convert(`${list}router_settings: { fallbacks: [{ m: [n] }] }`);
    expect(left['router_settings.fallbacks']).to.equal('m → n: n alone sets or drops temperature');
  });
});

describe('fallbacks for long contexts', () => {
  it('are those of the router where both places have some', () => {
    const { loaded, left } = convert(
      `${four}router_settings: { context_window_fallbacks: [{ m: [n] }] }\nlitellm_settings: { context_window_fallbacks: [{ m: [o] }] }`,
    );
    expect(loaded.models.m?.fallbacks.context).to.deep.equal(['n']);
    expect(left).to.have.property('litellm_settings.context_window_fallbacks');
  });

  it('never lead back, and are never for all models', () => {
    const { loaded, left } = convert(
      `${four}litellm_settings: { context_window_fallbacks: [{ m: [n, m] }, { n: [m, gpt/z] }, { "*": [o] }, { gone: [o] }] }`,
    );
    expect(loaded.models.m?.fallbacks.context).to.deep.equal(['n']);
    expect(loaded.models.n?.fallbacks.context).to.deep.equal(['gpt/z']);
    expect(loaded.models.o?.fallbacks.context).to.deep.equal([]);
    expect(left).to.have.property('litellm_settings.context_window_fallbacks');
  });
});

describe('aliases of LiteLLM', () => {
  it('go before a model of the same name', () => {
    const { loaded, left } = convert(`${four}router_settings: { model_group_alias: { m: n } }`);
    expect([loaded.models.m, loaded.models.n?.aliases]).to.deep.equal([undefined, ['m']]);
    expect(left['router_settings.model_group_alias.m']).to.include('left out');
  });

  it('become a model where only a pattern has the name, and are named where they lead to no model', () => {
    const { loaded, left } = convert(
      `${four}router_settings: { model_group_alias: { one: gpt/x, two: [m, n], three: "gpt/*", four: gone } }`,
    );
    expect(loaded.models.one?.targets.map(({ model }) => model)).to.deep.equal(['x']);
    expect(Object.keys(left)).to.deep.equal(
      ['two', 'three', 'four'].map((name) => `router_settings.model_group_alias.${name}`),
    );
  });
});
