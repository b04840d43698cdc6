/** How a configuration says by which way a provider is reached, and what is sent along. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { oneProxy } from '../../../src/shared/egress/proxy-rules.ts';
import { certificates } from '../../helpers/certificates.ts';
import { linesOf, load } from '../../helpers/config-text.ts';

type Extras = NonNullable<Parameters<typeof load>[1]>;

const text = (block: string, url = 'https://api.example.com/v1') => `
providers:
  one: { type: openai, base_url: "${url}", ${block} }
models:
  m: { targets: [{ provider: one, model: m }] }
`;
const provider = (block: string, extras?: Extras) => load(text(block), extras).providers.one;

describe('the headers of a provider', () => {
  it('are kept by their names in lower case, those without a value left out', () => {
    const environment = { ORG: 'org-1' };
    const block = `headers: { OpenAI-Organization: "\${ORG}", OpenAI-Project: "\${PROJECT:-}" }`;
    expect(provider(block, { environment })?.headers).to.deep.equal({ 'openai-organization': 'org-1' });
    expect(provider('headers: {}')).not.to.have.property('headers');
  });

  for (const [name, cure] of [
    ['Authorization', /key stands in `api_key`/],
    ['x-api-key', /key stands in `api_key`/],
    ['Proxy-Authorization', /stand in the URL of `proxy`/],
    ['Transfer-Encoding', /one connection or one body/],
    ['Content-Length', /one connection or one body/],
    ['host', /one connection or one body/],
    ['User-Agent', /the gateway sets it itself/],
    ['"a b"', /should be the name of a header/],
  ] as const) {
    it(`are refused under the name ${name}`, () => {
      const [line, ...others] = linesOf(text(`headers: { ${name}: x }`));
      expect(line)
        .to.match(/^3:\d+ providers\.one\.headers\./)
        .and.match(cure);
      expect(others).to.deep.equal([]);
    });
  }

  it('are refused twice, and with what no header can hold, which is not shown', () => {
    expect(linesOf(text('headers: { X-A: a, x-a: b }'))[0]).to.match(/should be another header, got the same as X-A$/);
    const [line] = linesOf(text('headers: { x-a: "with\\nsecret" }'));
    expect(line).to.match(/should be printable ASCII .* got a text \(not shown, since it may be a secret\)$/);
  });

  it('are redacted unless they are known to hold no secret', () => {
    const { secrets } = load(text('headers: { OpenAI-Organization: org-1, Ocp-Apim-Subscription-Key: sub-key }'));
    expect(secrets).to.deep.equal(['sub-key']);
  });
});

describe('the proxy of a provider', () => {
  const environment = { HTTPS_PROXY: 'http://env.example:3128', NO_PROXY: 'local' };

  it('is its own, else that of the environment, else none', () => {
    expect(provider('proxy: "http://own.example:3128"', { environment })?.proxy).to.deep.equal(
      oneProxy('http://own.example:3128'),
    );
    expect(provider(`proxy: "\${OWN:-}"`, { environment })?.proxy).to.deep.equal({
      http: null,
      https: 'http://env.example:3128',
      bypass: 'local',
    });
    for (const none of ['none', 'null'])
      expect(provider(`proxy: ${none}`, { environment })).not.to.have.property('proxy');
    expect(provider('')).not.to.have.property('proxy');
  });

  it('has a password that is redacted, as it is written and as it is sent', () => {
    expect(load(text('proxy: "http://u:pass%20word@own.example"')).secrets).to.deep.equal(['pass%20word', 'pass word']);
  });

  for (const wrong of ['socks5://p.example:1080', 'http://p.example/path', 'http://u:%@p.example', 'p.example:3128']) {
    it(`is refused as ${wrong}, which is not shown`, () => {
      const [line, ...others] = linesOf(text(`proxy: "${wrong}"`));
      expect(line).to.match(
        /^3:\d+ providers\.one\.proxy: should be the URL of an HTTP proxy .* got a text \(not shown/,
      );
      expect(others).to.deep.equal([]);
    });
  }

  it('is refused in the environment, unless no provider needs it', () => {
    const [line] = linesOf(text(''), { environment: { HTTP_PROXY: 'socks5://u:secret@p.example' } });
    expect(line)
      .to.match(/^environment HTTP_PROXY: should be the URL of an HTTP proxy/)
      .and.not.include('secret');
    expect(linesOf(text('proxy: none'), { environment: { HTTP_PROXY: 'socks5://p.example' } })).to.deep.equal([]);
  });

  it('is not for a Unix socket', () => {
    const unix = 'unix:/run/vllm.sock:/v1';
    expect(linesOf(text('proxy: "http://p.example"', unix))[0]).to.match(/left out: a socket of this host/);
    expect(load(text('', unix), { environment }).providers.one).not.to.have.property('proxy');
  });

  it('belongs to what is known of an account: another way, another beginning', () => {
    const [one, other] = ['proxy: none', 'proxy: "http://p.example"'].map((block) => provider(block)?.account);
    expect(one).to.equal(provider('')?.account).and.not.equal(other);
  });
});

describe('the TLS of a provider', () => {
  const { ca, client, foreign } = certificates();
  const files = { 'ca.pem': ca.cert, 'c.pem': client.cert, 'c.key': client.key, 'f.key': foreign.key, none: 'no' };
  const at = (name: string) => `"\${file:${name}}"`;

  it('has its texts from files', () => {
    const tls = `tls: { ca: ${at('ca.pem')}, cert: ${at('c.pem')}, key: ${at('c.key')}, server_name: other.example }`;
    const config = load(text(tls), { files });
    expect(config.providers.one?.tls).to.deep.equal({
      ca: ca.cert.trimEnd(),
      cert: client.cert.trimEnd(),
      key: client.key.trimEnd(),
      serverName: 'other.example',
    });
    expect(config.secrets).to.deep.equal([client.key.trimEnd()]);
  });

  for (const [what, tls, fault] of [
    [
      'a text that is no certificate',
      `ca: ${at('none')}`,
      /tls\.ca: should be certificates in PEM form, got the value of/,
    ],
    [
      'a certificate that cannot be read',
      'ca: "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"',
      /tls\.ca: should be certificates that can be read/,
    ],
    ['a certificate without its key', `cert: ${at('c.pem')}`, /tls\.key: should be the key of tls\.cert, got nothing/],
    ['a key without its certificate', `key: ${at('c.key')}`, /tls\.cert: should be the certificate of tls\.key/],
    [
      'a key of another certificate',
      `cert: ${at('c.pem')}, key: ${at('f.key')}`,
      /tls\.key: should be the key of the first certificate of tls\.cert, got the value of \$\{file:f\.key\}$/,
    ],
    [
      'a key that cannot be read',
      `cert: ${at('c.pem')}, key: "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----"`,
      /tls\.key: should be a private key that can be read, without a passphrase, got a text \(not shown/,
    ],
    ['an unknown key', 'verify: false', /tls\.verify: should be one of ca, cert, key, server_name/],
  ] as const) {
    it(`refuses ${what}, with its place`, () => {
      const [line, ...others] = linesOf(text(`tls: { ${tls} }`), { files });
      expect(line)
        .to.match(/^3:\d+ providers\.one\./)
        .and.match(fault);
      expect(others).to.deep.equal([]);
    });
  }

  it('is refused where none is spoken', () => {
    const tls = `tls: { ca: ${at('ca.pem')} }`;
    expect(linesOf(text(tls, 'http://a.example/v1'), { files })[0]).to.match(
      /no TLS is spoken at an address with http/,
    );
    expect(linesOf(text(tls, 'unix:/run/a.sock'), { files })[0]).to.match(/no TLS is spoken on a Unix socket/);
  });
});
