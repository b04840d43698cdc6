import { expect } from 'chai';
import { describe, it } from 'mocha';
import { explainModel } from '../../../src/cli/explain.ts';
import { CommandError } from '../../../src/cli/failures.ts';
import type { StatusAnswer } from '../../../src/cli/status-answer.ts';

function answer(parts: Partial<StatusAnswer>): StatusAnswer {
  return {
    version: '1',
    primary: { pid: 1, uptimeSeconds: 1 },
    workers: [],
    circuits: ['a', 'b', 'c'].map((provider) => closed(provider)),
    targets: ['a', 'b', 'c'].map((provider) => target(provider)),
    rests: [],
    models: [{ name: 'm', targets: ['a', 'b', 'c'].map((provider) => ({ provider, model: `${provider}1` })) }],
    config: { version: 1, loadedAt: '' },
    ...parts,
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
        { provider: 'b', model: 'b1', remainingMs: 1_500 },
        { provider: 'c', model: 'other', remainingMs: 9_000 },
      ],
    });
    expect(explainModel('m', status)).to.deep.equal([
      'a request for m now takes:',
      '  –   a/a1  left out: the circuit of a is open until noon',
      '  –   b/b1  left out: it cools down for 2 s',
      '  1.  c/c1  closed',
    ]);
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
      models: [{ name: 'm', targets: ['broken', 'fine'].map((model) => ({ provider: 'a', model })) }],
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
    const models = [{ name: 'gpt-4', targets: [] }];
    expect(() => explainModel('gpt4', answer({ models }))).to.throw(CommandError, 'did you mean "gpt-4"?');
  });
});
