import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { Redactor } from '../../../../src/shared/secrets/redactor.ts';

describe('a redactor', () => {
  it('redacts every known secret at any place, the longer one first', () => {
    const redactor = new Redactor(['secret-1', 'secret-1-longer', '']);
    expect(redactor.redact('{"url":"http://x/?key=secret-1-longer","k":"secret-1"}')).to.equal(
      '{"url":"http://x/?key=[redacted]","k":"[redacted]"}',
    );
    expect(redactor.redact('GET /?key=secret-1 failed')).to.equal('GET /?key=[redacted] failed');
    expect(redactor.redact('nothing here')).to.equal('nothing here');
  });

  it('redacts a secret in its form as escaped JSON', () => {
    const secret = 'a"b\\c\nd"e';
    expect(new Redactor([secret]).redact(JSON.stringify({ secret }))).to.equal('{"secret":"[redacted]"}');
  });

  it('leaves words alone that local servers are given for a key', () => {
    const redactor = new Redactor(['x', '1', 'none', 'ollama', 'EMPTY', 'lm-studio']);
    const text = '{"error":{"message":"ollama on lm-studio: maximum context 16384","code":1011}}';
    expect(redactor.redact(text)).to.equal(text);
  });

  it('changes neither numbers nor names of JSON, so that it stays the same document', () => {
    const redactor = new Redactor(['12345678']);
    const text = '{"12345678": 12345678, "a": [123456789, "key 12345678"], "b": "\\"12345678"}';
    expect(redactor.redact(text)).to.equal(
      '{"12345678": 12345678, "a": [123456789, "key [redacted]"], "b": "\\"[redacted]"}',
    );
  });

  it('adds the secrets of a new configuration and keeps the old ones', () => {
    const redactor = new Redactor(['old-key-1']);
    redactor.know(['new-key-1']);
    expect(redactor.redact('old-key-1 new-key-1')).to.equal('[redacted] [redacted]');
  });

  const key = 'k3y/with+base64&chars==';
  const quotes: Readonly<Record<string, string>> = {
    PHP: key.replaceAll('/', '\\/'),
    Gson: key.replaceAll('=', '\\u003d'),
    Go: key.replaceAll('&', '\\u0026'),
    'every character': Array.from(key, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`).join(
      '',
    ),
    'JSON in JSON': JSON.stringify(JSON.stringify(key.replaceAll('=', '\\u003D'))).slice(1, -1),
    'a URL': encodeURIComponent(key),
    HTML: key.replaceAll('&', '&amp;').replaceAll('+', '&#43;').replaceAll('=', '&#x3D;'),
    'Python bytes': key.replaceAll('=', '\\\\x3d'),
    base64: Buffer.from(key).toString('base64'),
    'base64 of a pair': Buffer.from(`user:${key}`).toString('base64'),
    'base64 of a pair of another length': Buffer.from(`me:${key}`).toString('base64url'),
    'base64 in a URL': encodeURIComponent(Buffer.from(`u:${key}\n`).toString('base64')),
  };

  for (const [writer, quote] of Object.entries(quotes)) {
    it(`finds a secret as ${writer} writes it, in JSON and in text`, () => {
      const redactor = new Redactor([key]);
      // Of base64, the characters before and after hold no more than the name beside the secret.
      const struck = /^[\\"]*[A-Za-z0-9]{0,4}\[redacted\](?:%3D|[\\"])*$/;
      const json: unknown = JSON.parse(redactor.redact(`{"error":{"message":"Incorrect API key: ${quote}","code":1}}`));
      const { error } = json as { error: { message: string; code: number } };
      expect(error.message.replace('Incorrect API key: ', '')).to.match(struck);
      expect(error.code).to.equal(1);
      expect(redactor.redact(`key: ${quote} (cut`).slice('key: '.length, -' (cut'.length)).to.match(struck);
    });
  }

  it('keeps only the last of those that end by themselves, and all others', () => {
    const redactor = new Redactor(['lasting-secret']);
    const passing = Array.from({ length: 300 }, (_, number) => `passing-secret-${number};`);
    for (const secret of passing) redactor.knowPassing([secret, 'lasting-secret']);
    const shown = passing.filter((secret) => redactor.redact(`a ${secret}`) !== 'a [redacted]');
    expect(shown).to.deep.equal(passing.slice(0, 100));
    expect(redactor.redact('a lasting-secret')).to.equal('a [redacted]');
  });

  it('finds a secret in JSON that is cut off, and in a name if it is no word', () => {
    const redactor = new Redactor(['a-long-secret-key-1', 'messages']);
    expect(redactor.redact('{"error":"bad a-long-secret-key-1')).to.equal('{"error":"bad [redacted]');
    expect(redactor.redact('{"a-long-secret-key-1": 1, "messages": "messages"}')).to.equal(
      '{"[redacted]": 1, "messages": "[redacted]"}',
    );
  });

  it('takes no longer for backslashes in a row, which a client or a provider may send without end', () => {
    const redactor = new Redactor(['sk-openai-0123456789']);
    const text = `sk-openai-0123456789${'\\'.repeat(200_000)}`;
    const startedMs = performance.now();
    for (const each of [text, JSON.stringify({ input: text })]) {
      expect(redactor.redact(each)).to.not.include('0123456789');
    }
    // Quadratic, it would take minutes.
    expect(performance.now() - startedMs).to.be.below(5_000);
  });

  it('leaves every text alone that holds no secret, and JSON what it was', () => {
    const redactor = new Redactor([key, 'sk-other-secret']);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.string().map(encodeURIComponent)), (text) => {
        expect(redactor.redact(text)).to.equal(text);
      }),
    );
  });

  it('leaves no secret in any document, wherever it stands and however it is escaped', () => {
    const redactor = new Redactor([key]);
    const escaped = fc
      .array(fc.boolean(), { minLength: key.length, maxLength: key.length })
      .map((flags) => Array.from(key, (c, at) => (flags[at] ? `\\u00${c.charCodeAt(0).toString(16)}` : c)).join(''));
    fc.assert(
      fc.property(escaped, fc.string(), fc.string(), (quote, before, after) => {
        const around = (text: string) => JSON.stringify(text).slice(1, -1);
        const text = redactor.redact(`{"m": ["${around(before)}${quote}${around(after)}"]}`);
        expect(JSON.parse(text).m[0]).not.to.contain(key);
      }),
    );
  });
});
