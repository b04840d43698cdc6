import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../../src/dialects/answer-facts.ts';
import { inspectAny } from '../../../../src/dialects/pass-through/inspect-any.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';

const read = (body: string | Buffer, mediaType = 'application/json') =>
  inspectAny('text', Buffer.from(body), null, mediaType);

function thrownBy(body: string, mediaType?: string): UnreadableAnswerError {
  try {
    read(body, mediaType);
  } catch (error) {
    if (error instanceof UnreadableAnswerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a whole answer that may be anything', () => {
  it('goes back as it came, with its media type', () => {
    for (const [body, mediaType] of [
      ['{"text":"hi"}', 'application/json; charset=utf-8'],
      ['1\n00:00:00,000 --> 00:00:01,000\nhi\n', 'text/plain'],
      ['\ufeffWEBVTT\n', 'text/vtt'],
      ['data: a transcript', 'text/plain; charset=utf-8'],
      ['{laughs}', 'text/plain'],
      ['<3', 'text/plain'],
      [Buffer.from([0xff, 0xf3, 0, 0x7b]), 'audio/mpeg'],
      ['"hi"', 'application/json'],
    ] as const) {
      const bytes = Buffer.from(body);
      const answer = inspectAny('text', bytes, null, mediaType);
      expect(answer.body).to.equal(bytes);
      expect(answer.mediaType).to.equal(mediaType);
      expect(isEmpty(answer.facts, false)).to.equal(false);
    }
    expect(read('x', '').mediaType).to.equal('application/octet-stream');
  });

  it('is empty only without any byte', () => {
    expect(isEmpty(read('', 'audio/mpeg').facts, false)).to.equal(true);
    expect(isEmpty(read('{"text":""}').facts, false)).to.equal(false);
  });

  it('has its token counts in JSON, if tokens are what it counts', () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 };
    expect(read(JSON.stringify({ text: 'hi', usage })).facts.usage).to.include({ input: 14, output: 45 });
    const large = JSON.stringify({ words: Array(50_000).fill({ word: 'a', start: 0 }), usage });
    expect(read(large).facts.usage).to.include({ input: 14, output: 45 });
    expect(read('{"text":"hi","usage":{"type":"duration","seconds":3}}').facts.usage).to.equal(null);
    expect(read(JSON.stringify({ usage }), 'text/plain').facts.usage).to.equal(null);
  });

  it('is an error where JSON says one, unreadable where it is broken, and of another form if it is a page', () => {
    expect(thrownBy('{"error":{"message":"no","code":"server_error"}}').error?.status).to.equal(500);
    for (const body of ['{"text":', `{"text":"${'a'.repeat(100_000)}`]) {
      const { otherForm, error } = thrownBy(body);
      expect([otherForm, error]).to.deep.equal([false, null]);
    }
    expect(thrownBy('<html>', 'text/html; charset=utf-8').otherForm).to.equal(true);
  });
});
