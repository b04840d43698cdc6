import { expect } from 'chai';
import { describe, it } from 'mocha';
import { clockWords } from '../../../src/cli/clock-words.ts';
import { explainModel } from '../../../src/cli/explain.ts';
import { CommandError } from '../../../src/cli/failures.ts';
import type { StatusAnswer } from '../../../src/cli/status-answer.ts';
import { keyRank, sessionRank } from '../../../src/shared/session-rank.ts';

function answer(parts: Partial<StatusAnswer>): StatusAnswer {
  return {
    version: '1',
    primary: { pid: 1, uptimeSeconds: 1 },
    workers: [],
    circuits: ['a', 'b', 'c'].map((provider) => closed(provider)),
    targets: ['a', 'b', 'c'].map((provider) => target(provider)),
    rests: [],
    credentials: [],
    keys: [],
    models: [
      model(
        'm',
        ['a', 'b', 'c'].map((provider) => ({ provider, model: `${provider}1` })),
      ),
    ],
    config: { version: 1, loadedAt: '' },
    ...parts,
  };
}

type ModelAnswer = StatusAnswer['models'][number];

/** Each of the targets is a level, with weight 1, unless it says otherwise. */
function model(
  name: string,
  targets: readonly (Pick<ModelAnswer['targets'][number], 'provider' | 'model'> & {
    level?: number;
    weight?: number;
  })[],
  more: Partial<ModelAnswer> = {},
): ModelAnswer {
  return {
    ...{ name, aliases: [], balance: 'order', sessions: 'auto', fallbacks: { context: [] }, defaults: [], drop: [] },
    targets: targets.map((each, level) => ({ level, weight: 1, ...each })),
    ...more,
  };
}

const closed = (provider: string) => ({ provider, state: 'closed' as const, openUntil: null, failures: 0 });

const target = (provider: string) => ({ ...closed(provider), model: `${provider}1`, barred: false });

describe('explainModel', () => {
  it('lists targets in the order of the configuration', () => {
    expect(explainModel('m', answer({}))).to.deep.equal([
      'a request for m now takes:',
      '  1.  a/a1  closed',
      '  2.  b/b1  closed',
      '  3.  c/c1  closed',
    ]);
  });

  it('leaves out targets that cool down or whose circuit is open, and shows why', () => {
    const status = answer({
      circuits: [{ ...closed('a'), state: 'open', openUntil: 'noon', failures: 5 }, closed('b'), closed('c')],
      targets: [{ ...target('a'), barred: true }, target('b'), target('c')],
      rests: [
        { provider: 'b', model: 'b1', remainingMs: 1_500, reason: 'rate_limited' },
        { provider: 'c', model: 'other', remainingMs: 9_000 },
      ],
    });
    expect(explainModel('m', status)).to.deep.equal([
      'a request for m now takes:',
      '  –   a/a1  left out: the circuit of a is open until noon',
      '  –   b/b1  left out for 2 s: 429, a rate limit',
      '  1.  c/c1  closed',
    ]);
  });

  it('says why a target cools down, also with the words of another version', () => {
    const whyOf = (reason: string | undefined, model: string | null) => {
      const rest = { provider: 'a', model, remainingMs: 3_000, ...(reason === undefined ? {} : { reason }) };
      return explainModel('m', answer({ rests: [rest] }))[1]
        ?.split('  ')
        .at(-1);
    };
    expect(whyOf('auth', null)).to.equal('left out for 3 s: its key was refused (401 or 403)');
    expect(whyOf('rate_limited', 'a1')).to.equal('left out for 3 s: 429, a rate limit');
    expect(whyOf('quota', 'a1')).to.equal('left out for 3 s: its quota is exhausted');
    expect(whyOf('model', 'a1')).to.equal('left out for 3 s: the provider does not serve this model (404)');
    expect(whyOf('tired', 'a1')).to.equal('left out for 3 s: tired');
    expect(whyOf(undefined, 'a1')).to.equal('left out for 3 s: it cools down');
  });

  it('shows the status that a client gets if no target is left', () => {
    const rests = ['a', 'b', 'c'].map((provider) => ({ provider, model: null, remainingMs: 1_000 }));
    expect(explainModel('m', answer({ rests }))[0]).to.include('gets 429');
    const targets = ['a', 'b', 'c'].map((provider) => ({ ...target(provider), state: 'open' as const }));
    expect(explainModel('m', answer({ targets }))[0]).to.include('gets 503');
    const refused = rests.map((rest, index) => ({ ...rest, reason: index === 0 ? 'model' : 'auth' }));
    expect(explainModel('m', answer({ rests: refused }))[0]).to.include('gets 502');
    const limited = refused.map((rest, index) => ({ ...rest, reason: index === 0 ? 'rate_limited' : 'auth' }));
    expect(explainModel('m', answer({ rests: limited }))[0]).to.include('gets 429');
  });

  it('shows failures and probes', () => {
    const targets = [{ ...target('a'), failures: 3 }, { ...target('b'), state: 'half-open' as const }, target('c')];
    const [, first, second] = explainModel('m', answer({ targets }));
    expect(first).to.include('closed, with 3 recent failures');
    expect(second).to.include('half-open: one request at a time probes it');
  });

  it('leaves out a target for its own circuit, and uses the others of a provider that is shown as open for it', () => {
    const of = (model: string) => ({ ...target('a'), model });
    const status = answer({
      circuits: [{ ...closed('a'), state: 'open', openUntil: 'noon', failures: 6 }],
      targets: [{ ...of('broken'), state: 'open', openUntil: 'noon', failures: 6 }, of('fine')],
      models: [
        model(
          'm',
          ['broken', 'fine'].map((name) => ({ provider: 'a', model: name })),
        ),
      ],
    });
    expect(explainModel('m', status).slice(1)).to.deep.equal([
      '  –   a/broken  left out: the circuit of a/broken is open until noon',
      '  1.  a/fine  closed',
    ]);
  });

  it('takes the circuit of the provider for all of its targets where the gateway knows no others', () => {
    const circuits = [{ ...closed('a'), state: 'open' as const, openUntil: 'noon' }, closed('b'), closed('c')];
    const [, first] = explainModel('m', answer({ circuits, targets: [] }));
    expect(first).to.include('left out: the circuit of a is open until noon');
  });

  it('refuses a model that is not configured, with the nearest name', () => {
    const models = [model('gpt-4', [])];
    expect(() => explainModel('gpt4', answer({ models }))).to.throw(CommandError, 'did you mean "gpt-4"?');
  });

  it('says by which alias or pattern a name leads to its model, and what a star stands for at each target', () => {
    const models = [
      model('fast', [{ provider: 'a', model: 'a1' }], { aliases: ['quick'] }),
      model('b/*', [{ provider: 'b', model: 'x-*' }]),
    ];
    const status = answer({
      models,
      targets: [target('a'), { ...target('b'), model: 'x-*', state: 'open', openUntil: 'noon' }],
    });
    expect(explainModel('quick', status)).to.deep.equal([
      'quick is an alias of fast',
      'a request for fast now takes:',
      '  1.  a/a1  closed',
      'fast:',
      '  also asked for as: quick',
    ]);
    expect(explainModel('b/y', status)).to.deep.equal([
      'b/y is matched by b/*, with y for the *',
      'a request for b/* now gets 503, since no target is left:',
      '  –   b/x-y  left out: the circuit of b/x-* is open until noon',
    ]);
    expect(explainModel('b/*', status).at(-1)).to.include('b/x-*');
    expect(() => explainModel('quik', status)).to.throw(CommandError, 'did you mean "quick"?');
  });

  it('tells fallbacks, defaults and what is taken out', () => {
    const more = {
      fallbacks: { context: ['large', 'larger'] },
      defaults: [
        { name: 'temperature', json: '0.2' },
        { name: 'metadata', json: JSON.stringify({ text: 'x'.repeat(99) }) },
      ],
      drop: ['logit_bias', 'user'],
    };
    expect(explainModel('m', answer({ models: [model('m', [], more)] })).slice(-4)).to.deep.equal([
      'm:',
      '  if the context is too long: large, then larger',
      `  set if the client does not: temperature 0.2, metadata {"text":"${'x'.repeat(51)}…`,
      '  taken out: logit_bias, user',
    ]);
  });

  it('shows the targets as a session takes them, level by level, whatever the balance', () => {
    const levels = [0, 1, 1, 1].map((level, index) => ({ provider: 'a', model: `m${index}`, level, weight: 1 }));
    const [first, ...others] = levels.map((each) => ({ ...each, rank: sessionRank('mine', each) }));
    const ranked = others.sort((one, other) => other.rank - one.rank).map(({ model: name }) => name);
    for (const balance of ['order', 'weighted', 'load']) {
      const [head, ...lines] = explainModel('m', answer({ models: [model('m', levels, { balance })] }), 'mine');
      expect(head).to.equal('a request for m now takes, level by level, in a level as its session has it:');
      expect(lines).to.deep.equal([first?.model, ...ranked].map((name, index) => `  ${index + 1}.  a/${name}  closed`));
    }
  });

  describe('of several keys', () => {
    const key = (name: string, ...cooldowns: StatusAnswer['keys'][number]['cooldowns']) => {
      return { provider: 'a', name, weight: name === 'one' ? 3 : 1, state: 'any', until: null, cooldowns };
    };
    const until = (second: number) => `2030-01-01T00:00:0${second}.000Z`;
    const limited = { model: 'a1', until: until(9), reason: 'rate_limited' };
    const refused = { model: null, until: until(5), reason: 'auth' };
    const line = (keys: StatusAnswer['keys'], session: string | null = null, more: Partial<StatusAnswer> = {}) =>
      explainModel('m', answer({ keys, ...more }), session)[1] ?? '';

    it('tells the share of each that is used', () => {
      const other = { model: 'other', until: until(9), reason: 'rate_limited' };
      expect(line([key('two', other), key('one')])).to.match(
        / a\/a1 {2}closed; with one of the keys one \(75 %\), two \(25 %\)$/,
      );
      expect(line([key('one')])).to.match(/closed$/);
    });

    it('tells the order that a session has', () => {
      const names = ['one', 'two', 'three'];
      const rank = (name: string) => keyRank('mine', 'a', { name, weight: key(name).weight });
      const ranked = names.toSorted((one, other) => rank(other) - rank(one));
      expect(
        line(
          names.map((name) => key(name)),
          'mine',
        ),
      ).to.match(new RegExp(`closed; with the key ${ranked.join(', then ')}$`));
    });

    it('names those that are left out with their reasons, first what may be asked again first', () => {
      const rejected = `two (its key was refused (401 or 403); until ${clockWords(until(5))})`;
      const slow = `three (429, a rate limit; until ${clockWords(until(9))})`;
      const keys = [key('three', limited), key('two', refused), key('one')];
      expect(line(keys)).to.contain(`closed; with the key one; without ${rejected}, ${slow}`);
      const rests = [{ provider: 'a', model: 'a1', remainingMs: 5_000, reason: 'auth' }];
      expect(line(keys.slice(0, 2), null, { rests })).to.match(
        /left out for 5 s: its key was refused \(401 or 403\); without two \(.*\), three \(.*\)$/,
      );
    });

    it('takes of several cooldowns of a key the one that ends last', () => {
      expect(line([key('one'), key('two', limited, refused)])).to.contain(
        `two (429, a rate limit; until ${clockWords(until(9))})`,
      );
    });

    it('says nothing of keys where a circuit leaves the target out', () => {
      const targets = [{ ...target('a'), state: 'open' as const, openUntil: 'noon' }, target('b'), target('c')];
      expect(line([key('one'), key('two', refused)], null, { targets })).to.match(/is open until noon$/);
    });
  });

  it('refuses a session of a model that keeps none', () => {
    const models = [model('m', [], { sessions: 'off' })];
    expect(() => explainModel('m', answer({ models }), 'mine')).to.throw(CommandError, 'm keeps no sessions');
  });

  describe('of balanced targets', () => {
    const targets = [
      { provider: 'a', model: 'a1', level: 0, weight: 1 },
      { provider: 'b', model: 'b1', level: 0, weight: 3 },
      { provider: 'c', model: 'c1', level: 1 },
    ];
    const balanced = (balance: string, more: Partial<StatusAnswer> = {}) =>
      explainModel('m', answer({ models: [model('m', targets, { balance })], ...more }));
    const worker = { slot: 0, pid: 1, state: 'ready', inFlight: 0, snapshotAgeMs: 0 };
    const seen = (provider: string, inFlight: number, streamMs: number | null, plainMs: number | null = null) => {
      return { provider, model: `${provider}1`, inFlight, streamMs, plainMs };
    };

    it('shows the share of each weight among those that can be used', () => {
      expect(balanced('weighted')).to.deep.equal([
        'a request for m now takes, level by level, in a level at random by weight:',
        '  1.  b/b1  closed; 75 % of its level',
        '  1.  a/a1  closed; 25 % of its level',
        '  2.  c/c1  closed; 100 % of its level',
      ]);
      const rests = [{ provider: 'b', model: null, remainingMs: 1_000, reason: 'rate_limited' }];
      expect(balanced('weighted', { rests }).slice(1, 3)).to.deep.equal([
        '  1.  a/a1  closed; 100 % of its level',
        '  –   b/b1  left out for 1 s: 429, a rate limit',
      ]);
    });

    it('shows what workers see of latencies, the least first, and which are not known', () => {
      const workers = [
        { ...worker, traffic: [seen('a', 0, 300), seen('b', 0, 90, 700)] },
        { ...worker, slot: 1, traffic: [seen('b', 0, 120, 700)] },
      ];
      expect(balanced('latency', { workers })).to.deep.equal([
        'a request for m now takes, level by level, in a level by the least latency that a worker sees:',
        '  1.  b/b1  closed; 90 to 120 ms to the first content; 700 ms for a plain answer',
        '  1.  a/a1  closed; 300 ms to the first content',
        '  2.  c/c1  closed; not known yet, so it is tried first',
      ]);
    });

    it('shows last which latency a request is finding out', () => {
      const workers = [{ ...worker, traffic: [seen('a', 1, null), seen('b', 0, 90)] }];
      expect(balanced('latency', { workers }).slice(1, 3)).to.deep.equal([
        '  1.  b/b1  closed; 90 ms to the first content',
        '  1.  a/a1  closed; not known yet, and being found out',
      ]);
    });

    it('has the order of the configuration where another version balances in a way that is not known', () => {
      expect(balanced('by-moon').slice(1)).to.deep.equal([
        '  1.  a/a1  closed',
        '  1.  b/b1  closed',
        '  2.  c/c1  closed',
      ]);
    });

    it('shows how many requests all workers have at a target, the fewest for its weight first', () => {
      const workers = [
        { ...worker, traffic: [seen('a', 2, null), seen('b', 3, null)] },
        { ...worker, slot: 1, traffic: [seen('b', 2, null)] },
      ];
      expect(balanced('load', { workers }).slice(1)).to.deep.equal([
        '  1.  b/b1  closed; 5 in flight; weight 3',
        '  1.  a/a1  closed; 2 in flight',
        '  2.  c/c1  closed; 0 in flight',
      ]);
    });
  });
});
