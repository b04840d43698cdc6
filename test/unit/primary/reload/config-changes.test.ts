/** What a reload says that it changed, of configurations as they are written. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { valuesInForce } from '../../../../src/config/in-force.ts';
import { loadWithSource } from '../../../../src/config/load.ts';
import { describeChanges } from '../../../../src/primary/reload/config-changes.ts';
import { Redactor } from '../../../../src/shared/secrets/redactor.ts';
import { inFolder } from '../../../helpers/config-text.ts';

const models = `
models:
  fast:
    targets: [{ provider: one, model: m }]
  good:
    targets: [{ provider: two, model: n }]
`;
const providers = `
providers:
  one: { type: openai, api_key: first-secret-key-1 }
  two: { type: openai, api_key: second-secret-key-2, timeouts: { connect: 1s } }
`;

function loaded(text: string) {
  return inFolder({ 'headgate.yaml': `${text}\nstate_dir: /state\n` }, (folder) => {
    const whole = loadWithSource({ source: { kind: 'file', path: 'headgate.yaml' }, environment: {}, folder });
    const redactor = new Redactor(whole.config.secrets);
    const digests = new Map<string, string>();
    return { config: whole.config, values: valuesInForce(whole, (each) => redactor.redact(each), digests), digests };
  });
}

function changes(before: string, after: string): string[] {
  return describeChanges(loaded(before), loaded(after));
}

const whole = `${providers}${models}`;

describe('the changes of a reload', () => {
  it('are empty if nothing differs, also where lines have moved', () => {
    expect(changes(whole, `# moved\n\n${whole}`)).to.deep.equal([]);
  });

  it('name a value that all providers inherit once, as what it was and is', () => {
    const timeouts = (headers: string) => `timeouts: { headers: ${headers} }\n${whole}`;
    expect(changes(timeouts('20s'), timeouts('10s'))).to.deep.equal(['timeouts.headers: 20s → 10s']);
    expect(changes(timeouts('20s'), whole)).to.have.lengthOf(1);
    expect(changes(whole, timeouts('10s'))).to.have.lengthOf(1);
  });

  it('name a value of one provider that comes to be its own, or no longer is', () => {
    const without = whole.replace(', timeouts: { connect: 1s }', '');
    const initial = loaded(without).values.find(({ path }) => path === 'timeouts.connect')?.value;
    expect(changes(whole, without)).to.deep.equal([`providers.two.timeouts.connect: 1s → ${initial}`]);
    expect(changes(without, whole)).to.deep.equal([`providers.two.timeouts.connect: ${initial} → 1s`]);
  });

  it('say of a secret only that it is another one', () => {
    const other = whole.replace('first-secret-key-1', 'another-secret-key-1');
    expect(changes(whole, other)).to.deep.equal(['providers.one.api_key: changed']);
  });

  it('name a provider or a model that was added or removed in one line', () => {
    const third = '  three: { type: openai, api_key: third-secret-key-3 }\n';
    const better = '  better:\n    targets: [{ provider: three, model: n }]\n';
    expect(changes(whole, `${providers}${third}${models}${better}`)).to.deep.equal([
      'providers.three: added',
      'models.better: added',
    ]);
    expect(changes(`${providers}${third}${models}${better}`, whole)).to.deep.equal([
      'providers.three: removed',
      'models.better: removed',
    ]);
  });

  it('name what a mapping or a list gains', () => {
    const more = whole.replace('model: n }]', 'model: n }, { provider: one, model: o }]');
    const lines = changes(whole, more);
    expect(lines).to.include('models.good.targets[1].model: not set → o');
    expect(changes(more, whole)).to.include('models.good.targets[1].model: o → not set');
  });

  it('are fifty lines at most, and say how many more there are', () => {
    const many = (model: string) =>
      `${providers}models:\n${Array.from({ length: 60 }, (_, index) => `  m${index}: { targets: [{ provider: one, model: ${model} }] }\n`).join('')}`;
    const lines = changes(many('a'), many('b'));
    expect(lines).to.have.lengthOf(51);
    expect(lines[0]).to.equal('models.m0.targets[0].model: a → b');
    expect(lines.at(-1)).to.equal('and 10 more');
  });
});
