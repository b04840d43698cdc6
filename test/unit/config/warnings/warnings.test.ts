/** What `check` warns of, in configurations that are valid. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadWithSource } from '../../../../src/config/load.ts';
import { idleParts } from '../../../../src/config/warnings/idle-parts.ts';
import { warningLines, warningsOf } from '../../../../src/config/warnings/warnings.ts';
import { certificates } from '../../../helpers/certificates.ts';
import { inFolder, load } from '../../../helpers/config-text.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');
const key = 'sk-0123456789abcdef';
const other = 'sk-fedcba9876543210';

function warnings(
  text: string,
  environment: Record<string, string> = {},
  files: Record<string, string> = {},
): string[] {
  return inFolder({ ...files, 'headgate.yaml': text }, (folder) => {
    const loaded = loadWithSource({ source: { kind: 'file', path: 'headgate.yaml' }, environment, folder });
    return warningsOf(loaded, NOW).map(({ line, message }) => `${line} ${message}`);
  });
}

/** A configuration with one provider, used by one model. */
const one = (block: string, rest = '') => `
providers:
  one: { type: openai, ${block} }
models:
  m: { targets: [{ provider: one, model: m }] }
${rest}`;
const at = (url: string) => `base_url: "${url}"`;
const good = at('https://api.example.com/v1');

describe('a valid configuration', () => {
  it('warns of a price without what every chat has, once for all targets that share it', () => {
    const priced = (price: string) =>
      warnings(`
providers:
  one: { type: openai, ${good}, api_key: "${key}" }
models:
  m: { price: ${price}, targets: [{ provider: one, model: a }, [{ provider: one, model: b }]] }
`);
    const why = 'answers with such tokens stay without a known price. Write 0 where they cost nothing';
    expect(priced('{ input: 1 }')).to.deep.equal([`5 models.m.price has no output: ${why}`]);
    expect(priced('{ cache_read: 1 }')).to.deep.equal([`5 models.m.price has no input and no output: ${why}`]);
    expect(priced('{ input: 1, output: 0 }')).to.deep.equal([]);
    expect(priced('{ free: true }')).to.deep.equal([]);
    const tiers = '{ input: 1, output: 1, tiers: { flex: { input: 1 } } }';
    expect(priced(tiers)).to.deep.equal([`5 models.m.price.tiers.flex has no output: ${why}`]);
  });

  it('has no more than twenty lines for a log, of which the last says how many others there are', () => {
    const linesOf = (count: number) => {
      const idle = Array.from({ length: count }, (_, index) => `  p${index}: { type: ollama }\n`).join('');
      const text = one(good).replace('models:', `${idle}models:`);
      return inFolder({ 'headgate.yaml': text }, (folder) => {
        const source = { kind: 'file', path: 'headgate.yaml' } as const;
        return warningLines(loadWithSource({ source, environment: {}, folder }), NOW);
      });
    };
    expect(linesOf(20)).to.have.lengthOf(20);
    expect(linesOf(20)[0]).to.match(/^headgate\.yaml:4:\d+ providers\.p0 is used by no model/);
    expect(linesOf(50)).to.have.lengthOf(20);
    expect(linesOf(50)[19]).to.equal('31 more warnings: `headgate check` shows them all');
  });

  it('gives no warning where all is well', () => {
    expect(warnings(one(`${good}, api_key: "${key}"`))).to.deep.equal([]);
    expect(warnings(one(at('unix:/run/vllm.sock:/v1')))).to.deep.equal([]);
  });

  for (const written of [
    '$KEY_OF_ME',
    'os.environ/KEY_OF_ME',
    'env:KEY_OF_ME',
    'process.env.KEY_OF_ME',
    '%KEY_OF_ME%',
  ]) {
    it(`warns that ${written} is taken as it stands`, () => {
      const [line] = warnings(one(`${good}, api_key: "${written}"`));
      expect(line).to.match(/^3 providers\.one\.api_key looks like a reference .* write \$\{NAME\}$/);
      const model = one(good).replace('model: m }', `model: "${written}" }`);
      expect(warnings(model)).to.have.lengthOf(1);
      expect(warnings(model)[0]).to.match(/^5 models\.m\.targets\[0\]\.model .* write \$\{KEY_OF_ME\}$/);
    });
  }

  it('takes the word for the default credentials of Google for no secret', () => {
    const google = (credentials: string) =>
      one(`project: tides${credentials}`)
        .replace('openai', 'vertex')
        .replace('model: m }', 'model: gemini-3.8-flash }');
    expect(warnings(google(', credentials: adc'))).to.deep.equal([]);
    const [without, withWord] = ['', ', credentials: adc'].map((each) => load(google(each)));
    expect(withWord?.secrets).to.deep.equal([]);
    expect(withWord?.providers.one).to.deep.equal(without?.providers.one);
  });

  it('warns of an identity beside an API key', () => {
    const aws = one(`region: eu-central-1, profile: work, api_key: "${key}"`).replace('openai', 'bedrock');
    expect(warnings(aws)).to.deep.equal([
      '3 providers.one.profile has no effect beside an API key, which takes its place: leave one of them out',
    ]);
  });

  it('gives none for what a reference of ours has brought', () => {
    expect(warnings(one(`${good}, api_key: "\${KEY}"`), { KEY: '$abcdefghijklmnop' })).to.deep.equal([]);
  });

  it('warns of a version that its address lacks, or has twice', () => {
    expect(warnings(one(at('https://api.example.com')))[0]).to.match(/base_url has no path: such APIs are at \/v1/);
    expect(warnings(one(at('https://api.example.com/v1/v1/')))[0]).to.match(/base_url has \/v1 twice/);
    expect(warnings(one(at('https://api.example.com/openai')))).to.deep.equal([]);
    expect(warnings(one(at('unix:/run/vllm.sock')))[0]).to.match(/has no path/);
    const anthropic = one(at('https://api.example.com/v1')).replace('type: openai', 'type: anthropic');
    expect(warnings(anthropic)[0]).to.match(/ends with \/v1, .* requests would go to \/v1\/v1\/messages$/);
  });

  it('warns of whatever part of an API’s path is copied into its address', () => {
    const block = (type: string, url: string, more = '') =>
      one(`${at(url)}, ${more}api_key: "${key}"`).replace('type: openai', `type: ${type}`);
    const region = 'region: eu-central-1, ';
    for (const [text, doubled] of [
      [block('gemini', 'https://generativelanguage.googleapis.com/v1beta'), '/v1beta'],
      [block('gemini', 'https://generativelanguage.googleapis.com/v1beta/openai/'), '/v1beta/openai'],
      [block('bedrock', 'https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1', region), '/openai/v1'],
      [block('bedrock', 'https://bedrock-runtime.eu-central-1.amazonaws.com/anthropic', region), '/anthropic'],
      [block('vertex', 'https://aiplatform.googleapis.com/v1', 'project: tides, '), '/v1'],
    ] as const) {
      expect(warnings(text).join(), doubled).to.contain(`ends with ${doubled}, which the gateway adds itself`);
    }
    expect(warnings(block('groq', 'https://api.groq.com/openai'))[0]).to.match(/another path .* is at \/openai\/v1/);
    expect(warnings(block('groq', 'https://proxy.example/groq'))).to.deep.equal([]);
    expect(warnings(block('anthropic', 'https://gateway.example/v1/account/anthropic'))).to.deep.equal([]);
    expect(() => load(block('gemini', 'https://g.example/v1beta/models/m:generateContent'))).to.throw(
      /:generateContent/,
    );
  });

  it('warns of providers that no model uses', () => {
    const text = one(good).replace('models:', `  two: { type: openai, ${good} }\nmodels:`);
    expect(warnings(text)).to.deep.equal([
      '4 providers.two is used by no model: add a target that names it, or leave it out',
    ]);
    expect(warnings(`${text}passthrough: { files: two }`)).to.deep.equal([]);
  });

  it('warns of models that nothing can serve, and of targets without effect', () => {
    const config = load(one(good));
    const { one: provider } = config.providers;
    if (provider === undefined) throw new Error('the fixture lacks its provider');
    const mute = { ...config, providers: { one: { ...provider, dialects: [] } } };
    expect(idleParts(mute).map(({ message }) => message)).to.deep.equal([
      'models.m has a target without effect: one has no API for m, so nothing can serve the model',
    ]);
    expect(idleParts(config)).to.deep.equal([]);
  });

  it('warns of a key that is there twice for one address, and shows it not', () => {
    const pair = (block: string, second = key) => `
providers:
  one: { type: openai, ${good}, api_key: "${key}" }
  two: { type: openai, ${block}, api_key: "${second}" }
models:
  m: { targets: [{ provider: one, model: m }, { provider: two, model: m }] }
`;
    const [line, ...others] = warnings(pair(good));
    expect(line)
      .to.match(/^4 providers\.two\.api_key is the same key as providers\.one\.api_key/)
      .and.not.include(key);
    expect(others).to.deep.equal([]);
    for (const block of [
      at('https://b.example/v1'),
      `${good}, headers: { OpenAI-Project: p }`,
      `${good}, dialects: [openai-chat]`,
    ]) {
      expect(warnings(pair(block)), block).to.deep.equal([]);
    }
    expect(warnings(pair(good, other))).to.deep.equal([]);
  });

  it('warns of limits that another one ends before, where they are set', () => {
    expect(warnings(one(good, 'timeouts: { connect: 20s, total: 10s }'))).to.deep.equal([
      '6 timeouts.connect (20s) can never be reached: timeouts.total (10s) ends the request before',
    ]);
    const inner = one(`${good}, timeouts: { total: 10s }`, 'timeouts: { headers: 20s }');
    expect(warnings(inner)).to.deep.equal([
      '6 timeouts.headers (20s) can never be reached: providers.one.timeouts.total (10s) ends the request before',
    ]);
    const target = one(good).replace('model: m }', 'model: m, timeouts: { stall: 40m } }');
    expect(warnings(target)[0]).to.match(
      /^5 models\.m\.targets\[0\]\.timeouts\.stall \(40m\) .* timeouts\.max_stream, by default \(30m\)/,
    );
    expect(warnings(one(good, 'timeouts: { total: 10s }')), 'defaults are nobody’s mistake').to.deep.equal([]);
  });

  it('warns of a proxy elsewhere before a provider on this host', () => {
    const local = one(at('http://127.0.0.1:11434/v1'));
    const environment = { HTTP_PROXY: 'http://proxy.example:3128' };
    expect(warnings(local, environment)[0]).to.match(
      /one is on this host, but asked through a proxy that is not: set "proxy: none"/,
    );
    expect(warnings(local, { ...environment, NO_PROXY: '127.0.0.1' })).to.deep.equal([]);
    expect(warnings(one(good), { HTTPS_PROXY: 'http://proxy.example:3128' })).to.deep.equal([]);
  });

  it('warns of certificates that have expired', () => {
    const { expired, client } = certificates();
    const files = { 'e.pem': expired.cert, 'e.key': expired.key, 'c.pem': client.cert, 'c.key': client.key };
    const tls = (name: string) => `${good}, tls: { cert: "\${file:${name}.pem}", key: "\${file:${name}.key}" }`;
    expect(warnings(one(tls('e')), {}, files)[0]).to.match(
      /^3 providers\.one\.tls\.cert has expired on .*: replace it$/,
    );
    expect(warnings(one(tls('c')), {}, files)).to.deep.equal([]);
  });
});
