import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { classify } from '../../../../../src/shared/classify.ts';
import type { ProviderConfig, ProviderKey } from '../../../../../src/shared/config.ts';
import type { ActiveRequest } from '../../../../../src/worker/request/active-request.ts';
import { AttemptHistory } from '../../../../../src/worker/request/attempt-history.ts';
import { chooseKey, keysLeft, keysOf, ownKey } from '../../../../../src/worker/request/targets/keys.ts';
import { testConfig, testKey } from '../../../../helpers/test-config.ts';

const config = testConfig({ openai: 1 });
const model = config.models['gpt-4'];
const { openai } = config.providers;
if (model === undefined || openai === undefined) throw new Error('the configuration has another form');
const target = { provider: 'openai', model: 'gpt-4' };

function keysOfWeights(weights: readonly number[]): ProviderKey[] {
  return weights.map((weight, index) => testKey(`sk-${index}`, { name: `k${index}`, weight }));
}

const withKeys = (keys: readonly ProviderKey[]): ProviderConfig => ({ ...openai, keys });

/** A request as far as the choice of a key looks at it. */
function requestWith(given: { session?: string; cooling?: readonly string[]; random?: () => number; bound?: string }) {
  const { session, cooling = [], random = Math.random, bound } = given;
  return {
    session: session === undefined ? null : { key: session },
    binding: bound === undefined ? null : { provider: 'openai', key: bound },
    history: new AttemptHistory(),
    plane: { gate: { isCooling: (_: string, __: string, key: string) => cooling.includes(key) }, random },
  } as unknown as ActiveRequest;
}

const chosen = (request: ActiveRequest, keys: readonly ProviderKey[]) => chooseKey(request, model, keys, target)?.name;

/** How often each of the keys is chosen. */
function shares(keys: readonly ProviderKey[], times: number, choose: (time: number) => string | undefined): number[] {
  const names = Array.from({ length: times }, (_, time) => choose(time));
  return keys.map(({ name }) => names.filter((each) => each === name).length / times);
}

const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 });

describe('the key of a request', () => {
  for (const kind of ['requests', 'sessions'] as const) {
    it(`is each one for the share of ${kind} that its weight says`, () => {
      fc.assert(
        fc.property(weights, (given) => {
          const keys = keysOfWeights(given);
          const all = given.reduce((sum, weight) => sum + weight, 0);
          const found = shares(keys, 3_000, (time) =>
            chosen(requestWith(kind === 'sessions' ? { session: `s${time}` } : {}), keys),
          );
          for (const [index, weight] of given.entries()) expect(found[index]).to.be.closeTo(weight / all, 0.06);
        }),
        { numRuns: 8 },
      );
    });
  }

  it('is the session’s own, else its next one, in whatever order they stand and whichever others cool down', () => {
    fc.assert(
      fc.property(weights, fc.string(), fc.subarray([0, 1, 2, 3]), (given, session, out) => {
        const keys = keysOfWeights(given);
        const own = ownKey(session, withKeys(keys))?.name;
        const cooling = out.map((index) => `k${index}`);
        const key = chosen(requestWith({ session, cooling }), keys);
        expect(chosen(requestWith({ session, cooling }), keys.toReversed())).to.equal(key);
        if (own !== undefined && !cooling.includes(own)) expect(key).to.equal(own);
        if (key !== undefined) expect(cooling).not.to.include(key);
        else expect(keys.every(({ name }) => cooling.includes(name))).to.equal(true);
      }),
    );
  });

  it('moves no session but to a key that came, or from one that left', () => {
    const keys = keysOfWeights([1, 2, 1]);
    for (let number = 0; number < 200; number += 1) {
      const before = ownKey(`s${number}`, withKeys(keys))?.name;
      const fewer = ownKey(`s${number}`, withKeys(keys.slice(1)))?.name;
      const more = ownKey(`s${number}`, withKeys([...keys, testKey('sk-new', { name: 'new' })]))?.name;
      if (before !== 'k0') expect(fewer).to.equal(before);
      expect([before, 'new']).to.include(more);
    }
  });

  it('is the one that keeps what the request goes on from, at that provider', () => {
    const keys = keysOfWeights([1, 1]);
    expect(keysOf(requestWith({ bound: 'k1' }), withKeys(keys)).map(({ name }) => name)).to.deep.equal(['k1']);
    expect(keysOf(requestWith({ bound: 'k1' }), { ...withKeys(keys), name: 'other' })).to.equal(keys);
  });

  it('is none that asked not to be tried again', () => {
    const keys = keysOfWeights([1, 1]);
    const request = requestWith({});
    expect(keysLeft(request, withKeys(keys))).to.equal(keys);
    const [asked] = model.targets;
    if (asked === undefined) throw new Error('the model has no target');
    const fault = { kind: 'status', status: 429, quota: false, subject: null } as const;
    request.history.begin(0, asked, [], 'k0');
    request.history.failed(0, asked, { fault, declined: true }, classify(fault), 1);
    expect(keysLeft(request, withKeys(keys)).map(({ name }) => name)).to.deep.equal(['k1']);
  });
});
