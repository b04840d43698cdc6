/** Deployments of one name: their levels, and their shares of the requests. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { convert, modelList, targetsOf } from '../../../helpers/from-litellm.ts';

const at = (index: number, name: string) => `model_list[${index}].litellm_params.${name}`;

describe('deployments that LiteLLM shuffles', () => {
  it('have their rpm for a weight, and their tpm where none has an rpm', () => {
    const rpm = convert(modelList(['m', 'model: openai/a, rpm: 6'], ['m', 'model: openai/b, rpm: 1440, tpm: 7']));
    expect(targetsOf(rpm)).to.deep.equal([
      ['a', 0, 1],
      ['b', 0, 240],
    ]);
    expect(rpm.left[at(0, 'rpm')]).to.include('is the weight');
    expect(rpm.left[at(1, 'tpm')]).to.include('no limits');
    const tpm = convert(modelList(['m', 'model: openai/a, tpm: 30_000_000'], ['m', 'model: openai/b, tpm: 10000000']));
    expect(targetsOf(tpm)).to.deep.equal([
      ['a', 0, 3],
      ['b', 0, 1],
    ]);
  });

  it('go before those that have no share, or one of 0, beside them', () => {
    const some = convert(
      modelList(['m', 'model: openai/a, weight: 0'], ['m', 'model: openai/b, weight: 5'], ['m', 'model: openai/c']),
    );
    expect(targetsOf(some)).to.deep.equal([
      ['b', 0, 1],
      ['a', 1, 1],
      ['c', 1, 1],
    ]);
    expect(some.left).to.include.keys(at(0, 'weight'), at(2, 'weight'));
  });

  it('count each copy of a target in its share', () => {
    const copies = convert(modelList(['m', 'model: openai/a'], ['m', 'model: openai/a'], ['m', 'model: openai/b']));
    expect(targetsOf(copies)).to.deep.equal([
      ['a', 0, 2],
      ['b', 0, 1],
    ]);
    expect(copies.left['model_list[1].litellm_params']).to.include('written once');
  });

  it('have no weight where one is alone, or where the balance is another', () => {
    const alone = convert(modelList(['m', 'model: openai/a, weight: 3']));
    expect([targetsOf(alone), alone.left[at(0, 'weight')]]).to.deep.equal([
      [['a', 0, 1]],
      'has no effect: alone in its level, or not balanced by weight',
    ]);
    const list = modelList(['m', 'model: openai/a, weight: 3'], ['m', 'model: openai/b, weight: 1']);
    const busy = convert(`${list}router_settings: { routing_strategy: least-busy }`);
    expect([busy.loaded.models.m?.balance, targetsOf(busy)]).to.deep.equal([
      'load',
      [
        ['a', 0, 1],
        ['b', 0, 1],
      ],
    ]);
    expect(busy.left).to.include.keys(at(0, 'weight'), at(1, 'weight'));
  });

  it('stay levels of their own where a later one has several', () => {
    const ordered = convert(
      modelList(
        ['m', 'model: openai/a, order: 1'],
        ['m', 'model: openai/b, order: 2'],
        ['m', 'model: openai/c, order: 3'],
        ['m', 'model: openai/d, order: 3'],
      ),
    );
    expect(targetsOf(ordered)?.map(([model, level]) => [model, level])).to.deep.equal([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 2],
    ]);
  });

  it('name a parameter that one of them alone takes out, and a path into one', () => {
    const { loaded, left } = convert(
      modelList(['m', 'model: openai/a, additional_drop_params: [user, "tools[*].x", 5]'], ['m', 'model: openai/b']),
    );
    expect(loaded.models.m?.drop).to.deep.equal(['user']);
    expect(left).to.include.keys(at(0, 'additional_drop_params'), at(0, 'additional_drop_params[2]'));
  });
});
