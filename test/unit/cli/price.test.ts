import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Workplace } from '../../helpers/command.ts';

const config = `version: 1
providers:
  openai: { type: openai, api_key: "key-of-openai-0123456789" }
  local: { type: openai, base_url: "http://127.0.0.1:9/v1" }
models:
  fast:
    price: { input: 1.25, output: 10, above: { tokens: 200000, input: 2.5 }, request: 5 }
    targets:
      - { provider: openai, model: gpt-5-mini }
      - provider: local
        model: gpt-oss
        price: { free: true }
  plain: { aliases: [usual], targets: [{ provider: openai, model: gpt-4o }, { provider: local, model: gpt-4o }] }
  "any/*": { targets: [{ provider: openai, model: "*" }] }
`;

describe('headgate price', () => {
  let place: Workplace;

  beforeEach(() => {
    place = new Workplace({ 'headgate.yaml': config });
  });

  afterEach(() => place.leave());

  it('shows the prices of the configuration and where they stand, those of a target before those of its model', async () => {
    const { code, stdout } = await place.run(['price', 'fast']);
    expect(code).to.equal(0);
    expect(stdout.split('\n\n')[0]?.split('\n')).to.deep.equal([
      'openai/gpt-5-mini: dollars per million tokens',
      '  from headgate.yaml:7',
      '                         always  above 200000 tokens of input',
      '  input                    1.25                           2.5',
      '  output                     10                            10',
      '  request, per thousand       5                             5',
    ]);
    expect(stdout).to.contain('local/gpt-oss: dollars per million tokens\n  from headgate.yaml:12\n');
  });

  it('says which tokens of a configured price have none', async () => {
    place.write(
      'headgate.yaml',
      config.replace('models:', 'models:\n  half: { price: { input: 1 }, targets: [{ provider: openai, model: x }] }'),
    );
    const { stdout } = await place.run(['price', 'half']);
    expect(stdout).to.include('answers with tokens of output have no known price').and.to.not.include('of input have');
  });

  it('shows those of the price list, and says what to do where there is none', async () => {
    const { code, stdout } = await place.run(['price', 'usual']);
    expect(code).to.equal(0);
    expect(stdout).to.match(
      /^openai\/gpt-4o: dollars per million tokens\n {2}from genai-prices [\d.]+: openai, gpt-4o\n/,
    );
    expect(stdout).to.match(/\n {2}cache_read +1\.25\n/);
    expect(stdout).to.contain('local/gpt-4o: no price is known\n  from nowhere: genai-prices ');
    expect(stdout).to.contain('    price: { input: 1.25, output: 10, cache_read: 0.125 }\n');
  });

  it('looks up a name that a pattern stands for, and one that nobody has configured', async () => {
    const matched = await place.run(['price', 'any/gpt-5']);
    expect(matched.stdout).to.match(/^openai\/gpt-5: .*\n {2}from genai-prices [\d.]+: openai, gpt-5\n/);
    const listed = await place.run(['price', 'claude-sonnet-4-5']);
    expect(listed.stdout)
      .to.match(/^anthropic\/claude-sonnet-4-5: /m)
      .and.to.match(/cache_write_1h +6 +12\n/);
    const pattern = await place.run(['price', 'any/*']);
    expect(pattern.stdout).to.contain('openai/*: no price is known\n  from whatever its name is');
  });

  it('says which answers stay unpriced, and when', async () => {
    const price = '{ input: 1, tiers: { flex: { input: 1, output: 2 }, batch: { output: 2 } } }';
    place.write(
      'headgate.yaml',
      `providers: { o: { type: ollama } }\nmodels: { m: { price: ${price}, targets: [{ provider: o, model: m }] } }\n`,
    );
    const { stdout } = await place.run(['price', 'm']);
    expect(stdout).to.contain(
      '\n  answers with tokens of output have no known price (always): give output one (0 where they cost nothing)' +
        '\n  answers with tokens of input have no known price (served as batch): give input one (0 where they cost nothing)\n',
    );
    const json = await place.run(['price', 'm', '--json']);
    const [{ prices }] = JSON.parse(json.stdout);
    expect(prices.map(({ unpriced }: { unpriced: string[] }) => unpriced)).to.deep.equal([['output'], [], ['input']]);
  });

  it('fails for a name that is nowhere', async () => {
    const { code, stderr } = await place.run(['price', 'no-such-model']);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^headgate: no model no-such-model is configured, and genai-prices [\d.]+ has none/);
  });

  it('prints JSON', async () => {
    const { stdout } = await place.run(['price', 'fast', '--json']);
    const [first] = JSON.parse(stdout);
    expect(first).to.deep.equal({
      provider: 'openai',
      model: 'gpt-5-mini',
      source: 'headgate.yaml:7',
      comment: null,
      prices: [
        { when: 'always', perMillionTokens: { input: 1.25, output: 10 }, perThousand: { request: 5 }, unpriced: [] },
        {
          when: 'above 200000 tokens of input',
          perMillionTokens: { input: 2.5, output: 10 },
          perThousand: { request: 5 },
          unpriced: [],
        },
      ],
    });
  });
});
