/** What is read of a whole response and of its stream. That the two say the same is shown in `test/contract/hub`. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { HubAnswer, HubEvent } from '../../../../src/dialects/hub.ts';
import { AnswerInProgress } from '../../../../src/dialects/hub-answer.ts';
import { split } from '../../../../src/dialects/openai-responses/forms.ts';
import { readAnswer } from '../../../../src/dialects/openai-responses/read-answer.ts';
import { ResponseReader } from '../../../../src/dialects/openai-responses/read-stream.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import type { JsonRecord } from '../../../../src/shared/json.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { assertLegal } from '../../../helpers/hub-events.ts';
import { dataOf } from '../events.ts';

const of = 'openai-responses';
const usage = {
  input_tokens: 8,
  input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
  output_tokens: 12,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 20,
};
const source = { type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: 2 };

const said = (...content: readonly object[]) => ({ type: 'message', id: 'msg_1', role: 'assistant', content });
const output = (text: string, annotations: readonly object[] = []) => ({ type: 'output_text', text, annotations });
const summary = (...texts: readonly string[]) => texts.map((text) => ({ type: 'summary_text', text }));

function responseOf(...items: readonly object[]): JsonRecord {
  return { id: 'resp_1', model: 'gpt-6', status: 'completed', output: items, usage };
}

function read(...payloads: readonly object[]): HubEvent[] {
  const reader = new ResponseReader();
  const events = payloads.flatMap((payload) => reader.push(dataOf(payload)));
  assertLegal(events);
  return events;
}

function answerOf(events: readonly HubEvent[]): HubAnswer {
  const answer = new AnswerInProgress();
  for (const event of events) answer.take(event);
  return answer.answer;
}

/** Its events, as the gateway makes them for a client that asked for a stream. */
function streamed(response: JsonRecord): HubEvent[] {
  const { events, terminal } = split(Buffer.from(JSON.stringify(response)));
  const reader = new ResponseReader();
  return new SseSplitter().push(Buffer.concat([events, terminal])).flatMap((event) => reader.push(event));
}

const created = { type: 'response.created', response: { id: 'resp_1', model: 'gpt-6' } };
const ended = (fields: object = {}) => ({ type: 'response.completed', response: { ...responseOf(), ...fields } });

describe('the reader of responses', () => {
  it('has what was said, thought and called, with what hangs on it, whole and streamed', () => {
    const response = responseOf(
      { type: 'reasoning', id: 'rs_1', summary: summary('First.', 'Then.'), encrypted_content: 'gAAA' },
      { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gBBB' },
      { type: 'reasoning', id: 'rs_3', summary: [], content: [{ type: 'reasoning_text', text: 'hm' }] },
      { type: 'reasoning', id: 'rs_4', summary: [] },
      said(output('Hi.', [source]), { type: 'refusal', refusal: 'No.' }),
      { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'f', arguments: '{"x":9007199254740993}' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
    );
    const whole = readAnswer(response);
    expect(whole.blocks.map(({ head, text, attached }) => [head.type, text, attached])).to.deep.equal([
      ['reasoning', 'First.\n\nThen.', [{ type: 'signature', of, data: 'gAAA' }]],
      ['reasoning', '', [{ type: 'redacted', of, data: 'gBBB' }]],
      ['reasoning', 'hm', []],
      ['text', 'Hi.', [{ type: 'citation', of, data: JSON.stringify(source) }]],
      ['refusal', 'No.', []],
      ['call', '{"x":9007199254740993}', []],
      ['foreign', '', []],
    ]);
    expect(whole.blocks.flatMap(({ head }) => (head.type === 'reasoning' ? head.form : []))).to.deep.equal([
      ...['summary', 'hidden', 'raw'],
    ]);
    expect(whole.blocks[5]?.head).to.deep.equal({ type: 'call', callId: 'c', name: 'f', by: 'client' });
    expect(whole).to.deep.include({
      id: 'resp_1',
      model: 'gpt-6',
      finish: { reason: 'calls', raw: 'stop', stopSequence: null },
      usage: { input: 8, output: 12, cacheRead: 3, cacheWrite: 2, reasoning: 5, serverTools: { web_search: 1 } },
    });
    const events = streamed(response);
    assertLegal(events);
    expect(answerOf(events)).to.deep.equal(whole);
  });

  for (const [status, reason, expected] of [
    ['completed', null, 'stop'],
    ['incomplete', 'max_output_tokens', 'length'],
    ['incomplete', 'content_filter', 'filtered'],
    ['incomplete', 'a_new_reason', 'other'],
    ['cancelled', null, 'other'],
  ] as const) {
    it(`says why it ended: ${reason ?? status}`, () => {
      const end = { status, incomplete_details: reason === null ? null : { reason } };
      expect(readAnswer({ ...responseOf(), ...end }).finish?.reason).to.equal(expected);
      if (status === 'cancelled') return;
      const events = read(created, { type: `response.${status}`, response: { ...responseOf(), ...end } });
      expect(answerOf(events).finish?.reason).to.equal(expected);
    });
  }

  it('takes an item whole where no pieces came, and the rest of it where some are missing', () => {
    const place = { output_index: 0, item_id: 'msg_1', content_index: 0 };
    const delta = { type: 'response.output_text.delta', ...place, delta: 'Low' };
    const done = { type: 'response.output_item.done', output_index: 0, item: said(output('Low tide.')) };
    for (const payloads of [
      [created, done, ended()],
      [created, delta, done, ended({ output: [said(output('Low tide.'))] })],
      [created, ended({ output: [said(output('Low tide.'))] })],
      [created, delta, ended({ output: [said(output('Low tide.'))] })],
      [delta, { ...delta, delta: ' tide.' }, ended()],
    ]) {
      const { blocks } = answerOf(read(...payloads));
      expect(blocks).to.deep.equal([{ head: { type: 'text' }, text: 'Low tide.', attached: [] }]);
    }
  });

  it('tells each source once, with its text', () => {
    const place = { output_index: 0, item_id: 'msg_1', content_index: 0 };
    const events = read(
      created,
      { type: 'response.output_text.delta', ...place, delta: 'Hi' },
      { type: 'response.output_text.annotation.added', ...place, annotation_index: 0, annotation: source },
      { type: 'response.output_item.done', output_index: 0, item: said(output('Hi', [source, { n: 2 }])) },
      ended(),
    );
    expect(answerOf(events).blocks[0]?.attached.map(({ data }) => data)).to.deep.equal([
      JSON.stringify(source),
      '{"n":2}',
    ]);
  });

  it('keeps parts of a summary apart', () => {
    const delta = (summary_index: number, text: string) => {
      return { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index, delta: text };
    };
    const item = { type: 'reasoning', id: 'rs_1', summary: summary('One.', 'Two.'), encrypted_content: 'g' };
    const done = { type: 'response.output_item.done', output_index: 0, item };
    const events = read(created, delta(0, 'O'), delta(0, 'ne.'), delta(1, 'Two.'), done, ended());
    expect(answerOf(events).blocks).to.deep.equal([
      {
        head: { type: 'reasoning', form: 'summary' },
        text: 'One.\n\nTwo.',
        attached: [{ type: 'signature', of, data: 'g' }],
      },
    ]);
  });

  it('has pieces of calls that interleave, and an id for each', () => {
    const call = (output_index: number, name: string, call_id?: string) => {
      return { type: 'response.output_item.added', output_index, item: { type: 'function_call', name, call_id } };
    };
    const piece = (output_index: number, delta: string) => {
      return { type: 'response.function_call_arguments.delta', output_index, delta };
    };
    const events = read(
      ...[created, call(0, 'f', 'c'), call(1, 'g', 'c'), piece(0, '{"a"'), piece(1, '{}'), piece(0, ':1}')],
      ...[call(2, 'h'), ended()],
    );
    const { blocks, finish } = answerOf(events);
    expect(blocks.map(({ text }) => text)).to.deep.equal(['{"a":1}', '{}', '']);
    const ids = blocks.flatMap(({ head }) => (head.type === 'call' ? head.callId : []));
    expect(ids[0]).to.equal('c');
    expect(new Set(ids).size).to.equal(3);
    expect(finish?.reason).to.equal('calls');
  });

  it('says nothing of pings, of other events, and after the end', () => {
    const reader = new ResponseReader();
    expect(reader.push(dataOf({ type: 'keepalive', sequence_number: 0 }))).to.deep.equal([]);
    expect(reader.push(dataOf('[DONE]'))).to.deep.equal([]);
    expect(reader.push(dataOf(created))).to.have.length(1);
    expect(reader.push(dataOf({ type: 'response.a_new_event' }))).to.deep.equal([]);
    expect(reader.terminates(dataOf(ended()))).to.equal(true);
    expect(reader.terminates(dataOf(created))).to.equal(false);
    expect(reader.push(dataOf(ended())).at(-1)).to.deep.equal({ type: 'end' });
    expect(reader.push(dataOf(ended()))).to.deep.equal([]);
  });

  it('tells what thoughts the provider has left out of the request', () => {
    const input_transformations = [{ id: 'rs_1', type: 'reasoning', action: 'removed', reason: 'model_mismatch' }];
    const reader = new ResponseReader();
    reader.push(dataOf(ended({ input_transformations })));
    expect(reader.reasoningDropped).to.have.length(1);
    expect(readAnswer({ ...responseOf(), input_transformations }).reasoningDropped).to.deep.equal(
      reader.reasoningDropped,
    );
  });

  it('throws the provider’s error, whole and in each form of a stream', () => {
    const error = { code: 'rate_limit_exceeded', message: 'Slow down.' };
    const failed = { ...responseOf(), status: 'failed', error };
    const thrownBy = (act: () => unknown) => {
      try {
        act();
      } catch (thrown) {
        if (thrown instanceof UnreadableAnswerError) return thrown.error?.message ?? null;
        throw thrown;
      }
      throw new Error('nothing was thrown');
    };
    expect(thrownBy(() => readAnswer(failed))).to.equal('Slow down.');
    expect(thrownBy(() => read(created, { type: 'response.failed', response: failed }))).to.equal('Slow down.');
    expect(thrownBy(() => read(created, { type: 'error', ...error }))).to.equal('Slow down.');
    expect(thrownBy(() => read({ error }))).to.equal('Slow down.');
    expect(thrownBy(() => readAnswer({ id: 'x' }))).to.equal(null);
    expect(thrownBy(() => read({ choices: [] }))).to.equal(null);
    expect(thrownBy(() => read({ type: 'message_start', message: {} }))).to.equal(null);
  });

  it('is of another form where no event is of this dialect', () => {
    const reader = new ResponseReader();
    reader.push(dataOf({ text: 'x' }));
    expect(reader.isOtherForm).to.equal(true);
    reader.push(dataOf(created));
    expect(reader.isOtherForm).to.equal(false);
  });

  it('reads a stream as the whole answer, for any items', () => {
    const words = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
    const items = fc.oneof(
      fc
        .array(
          fc.oneof(
            words.map((text) => output(text)),
            words.map((refusal) => ({ type: 'refusal', refusal })),
          ),
          { maxLength: 3 },
        )
        .map((content) => said(...content)),
      fc.record({ texts: fc.array(words, { maxLength: 2 }), proof: fc.option(words) }).map(({ texts, proof }) => ({
        type: 'reasoning',
        id: 'rs',
        summary: summary(...texts),
        encrypted_content: proof,
      })),
      words.map((name) => ({ type: 'function_call', id: 'fc', call_id: name, name, arguments: '{}' })),
      words.map((name) => ({ type: `x_${name}`, id: 'x' })),
    );
    fc.assert(
      fc.property(fc.array(items, { maxLength: 5 }), (list) => {
        const response = responseOf(...list);
        const events = streamed(response);
        assertLegal(events);
        expect(answerOf(events)).to.deep.equal(readAnswer(response));
      }),
    );
  });
});

describe('the places that a server names in a stream of a response', () => {
  it('may be anything, even what no text can be made of', () => {
    for (const content_index of [[Object.create(null)], { toString: 1 }, null, 'x']) {
      const reader = new ResponseReader();
      reader.push(dataOf(created));
      const piece = { type: 'response.output_text.delta', output_index: 0, delta: 'hi' };
      const event = { ...dataOf(piece), data: JSON.stringify({ ...piece, content_index }) };
      expect(reader.push(event).at(-1)).to.deep.equal({ type: 'delta', block: 0, text: 'hi' });
    }
  });
});
