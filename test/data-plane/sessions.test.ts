/** Sessions: which target a conversation keeps to, when it waits for it, and when it moves. */
import type http from 'node:http';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import type { Config, ModelConfig } from '../../src/shared/config.ts';
import { sessionRank } from '../../src/shared/session-rank.ts';
import { startPlane } from '../helpers/data-plane.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';
import { jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

const NAMES = ['first', 'second', 'third'] as const;
type Name = (typeof NAMES)[number];

/** A status that a provider answers, and its Retry-After in seconds; null: an answer. */
type Refusal = { readonly status: number; readonly retryAfter?: number; readonly meanwhile?: () => void } | null;

describe('the sessions of a model', () => {
  const { provider, close } = planeFixture();
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of closers.splice(0)) await stop();
    await close();
  });

  /** A model with three targets at one level, each of a provider of its own. */
  async function startThree(
    more: Partial<ModelConfig> = {},
    levels: readonly number[] = [0, 0, 0],
    changed: Partial<Config> = {},
  ) {
    const refusals: Record<string, Refusal[]> = {};
    const asked: string[] = [];
    const config = testConfig({ openai: 1 });
    const { openai } = config.providers;
    const [target] = config.models['gpt-4']?.targets ?? [];
    if (openai === undefined || target === undefined) throw new Error('the configuration has another form');
    const providers = await Promise.all(
      NAMES.map(async (name) => {
        const port = await provider((_incoming, outgoing: http.ServerResponse) => {
          asked.push(name);
          const refusal = refusals[name]?.shift() ?? null;
          if (refusal === null) {
            outgoing.writeHead(200, jsonHeaders).end(plainAnswer);
            return;
          }
          const { status, retryAfter, meanwhile } = refusal;
          meanwhile?.();
          const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
          outgoing.writeHead(status, { ...jsonHeaders, ...wait }).end('{"error":{"message":"no"}}');
        });
        return { ...openai, name, account: name, baseUrl: `http://127.0.0.1:${port}/v1` };
      }),
    );
    const targets = NAMES.map((name, index) => ({ ...target, provider: name, level: levels[index] ?? 0 }));
    const plane = await startPlane({
      ...config,
      ...changed,
      server: { ...config.server, sessionHeader: 'x-mine' },
      providers: Object.fromEntries(providers.map((each) => [each.name, each])),
      models: { 'gpt-4': testModel('gpt-4', targets, more) },
    });
    closers.push(() => plane.close());
    const askAs = async (session: string | null, body: object = {}) => {
      const headers = session === null ? jsonHeaders : { ...jsonHeaders, 'session-id': session };
      const response = await plane.ask({ ...body }, { headers });
      await response.text();
      return response.headers.get('x-headgate-provider');
    };
    const refuse = (name: Name, ...answers: Refusal[]) => {
      refusals[name] = answers;
    };
    return { ...plane, askAs, asked, refuse, targets };
  }

  /** A session that keeps to that target. */
  function sessionOf(name: Name, targets: readonly { provider: string; model: string; weight: number }[]): string {
    for (let number = 0; ; number += 1) {
      const key = `session-${number}`;
      const ranks = targets.map((each) => ({ provider: each.provider, rank: sessionRank(key, each) }));
      if (ranks.sort((one, other) => other.rank - one.rank)[0]?.provider === name) return key;
    }
  }

  const cooling = (name: Name, remainingMs: number) =>
    ({ provider: name, key: 'default', model: 'gpt-4', remainingMs, reason: 'rate_limited' }) as const;
  const heavy = { padding: 'x'.repeat(16 * 1024) };

  for (const balance of ['order', 'weighted', 'latency', 'load'] as const) {
    it(`keep to one target each, and to all of them together, where others are spread by ${balance}`, async () => {
      const { askAs, count } = await startThree({ balance });
      const chosen = new Set<string | null>();
      for (let session = 0; session < 12; session += 1) {
        const own = await askAs(`session-${session}`);
        chosen.add(own);
        for (const round of [1, 2]) expect(await askAs(`session-${session}`), String(round)).to.equal(own);
      }
      expect([...chosen].sort()).to.deep.equal([...NAMES].sort());
      expect(count({ type: 'session-moved' })).to.equal(0);
    });
  }

  it('begin with the first level, whatever their rank is further down', async () => {
    const { askAs } = await startThree({}, [0, 1, 1]);
    for (let session = 0; session < 6; session += 1) expect(await askAs(`session-${session}`)).to.equal('first');
  });

  it('do not change that requests without one are ordered', async () => {
    const { askAs } = await startThree();
    for (let round = 0; round < 4; round += 1) expect(await askAs(null)).to.equal('first');
  });

  it('may be named by the configured header and by prompt_cache_key, and be turned off', async () => {
    const on = await startThree();
    const key = sessionOf('third', on.targets);
    expect(await on.askAs(null, { prompt_cache_key: key })).to.equal('third');
    const configured = await on.ask({}, { headers: { ...jsonHeaders, 'x-mine': key } });
    expect(configured.headers.get('x-headgate-provider')).to.equal('third');
    const off = await startThree({ sessions: 'off' });
    expect(await off.askAs(key)).to.equal('first');
  });

  it('move at once while their circuit is open, to the next of their own order, and come back', async () => {
    const { askAs, view, count, targets } = await startThree();
    const key = sessionOf('second', targets);
    const rest = targets.filter((target) => target.provider !== 'second');
    const next = NAMES.find((name) => name !== 'second' && key === keepsTo(key, name, rest));
    view([{ provider: 'second', model: null, state: 'open', remainingMs: 60_000 }]);
    expect(await askAs(key, heavy)).to.equal(next);
    expect(count({ type: 'session-moved', reason: 'circuit' })).to.equal(1);
    view([]);
    expect(await askAs(key, heavy)).to.equal('second');
    expect(count({ type: 'session-moved' })).to.equal(1);
  });

  function keepsTo(key: string, name: Name, targets: readonly { provider: string; model: string; weight: number }[]) {
    const [best] = [...targets].sort((one, other) => sessionRank(key, other) - sessionRank(key, one));
    return best?.provider === name ? key : null;
  }

  it('wait for the end of a short cooldown if a move costs much, and move at once if not', async () => {
    const { askAs, view, count, targets } = await startThree();
    const key = sessionOf('second', targets);
    const startedAt = performance.now();
    view([], [cooling('second', 4_500)]);
    expect(await askAs(key)).not.to.equal('second');
    expect(performance.now() - startedAt).to.be.below(4_000);
    expect(count({ type: 'session-moved', reason: 'cooldown' })).to.equal(1);
    view([], [cooling('second', 300)]);
    expect(await askAs(key, heavy)).to.equal('second');
    view([], [cooling('second', 300)]);
    const thinking = [{ type: 'thinking', thinking: '', signature: 'abc' }];
    const messages = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: thinking },
    ];
    expect(await askAs(key, { messages })).to.equal('second');
    expect(count({ type: 'session-moved' })).to.equal(1);
  });

  it('move at once if the cooldown is longer than 5 s, however much that costs', async () => {
    const { askAs, view, count, targets } = await startThree();
    const key = sessionOf('second', targets);
    view([], [cooling('second', 20_000)]);
    expect(await askAs(key, heavy)).not.to.equal('second');
    expect(count({ type: 'session-moved', reason: 'cooldown' })).to.equal(1);
  });

  it('wait for what their own 429 asks for, and then are served there', async () => {
    const { askAs, refuse, asked, count, targets } = await startThree();
    const key = sessionOf('second', targets);
    refuse('second', { status: 429, retryAfter: 0.2 });
    expect(await askAs(key, heavy)).to.equal('second');
    expect(asked).to.deep.equal(['second', 'second']);
    expect(count({ type: 'session-moved' })).to.equal(0);
    refuse('second', { status: 429, retryAfter: 0.2 });
    expect(await askAs(key)).not.to.equal('second');
    expect(count({ type: 'session-moved', reason: 'cooldown' })).to.equal(1);
  });

  it('count a retry that the budget does not allow once, however often it was looked for', async () => {
    // A worker of many has one retry, and none again for minutes.
    const { askAs, refuse, view, asked, count, targets } = await startThree({}, [0, 0, 0], { workers: 10_000 });
    const key = sessionOf('second', targets);
    const open = (provider: Name) => ({ provider, model: null, state: 'open', remainingMs: 60_000 }) as const;
    view([open('first'), open('third')]);
    refuse('second', { status: 429, retryAfter: 0.1 }, { status: 429, retryAfter: 0.1 });
    await askAs(key, heavy);
    expect(asked).to.deep.equal(['second', 'second']);
    expect(count({ type: 'retry-budget-exhausted', provider: 'second' })).to.equal(1);
  });

  it('are not counted as moved if their own target answers in the end', async () => {
    const { askAs, refuse, count, view, asked, targets } = await startThree();
    const key = sessionOf('second', targets);
    view([{ provider: 'second', model: null, state: 'open', remainingMs: 60_000 }]);
    for (const name of NAMES) if (name !== 'second') refuse(name, { status: 401, meanwhile: () => view([]) });
    expect(await askAs(key)).to.equal('second');
    expect(asked).to.have.length(2);
    expect(count({ type: 'session-moved' })).to.equal(0);
  });

  it('move after failures of their target', async () => {
    const { askAs, refuse, count, targets } = await startThree();
    const key = sessionOf('third', targets);
    refuse('third', { status: 500 }, { status: 500 });
    expect(await askAs(key, heavy)).not.to.equal('third');
    expect(count({ type: 'session-moved', reason: 'failure' })).to.equal(1);
  });

  it('are counted as moved by nobody who has none, and not where nothing answers', async () => {
    const { askAs, refuse, count, view, targets } = await startThree();
    view([{ provider: 'first', model: null, state: 'open', remainingMs: 60_000 }]);
    expect(await askAs(null)).to.equal('second');
    view([]);
    for (const name of NAMES) refuse(name, { status: 401 });
    await askAs(sessionOf('second', targets));
    expect(count({ type: 'session-moved' })).to.equal(0);
  });
});
