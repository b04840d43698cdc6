/** What is stored goes back as it is: what failed when it was made, and what looks like an error, too. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { answerContext, arrivedAt, codecOf } from '../../../helpers/codecs.ts';
import { thrownBy } from '../../../helpers/thrown-by.ts';
import { dataOf } from '../events.ts';

const codec = (name: string) => codecOf(name, name);
const responses = codec('openai-stored-responses');
const context = answerContext();

describe('a stored answer', () => {
  it('may have failed, or not even begun', () => {
    for (const fields of [{ status: 'failed', error: { code: 'server_error', message: 'm' } }, { status: 'queued' }]) {
      const body = Buffer.from(
        JSON.stringify({ id: 'resp_1', usage: { input_tokens: 1, output_tokens: 1 }, ...fields }, null, 2),
      );
      const answer = responses.answer(body, context, null);
      expect(answer.body.equals(body)).to.equal(true);
      // Its tokens were counted when it was made.
      expect(answer.facts).to.deep.equal({ hasParts: true, reason: null, usage: null });
    }
  });

  it('is JSON, but for what is in a file', () => {
    const page = Buffer.from('<html></html>');
    for (const name of ['openai-stored-responses', 'openai-files', 'openai-batches']) {
      thrownBy(UnreadableAnswerError, () => codec(name).answer(page, context, null));
    }
    const contents = codec('openai-file-contents');
    for (const [body, mediaType] of [
      [page, 'text/html'],
      [Buffer.from('{"error":{"message":"x"}}'), 'application/json'],
      [Buffer.alloc(0), 'text/plain'],
    ] as const) {
      expect(contents.answer(body, context, null, mediaType)).to.deep.include({ body, mediaType });
    }
    expect(contents.answer(page, context, null, '').mediaType).to.equal('application/octet-stream');
  });
});

describe('the stream of a stored answer', () => {
  const kinds = (...payloads: object[]) => {
    const stream = responses.stream(context);
    const steps = payloads.map((payload) => stream.push(dataOf(payload)));
    return { kinds: steps.map(({ kind }) => kind), complete: stream.end().complete };
  };

  for (const end of ['completed', 'incomplete', 'failed', 'cancelled']) {
    it(`is whole when it has ended: ${end}`, () => {
      const last = { type: `response.${end}`, response: { status: end, error: { code: 'c', message: 'm' } } };
      expect(kinds({ type: 'response.created', response: {} }, last, { type: 'late' })).to.deep.equal({
        kinds: ['content', 'terminal', 'metadata'],
        complete: true,
      });
    });
  }

  it('says nothing by what was sent to keep its connection', () => {
    const step = responses.stream(context).push(dataOf({ type: 'keepalive', sequence_number: 1 }));
    expect(step).to.include({ kind: 'metadata', isPing: true });
  });

  it('is cut without an end, and an error where its provider says one', () => {
    expect(kinds({ type: 'response.output_text.delta', delta: 'x' })).to.deep.equal({
      kinds: ['content'],
      complete: false,
    });
    expect(kinds({ type: 'error', code: 'server_error', message: 'm' }).kinds).to.deep.equal(['error']);
    thrownBy(UnreadableAnswerError, () => responses.stream(context).push(dataOf('no JSON')));
  });
});

describe('a request for what is stored', () => {
  it('has its body only where it may have one', () => {
    const [body, headers] = [Buffer.from('{"a":1}'), { 'content-type': 'application/json; charset=utf-8' }];
    const sent = (name: string) => {
      const { inbound, request } = codec(name);
      return request(arrivedAt(inbound, body, body.length, headers), { model: '(files)', maxTokens: null });
    };
    expect(sent('openai-stored-responses').body.length).to.equal(0);
    expect(sent('openai-file-contents').body.length).to.equal(0);
    for (const name of ['openai-files', 'openai-batches']) {
      expect(sent(name)).to.deep.include({ body, contentType: headers['content-type'] });
    }
  });
});
