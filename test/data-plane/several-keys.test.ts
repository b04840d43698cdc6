/** Several keys of one provider: which one is asked, which one follows it, and when none is left. */
import { expect } from 'chai';
import fc from 'fast-check';
import { afterEach, describe, it } from 'mocha';
import { sessionOfKey } from '../helpers/session-of-key.ts';
import { limited, type Refusal, type RunningKeys, startKeys } from './keys-fixture.ts';
import { planeFixture } from './plane-fixture.ts';

const refused: Refusal = { status: 401 };
const spent: Refusal = { status: 402, error: { message: 'no credit', code: 'insufficient_quota' } };
const declined: Refusal = { ...limited, headers: { ...limited.headers, 'x-should-retry': 'false' } };
const unavailable: Refusal = { status: 404, error: { message: 'no', code: 'model_not_found' } };

describe('several keys of a provider', () => {
  const { provider, close } = planeFixture();
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of closers.splice(0)) await stop();
    await close();
  });
  const start = async (options: Parameters<typeof startKeys>[1] = {}): Promise<RunningKeys> => {
    const plane = await startKeys({ provider }, options);
    closers.push(() => plane.close());
    return plane;
  };
  const first = sessionOfKey('a', 'b');
  /** For such a body, its own key is waited for. */
  const heavy = { padding: 'x'.repeat(16 * 1024) };

  for (const [what, refusal, outcome] of [
    ['a 429', limited, 'rate_limited'],
    ['a refused key', refused, 'auth_error'],
    ['an exhausted quota', spent, 'rate_limited'],
    ['a 429 that asks for no retry', declined, 'rate_limited'],
    ['a model that it has no access to', unavailable, 'model_unavailable'],
  ] as const) {
    it(`follow each other within a request after ${what}, which is no retry and no failover`, async () => {
      const { askAs, asked, refuse, count, logged } = await start({ retry: { attempts: 1, budget: 0 } });
      refuse('a', refusal);
      const beganMs = performance.now();
      const { status, headers } = await askAs(first);
      expect([status, asked.join(' ')]).to.deep.equal([200, 'a b']);
      expect(performance.now() - beganMs).to.be.below(1_500);
      expect(headers.get('x-headgate-attempts')).to.match(/^openai=\d+\(\d+ms\), openai=200$/);
      expect(count({ type: 'attempt-ended', key: 'a', outcome })).to.equal(1);
      expect(count({ type: 'attempt-ended', key: 'b', outcome: 'success' })).to.equal(1);
      expect(count({ type: 'cooldown-started', provider: 'openai', key: 'a' })).to.equal(1);
      expect(count({ type: 'key-failover', provider: 'openai', key: 'a' })).to.equal(1);
      expect(count({ type: 'retry' }) + count({ type: 'failover' }) + count({ type: 'cooldown-started' })).to.equal(1);
      expect(JSON.parse(logged[0] ?? '')).to.include({ provider: 'openai', providerKey: 'b', status: 200 });
      await askAs(first);
      expect(asked.join(' '), 'the next request does not ask the first').to.equal('a b b');
    });
  }

  it('are each asked once before another target, and before the client hears of it', async () => {
    const { askAs, asked, refuse, count } = await start({ keys: ['a', 'b', 'c'], others: ['gpt-3'] });
    for (const key of ['a', 'b', 'c']) refuse(key, limited, null);
    const { status } = await askAs(null);
    expect([status, asked.slice(0, 3).toSorted().join(' '), asked.length]).to.deep.equal([200, 'a b c', 4]);
    expect([count({ type: 'key-failover' }), count({ type: 'retry', provider: 'openai' })]).to.deep.equal([2, 1]);
  });

  it('leave the target out only when all of them cool down, until the first can be used', async () => {
    const { askAs, asked, refuse, count } = await start();
    refuse('a', limited);
    refuse('b', { status: 429, headers: { 'retry-after': '20' } });
    const { status, headers } = await askAs(null);
    expect([status, headers.get('retry-after')]).to.deep.equal([429, '20']);
    expect(asked.toSorted()).to.deep.equal(['a', 'b']);
    const next = await askAs(null);
    expect([next.status, next.headers.get('retry-after'), asked.length]).to.deep.equal([429, '20', 2]);
    expect(count({ type: 'rejected', reason: 'rate_limit' })).to.equal(1);
  });

  it('are a rate limit to the client while one of them is limited and the other refused', async () => {
    const { askAs, refuse, view } = await start();
    view(
      [],
      [
        { provider: 'openai', key: 'a', model: null, remainingMs: 60_000, reason: 'auth' },
        { provider: 'openai', key: 'b', model: 'gpt-4', remainingMs: 5_000, reason: 'rate_limited' },
      ],
    );
    refuse('a', limited);
    expect((await askAs(null)).status).to.equal(429);
  });

  it('are a rate limit to the client, and waited for, where the last of them was refused', async () => {
    const { askAs, asked, refuse, count } = await start();
    refuse('a', limited);
    refuse('b', refused);
    const { status, headers } = await askAs(first);
    expect([status, headers.get('retry-after'), asked.join(' ')]).to.deep.equal([429, '60', 'a b']);
    expect(count({ type: 'request-ended', code: 'rate_limited' })).to.equal(1);
    const shortly = await start();
    shortly.refuse('a', { status: 429, headers: { 'retry-after': '0.3' } }, null);
    shortly.refuse('b', refused);
    expect((await shortly.askAs(first)).status).to.equal(200);
    expect(shortly.asked.join(' ')).to.equal('a b a');
  });

  it('have their cooldowns waited out where nothing else is left, as one retry', async () => {
    const { askAs, asked, refuse, count } = await start();
    const shortly: Refusal = { status: 429, headers: { 'retry-after': '0.3' } };
    refuse('a', shortly, null);
    refuse('b', shortly, null);
    expect((await askAs(null)).status).to.equal(200);
    expect([asked.length, count({ type: 'retry' }), count({ type: 'key-failover' })]).to.deep.equal([3, 1, 1]);
  });

  it('give a failure after the change its usual retries', async () => {
    const { askAs, asked, refuse, count } = await start({ retry: { attempts: 2, baseDelayMs: 1, budget: 1 } });
    refuse('a', limited);
    refuse('b', { status: 500 }, null);
    expect((await askAs(first)).status).to.equal(200);
    expect(asked.join(' ')).to.equal('a b b');
    expect([count({ type: 'retry' }), count({ type: 'key-failover' })]).to.deep.equal([1, 1]);
    expect(count({ type: 'attempt-ended', attempt: 3, key: 'b' })).to.equal(1);
  });

  it('follow each other before a stream has content, and tokens are counted for the one that gave it', async () => {
    const { askAs, asked, refuse, count } = await start();
    refuse('a', limited);
    const { status, text } = await askAs(first, { stream: true });
    expect([status, asked.join(' ')]).to.deep.equal([200, 'a b']);
    expect(text).to.match(/data: \[DONE\]\s*$/);
    expect(count({ type: 'first-content', key: 'b' })).to.equal(1);
    expect([count({ type: 'tokens', key: 'b' }), count({ type: 'tokens' })]).to.deep.equal([1, 1]);
  });

  it('do not follow each other after what says nothing of a key', async () => {
    const { askAs, asked, refuse } = await start({ retry: { attempts: 1 } });
    for (const status of [400, 403, 404, 500]) {
      for (const key of ['a', 'b']) refuse(key, { status });
      await askAs(first);
    }
    expect(asked.join(' ')).to.equal('a a a a');
  });

  it('are asked under a lease of their own while the circuit is half-open', async () => {
    const { askAs, asked, refuse, view, leases } = await start();
    view([{ provider: 'openai', model: null, state: 'half-open', remainingMs: 0 }]);
    refuse('a', limited);
    refuse('b', null);
    expect((await askAs(first)).status).to.equal(200);
    expect([asked.join(' '), leases.asked.length, leases.returned.length]).to.deep.equal(['a b', 2, 0]);
  });

  it('never show themselves', async () => {
    const { askAs, refuse, logged, warned } = await start();
    for (const key of ['a', 'b']) refuse(key, { status: 401, error: { message: `wrong key sk-${key}` } });
    const { text, headers } = await askAs(null);
    expect([text, ...headers.values(), ...logged, ...warned].join('\n')).not.to.contain('sk-');
    expect(warned.toSorted()).to.deep.equal(
      ['a', 'b'].map((key) => `provider openai refuses our API key ${key}: check it in the configuration`),
    );
  });

  describe('and sessions', () => {
    it('keep to one key each, with one target too, and to all of them together', async () => {
      const { askAs, asked, count } = await start();
      for (let number = 0; number < 20; number += 1) {
        for (let time = 0; time < 3; time += 1) await askAs(`s${number}`);
        expect(new Set(asked.slice(-3)).size).to.equal(1);
      }
      expect(new Set(asked).size).to.equal(2);
      expect(count({ type: 'session-moved' })).to.equal(0);
    });

    it('move while their key cools down, which is counted, and come back', async () => {
      const { askAs, asked, refuse, count } = await start();
      refuse('a', { status: 429, headers: { 'retry-after': '0.5' } }, null);
      await askAs(first);
      await askAs(first);
      expect([asked.join(' '), count({ type: 'session-moved', reason: 'cooldown' })]).to.deep.equal(['a b b', 2]);
      await askAs(first, heavy);
      expect([asked.at(-1), count({ type: 'session-moved' })]).to.deep.equal(['a', 2]);
    });

    it('that are heavy wait for their own key, if that is shortly free', async () => {
      const { askAs, asked, view, count } = await start();
      const cooling = (remainingMs: number) =>
        view([], [{ provider: 'openai', key: 'a', model: 'gpt-4', remainingMs, reason: 'rate_limited' }]);
      cooling(300);
      await askAs(first, heavy);
      cooling(20_000);
      await askAs(first, heavy);
      cooling(300);
      await askAs(first);
      expect(asked.join(' ')).to.equal('a b b');
      expect(count({ type: 'session-moved', reason: 'cooldown' })).to.equal(2);
    });

    it('that a model does not keep are spread like all others', async () => {
      const { askAs, asked } = await start({ model: { sessions: 'off' } });
      for (let time = 0; time < 40; time += 1) await askAs(first);
      expect(new Set(asked).size).to.equal(2);
    });
  });

  it('serve a request exactly while one of them would, each asked at most once, whatever they answer', async () => {
    const answer = fc.constantFrom(null, limited, refused, spent);
    const names = ['a', 'b', 'c'] as const;
    const rounds = fc.array(fc.record({ a: answer, b: answer, c: answer }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(rounds, fc.option(fc.nat(20)), async (answers, session) => {
        const { askAs, asked, refuse, close: stop } = await startKeys({ provider }, { keys: names });
        const cooling = new Set<string>();
        for (const round of answers) {
          for (const name of names) refuse(name, round[name]);
          const before = asked.length;
          const { status } = await askAs(session === null ? null : `s${session}`);
          const now = asked.slice(before);
          const left = names.filter((name) => !cooling.has(name));
          expect(new Set(now).size, 'each at most once').to.equal(now.length);
          expect(now.filter((name) => cooling.has(name))).to.deep.equal([]);
          expect(status === 200).to.equal(left.some((name) => round[name] === null));
          const failed = status === 200 ? now.slice(0, -1) : left;
          expect(now.toSorted()).to.deep.equal(status === 200 ? [...failed, now.at(-1)].toSorted() : left.toSorted());
          for (const name of failed) cooling.add(name);
        }
        await stop();
      }),
      { numRuns: 40 },
    );
  });
});
