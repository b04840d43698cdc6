import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { openEnvelope } from '../../../../src/primary/admin/try-envelope.ts';

const path = '/v1/chat/completions';

function opened(text: string) {
  const envelope = openEnvelope(Buffer.from(text));
  return typeof envelope === 'string' ? envelope : { ...envelope, body: envelope.body.toString() };
}

describe('an envelope', () => {
  it('is opened without a byte of its body changed, in any order of its parts', () => {
    const body = '{ "model": "m",  "a":"}\\"{", "n": 12345678901234567890 }';
    const expected = { path, body, key: 'secret' };
    expect(opened(`{"path":"${path}","body":${body},"key":"secret"}`)).to.deep.equal(expected);
    expect(opened(` {"body" : ${body} ,\n "key":"secret", "path": "${path}" } `)).to.deep.equal(expected);
  });

  it('needs no key, and an empty one is none', () => {
    expect(opened(`{"path":"${path}","body":{}}`)).to.include({ key: null });
    expect(opened(`{"path":"${path}","body":{},"key":""}`)).to.include({ key: null });
  });

  it('is refused for another path than those of chats', () => {
    for (const other of ['/v1/models', '/v1/files', '/metrics', `${path}/..`, `${path}?a`, 'http://elsewhere/']) {
      expect(opened(JSON.stringify({ path: other, body: {} })), other).to.match(/^path should be one of/);
    }
  });

  it('is refused for a key that no header can hold', () => {
    for (const key of ['a b', 'a\r\nhost: x', 'é', 7, {}, null]) {
      expect(opened(JSON.stringify({ path, body: {}, key })), String(key)).to.match(/^key should be/);
    }
  });

  it('is refused in any other form, and no message quotes it', () => {
    const texts = [
      ...['', '[]', '{}', 'null', '{', '{"path"', '{"path":', '"x', `{"path":"${path}"}`, '{"body":{}}'],
      `{"path":"${path}","body":{}} x`,
      `{"path":"${path}","body":}`,
      `{"path":"${path}","body":{},"canary":1}`,
      `{"path":"${path}","path":"${path}","body":"canary"}`,
      `{"path":"${path}","body":{},"p\\u0061th":"${path}"}`,
      `{"path":7,"body":"canary"}`,
      `{"path":"${path}","body":{"canary`,
      `{path:"${path}","body":{}}`,
      `{"path":"${path}" "body":{}}`,
      `{"path":"${path}","body":{},}`,
    ];
    for (const text of texts) {
      expect(opened(text), text).to.match(/^the body should be an object of JSON/);
      expect(opened(text)).not.to.contain('canary');
    }
  });

  it('has the bytes of any body, and any text is opened or refused', () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(opened(`{"path":"${path}","body":${body}}`)).to.deep.equal({ path, body, key: null });
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => opened(`{"path":"${path}","body":${text}`) !== undefined));
  });
});
