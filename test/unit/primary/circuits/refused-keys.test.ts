/** The circuit authority and 403s: which answers of which workers make a provider's key cool down for the host. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { CircuitAuthority } from '../../../../src/primary/circuits/circuit-authority.ts';
import type { CircuitView } from '../../../../src/shared/circuits/circuit-view.ts';
import type { WorkerEvent } from '../../../../src/shared/events.ts';
import { attemptEnded, configOf, MIDDLE, providerConfig } from '../../../helpers/circuit-fixtures.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { testKey } from '../../../helpers/test-config.ts';

function create() {
  const clock = new ManualClock();
  const views: CircuitView[] = [];
  const refused: string[] = [];
  const authority = new CircuitAuthority({
    config: configOf(providerConfig('openai'), providerConfig('anthropic')),
    clock,
    random: () => MIDDLE,
    broadcast: (view) => views.push(view),
    keep: () => undefined,
    changed: () => undefined,
    keyRefused: (provider) => refused.push(provider),
  });
  /** 403s of different requests, one each 2 s, by two workers in turn. */
  const forbid = (times: number, seconds = 0) => {
    for (let index = 0; index < times; index += 1) {
      clock.advance(1_700);
      bodies += 1;
      authority.events(index % 2 === 0 ? 'a' : 'b', [forbidden({ body: bodies, seconds })]);
      clock.advance(300);
    }
  };
  let bodies = 0;
  const cooling = () =>
    authority.view().cooldowns.map(({ provider, model, reason }) => `${provider} ${model} ${reason}`);
  return { authority, clock, views, refused, forbid, cooling };
}

function forbidden(given: { readonly body: number; readonly seconds?: number }) {
  return attemptEnded({ outcome: 'client_error', verdict: 'neutral', keyVerdict: 'failure', ...given });
}

const KEY_COOLS = ['openai null auth'];

describe('a key that is refused by 403s', () => {
  it('cools down for all workers after five different requests of any of them', async () => {
    const { forbid, cooling, refused, views } = create();
    forbid(4);
    expect([cooling(), refused]).to.deep.equal([[], []]);
    forbid(1);
    expect([cooling(), refused]).to.deep.equal([KEY_COOLS, ['openai']]);
    await nextTurn();
    expect(views.at(-1)?.cooldowns).to.deep.equal([
      { provider: 'openai', key: 'default', model: null, remainingMs: 59_950, reason: 'auth' },
    ]);
  });

  it('cools down once: 403s of requests that were under way say nothing new', () => {
    const { forbid, cooling, refused, clock } = create();
    forbid(5);
    forbid(9);
    clock.advance(42_000);
    expect([cooling(), refused]).to.deep.equal([[], ['openai']]);
  });

  it('cools down again if it is refused afterwards', () => {
    const { forbid, cooling, refused, clock } = create();
    forbid(5);
    clock.advance(60_000);
    forbid(5);
    expect([cooling(), refused]).to.deep.equal([KEY_COOLS, ['openai', 'openai']]);
  });

  const proofs: readonly (readonly [string, WorkerEvent])[] = [
    ['a success', attemptEnded({ outcome: 'success', verdict: 'success' })],
    ['a success of another model', attemptEnded({ outcome: 'success', verdict: 'success', model: 'n' })],
    ['a status of accepted keys', attemptEnded({ outcome: 'client_error', verdict: 'neutral', keyVerdict: 'success' })],
    ['the first content of a stream', { type: 'first-content', provider: 'openai', model: 'gpt-4', seconds: 1 }],
  ];
  for (const [what, proof] of proofs) {
    it(`stays in use by ${what} of any worker between them`, () => {
      const { authority, forbid, cooling } = create();
      for (let round = 0; round < 5; round += 1) {
        forbid(4);
        authority.events('c', [proof]);
      }
      expect(cooling()).to.deep.equal([]);
      forbid(5);
      expect(cooling()).to.deep.equal(KEY_COOLS);
    });
  }

  it('stays in use by a success whose event was dropped', () => {
    const { authority, forbid, cooling } = create();
    forbid(4);
    authority.events('c', [], [{ provider: 'openai', model: 'm', verdict: 'success', body: null, count: 1 }]);
    forbid(4);
    expect(cooling()).to.deep.equal([]);
  });

  it('stays in use though one caller gets many before the slow answer of another', () => {
    const { authority, cooling, clock } = create();
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 45; index += 1) {
        clock.advance(100);
        authority.events('a', [forbidden({ body: 100 * round + index })]);
      }
      authority.events('b', [attemptEnded({ outcome: 'success', verdict: 'success', seconds: 4 })]);
    }
    expect(cooling()).to.deep.equal([]);
  });

  it('stays in use after a pause in which the primary read nothing: what waits in all pipes is one moment', () => {
    const { authority, forbid, cooling, clock } = create();
    forbid(1);
    clock.advance(30_000);
    authority.events(
      'a',
      Array.from({ length: 30 }, (_, body) => forbidden({ body })),
    );
    authority.events('b', [attemptEnded({ outcome: 'success', verdict: 'success' })]);
    clock.advance(1_000);
    expect(cooling()).to.deep.equal([]);
  });

  it('stays in use whatever circuits, failures and successes of another provider there are between them', () => {
    const { authority, forbid, cooling } = create();
    forbid(4);
    authority.events('c', [
      attemptEnded({}),
      attemptEnded({ outcome: 'connect_error', verdict: 'neutral', providerVerdict: 'failure' }),
      attemptEnded({ outcome: 'success', verdict: 'success', provider: 'anthropic' }),
    ]);
    expect(cooling()).to.deep.equal([]);
    forbid(1);
    expect(cooling(), 'they are no proof').to.deep.equal(KEY_COOLS);
  });

  it('begins anew by a reset, and no 403 of a request under way counts then', () => {
    const { authority, forbid, cooling } = create();
    forbid(4);
    authority.reset('openai');
    forbid(4, 1_000);
    forbid(4);
    expect(cooling()).to.deep.equal([]);
    forbid(1);
    expect(cooling()).to.deep.equal(KEY_COOLS);
  });

  it('begins anew by a reload that changes it, and goes on by one that does not', () => {
    const { authority, forbid, cooling } = create();
    forbid(4);
    authority.reconfigure(configOf(providerConfig('openai', { keys: [testKey('sk-other')] })));
    forbid(4, 1_000);
    forbid(4);
    expect(cooling()).to.deep.equal([]);
    authority.reconfigure(configOf(providerConfig('openai', { keys: [testKey('sk-other')] })));
    forbid(1);
    expect(cooling()).to.deep.equal(KEY_COOLS);
  });

  it('is none of a provider that is not configured', () => {
    const { authority, cooling, clock } = create();
    for (let body = 0; body < 9; body += 1) {
      clock.advance(2_000);
      authority.events('a', [{ ...forbidden({ body }), provider: 'gone' }]);
    }
    expect(cooling()).to.deep.equal([]);
  });
});
