/** Several keys of a provider in the primary: their cooldowns, what of them a reload keeps, and a successor. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { CircuitAuthority } from '../../../../src/primary/circuits/circuit-authority.ts';
import type { SavedCircuits } from '../../../../src/shared/circuits/saved-circuits.ts';
import { isSavedCircuits } from '../../../../src/shared/circuits/saved-circuits.ts';
import type { Config, ProviderKey } from '../../../../src/shared/config.ts';
import { cooldownReasons } from '../../../../src/shared/events.ts';
import { CircuitGate } from '../../../../src/worker/circuits/circuit-gate.ts';
import { attemptEnded, configOf, cooldownStarted, MIDDLE, providerConfig } from '../../../helpers/circuit-fixtures.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { testKey } from '../../../helpers/test-config.ts';

/** A provider `openai` with its models `m` and `n`, and keys by their names, each with a secret of that name. */
function configWith(...keys: readonly (string | ProviderKey)[]): Config {
  const named = keys.map((key) => (typeof key === 'string' ? testKey(`sk-${key}`, { name: key }) : key));
  return configOf(providerConfig('openai', { keys: named }));
}

const renamed = (secret: string, name: string) => testKey(`sk-${secret}`, { name });

function create(config: Config, clock = new ManualClock()) {
  const refused: string[] = [];
  const authority = new CircuitAuthority({
    config,
    clock,
    random: () => MIDDLE,
    broadcast: () => undefined,
    keep: () => undefined,
    changed: () => undefined,
    keyRefused: (provider, key) => refused.push(`${provider}/${key}`),
  });
  const cooling = () =>
    authority.view().cooldowns.map(({ key, model, remainingMs }) => `${key} ${model} ${remainingMs}`);
  return { authority, clock, refused, cooling };
}

describe('cooldowns of several keys', () => {
  it('are each key’s own, with a row of their own that its own success ends', () => {
    const { authority, clock, cooling } = create(configWith('a', 'b'));
    authority.events('w', [cooldownStarted({ key: 'a' }), cooldownStarted({ key: 'b' })]);
    clock.advance(1_000);
    const success = { verdict: 'success', outcome: 'success', keyVerdict: 'success' } as const;
    authority.events('w', [attemptEnded({ ...success, key: 'a' })]);
    authority.events('w', [cooldownStarted({ key: 'a' }), cooldownStarted({ key: 'b' })]);
    expect(cooling()).to.deep.equal(['b m 2000', 'a m 1000']);
  });

  it('leave a target out once all keys have one, until the first of them ends', () => {
    const { authority, clock } = create(configWith('a', 'b'));
    authority.events('w', [cooldownStarted({ key: 'a', model: null, reason: 'auth' })]);
    expect(authority.resting()).to.deep.equal([]);
    authority.events('w', [cooldownStarted({ key: 'b', retryAfterMs: 9_000 })]);
    expect(authority.resting()).to.deep.equal([
      { provider: 'openai', model: 'm', remainingMs: 9_000, reason: 'rate_limited' },
    ]);
    authority.events('w', [cooldownStarted({ key: 'b', model: null, reason: 'auth' })]);
    expect(authority.resting().map(({ model, remainingMs }) => [model, remainingMs])).to.deep.equal([
      [null, 60_000],
      ['m', 60_000],
    ]);
    clock.advance(60_000);
    expect(authority.resting()).to.deep.equal([]);
  });

  it('are told of each key by its name', () => {
    const { authority } = create(configWith('a', 'b'));
    authority.events('w', [cooldownStarted({ key: 'b', retryAfterMs: 9_000 })]);
    expect(authority.keys()).to.deep.equal([
      { provider: 'openai', key: 'a', weight: 1, cooldowns: [] },
      {
        provider: 'openai',
        key: 'b',
        weight: 1,
        cooldowns: [{ provider: 'openai', key: 'b', model: 'm', remainingMs: 9_000, reason: 'rate_limited' }],
      },
    ]);
  });

  it('are none of a key that is not configured', () => {
    const { authority, cooling } = create(configWith('a', 'b'));
    authority.events('w', [cooldownStarted({ key: 'c' }), cooldownStarted({})]);
    expect(cooling()).to.deep.equal([]);
  });

  it('begin for the one key that only 403s were got with, while the others serve', () => {
    const { authority, clock, refused, cooling } = create(configWith('a', 'b'));
    for (let body = 1; body <= 5; body += 1) {
      clock.advance(1_700);
      const forbidden = { outcome: 'client_error', verdict: 'neutral', keyVerdict: 'failure', body, key: 'a' } as const;
      authority.events('w', [attemptEnded(forbidden), attemptEnded({ verdict: 'success', key: 'b' })]);
      clock.advance(300);
    }
    expect(refused).to.deep.equal(['openai/a']);
    expect(cooling()).to.deep.equal(['a null 59950']);
  });

  it('end with a reset of their provider', () => {
    const { authority, cooling } = create(configWith('a', 'b'));
    authority.events('w', [cooldownStarted({ key: 'a' }), cooldownStarted({ key: 'b' })]);
    authority.reset('openai');
    expect(cooling()).to.deep.equal([]);
  });
});

describe('a reload of several keys', () => {
  const begin = () => {
    const created = create(configWith('a', 'b'));
    created.authority.events('w', [
      ...Array.from({ length: 5 }, (_, request) => attemptEnded({ request, model: 'n' })),
      cooldownStarted({ key: 'a', retryAfterMs: 9_000 }),
      cooldownStarted({ key: 'b', model: null, reason: 'auth' }),
    ]);
    const isOpen = () => created.authority.targets().some(({ state }) => state === 'open');
    return { ...created, isOpen };
  };

  it('keeps the circuits, and the cooldowns of the keys that stay, when one comes or goes', () => {
    const { authority, cooling, isOpen } = begin();
    authority.reconfigure(configWith('c', 'a', 'b'));
    expect([isOpen(), cooling()]).to.deep.equal([true, ['a m 9000', 'b null 60000']]);
    authority.reconfigure(configWith('b', 'c'));
    expect([isOpen(), cooling()]).to.deep.equal([true, ['b null 60000']]);
  });

  it('keeps them under the new name of a key, and ends those of a key whose secret is another', () => {
    const { authority, cooling, isOpen } = begin();
    authority.reconfigure(configWith(renamed('a', 'b'), renamed('b', 'a')));
    expect([isOpen(), cooling()]).to.deep.equal([true, ['b m 9000', 'a null 60000']]);
    authority.reconfigure(configWith(renamed('a', 'b'), renamed('new', 'a')));
    expect([isOpen(), cooling()]).to.deep.equal([true, ['b m 9000']]);
  });

  it('begins anew where no key stays', () => {
    const { authority, cooling, isOpen } = begin();
    authority.reconfigure(configWith('c', 'd'));
    expect([isOpen(), cooling()]).to.deep.equal([false, []]);
  });

  it('tells workers to forget cooldowns of their own making, unless no key has changed', () => {
    const { authority } = begin();
    authority.reconfigure(configWith('a', 'b'));
    expect(authority.view().resets).to.deep.equal({});
    authority.reconfigure(configWith('a', renamed('new', 'b')));
    expect(authority.view().resets).to.deep.equal({ openai: 1 });
  });
});

describe('the state of several keys that a successor needs', () => {
  const begun = () => {
    const created = create(configWith('a', 'b'));
    created.authority.events('w', [cooldownStarted({ key: 'a', retryAfterMs: 9_000 }), cooldownStarted({ key: 'b' })]);
    return created;
  };
  const succeed = (saved: unknown, config: Config) => {
    const read: unknown = JSON.parse(JSON.stringify(saved));
    if (!isSavedCircuits(read)) throw new Error('the state cannot be read');
    const after = create(config);
    after.authority.restore(read);
    return after.cooling();
  };

  it('continues with the keys that are still there, by whatever names', () => {
    const saved = begun().authority.saved();
    expect(succeed(saved, configWith('a', 'b'))).to.deep.equal(['a m 9000', 'b m 1000']);
    expect(succeed(saved, configWith('c', renamed('a', 'x')))).to.deep.equal(['x m 9000']);
    expect(succeed(saved, configWith('c'))).to.deep.equal([]);
    expect(JSON.stringify(saved)).not.to.contain('sk-');
  });

  it('continues from the only key of a version that knew no others', () => {
    const old = create(configWith('default'));
    old.authority.events('w', [cooldownStarted({ retryAfterMs: 9_000 })]);
    const { keys: _, cooldowns, ...saved } = old.authority.saved();
    const written = { ...saved, cooldowns: cooldowns.map(({ key: __, ...cooldown }) => cooldown) };
    expect(succeed(written, configWith('default'))).to.deep.equal(['default m 9000']);
    expect(succeed(written, configWith('b', renamed('default', 'a')))).to.deep.equal(['a m 9000']);
    expect(succeed(written, configWith('b'))).to.deep.equal([]);
  });

  it('is refused in another form', () => {
    const saved: SavedCircuits = begun().authority.saved();
    expect(isSavedCircuits({ ...saved, keys: 7 })).to.equal(false);
    expect(isSavedCircuits({ ...saved, keys: { openai: 'a' } })).to.equal(false);
    expect(isSavedCircuits({ ...saved, cooldowns: [{ ...saved.cooldowns[0], key: 7 }] })).to.equal(false);
  });
});

describe('primary and workers', () => {
  it('agree on what cools down and until when, whatever has happened to which keys', () => {
    const started = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      model: fc.constantFrom('m', 'n', null),
      reason: fc.constantFrom(...cooldownReasons),
      retryAfterMs: fc.option(fc.integer({ min: 1, max: 100_000 })),
      waitMs: fc.integer({ min: 0, max: 40_000 }),
    });
    fc.assert(
      fc.property(fc.array(started, { maxLength: 12 }), (events) => {
        const clock = new ManualClock();
        const config = configWith('a', 'b', 'c');
        const { authority } = create(config, clock);
        for (const { waitMs, ...event } of events) {
          authority.events('w', [cooldownStarted(event)]);
          clock.advance(waitMs);
        }
        const gate = new CircuitGate({
          clock,
          requestLease: () => undefined,
          returnLease: () => undefined,
          primaryLastMessageAtMs: () => clock.nowMs(),
          circuitOptions: () => undefined,
        });
        gate.apply(authority.view());
        const rests = authority.resting();
        for (const model of ['m', 'n']) {
          const state = gate.state('openai', model, config.providers.openai?.keys ?? []);
          const own = rests.filter((rest) => (rest.model ?? model) === model).map(({ remainingMs }) => remainingMs);
          const remainingMs = state.kind === 'cooling-down' ? state.remainingMs : 0;
          expect(Math.max(0, ...own)).to.equal(remainingMs);
        }
        for (const { key, cooldowns } of authority.keys()) {
          const cools = cooldowns.some(({ model }) => (model ?? 'm') === 'm');
          expect(gate.isCooling('openai', 'm', key)).to.equal(cools);
        }
      }),
    );
  });
});
