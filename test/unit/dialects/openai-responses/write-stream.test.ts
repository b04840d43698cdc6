import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { BlockHead, FinishReason, HubEvent } from '../../../../src/dialects/hub.ts';
import { answerEvents } from '../../../../src/dialects/hub-answer.ts';
import { writeAnswer } from '../../../../src/dialects/openai-responses/write-answer.ts';
import { ResponseWriter } from '../../../../src/dialects/openai-responses/write-stream.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { answerContext } from '../../../helpers/codecs.ts';
import { answers } from '../hub-values.ts';
import { streamedToClient } from './official-client.ts';

const start: HubEvent = { type: 'start', id: 'chatcmpl-1', model: 'gpt-x' };
const open = (block: number, head: BlockHead): HubEvent => ({ type: 'open', block, head });
const text = (block: number): HubEvent => open(block, { type: 'text' });
const refusal = (block: number): HubEvent => open(block, { type: 'refusal' });
const call = (block: number, callId: string, name = 'tide'): HubEvent =>
  open(block, { type: 'call', callId, name, by: 'client' });
const thought = (block: number, form: 'raw' | 'summary' | 'hidden'): HubEvent =>
  open(block, { type: 'reasoning', form });
const delta = (block: number, words: string): HubEvent => ({ type: 'delta', block, text: words });
const close = (block: number): HubEvent => ({ type: 'close', block });
const finish = (reason: FinishReason): HubEvent => ({
  type: 'finish',
  finish: { reason, raw: reason, stopSequence: null },
});
const usage: HubEvent = {
  type: 'usage',
  usage: { input: 12, output: 5, cacheRead: 2, cacheWrite: 1, reasoning: 3 },
};
const end: HubEvent = { type: 'end' };

const tools = [
  { type: 'function', name: 'tide', parameters: { type: 'object' } },
  { type: 'custom', name: 'patch' },
  { type: 'namespace', name: 'sea', description: 'At sea', tools: [{ type: 'function', name: 'wind' }] },
];
const context = answerContext({ requestId: '0123456789abcdef', asked: { tools, instructions: 'Be brief.' } });

function written(...events: readonly HubEvent[]): Buffer {
  const writer = new ResponseWriter(context);
  return Buffer.concat(events.map((event) => writer.write(event)));
}

const read = (...events: readonly HubEvent[]) => streamedToClient(written(start, ...events, end));

describe('a stream as response events', () => {
  it('has the events of a text in their order, numbered, which the official client accepts', async () => {
    const { response, types } = await read(text(0), delta(0, 'Hel'), delta(0, 'lo'), close(0), finish('stop'), usage);
    expect(types).to.deep.equal([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(response).to.deep.include({ status: 'completed', output_text: 'Hello', model: 'gpt-x' });
    expect(response.usage).to.deep.equal({
      input_tokens: 12,
      input_tokens_details: { cached_tokens: 2, cache_write_tokens: 1 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 17,
    });
  });

  it('has an event line for each, ids that never change, and no [DONE]', () => {
    const bytes = written(start, text(0), delta(0, 'Hi'), close(0), finish('stop'), end);
    expect(bytes.toString()).to.not.include('[DONE]');
    const payloads = new SseSplitter().push(bytes).map(({ event, data }) => {
      const payload = JSON.parse(data ?? '');
      expect(payload.type).to.equal(event);
      return payload;
    });
    const ids = payloads.flatMap(({ response }) => response?.id ?? []);
    expect(new Set(ids)).to.deep.equal(new Set(['resp_0123456789abcdef']));
    const items = payloads.flatMap(({ item_id, item }) => item_id ?? item?.id ?? []);
    expect(new Set(items)).to.deep.equal(new Set(['msg_0123456789abcdef_0']));
  });

  it('joins texts that follow each other, since clients take the last one for the answer', async () => {
    const events = [text(0), delta(0, 'one '), close(0), text(1), delta(1, 'two'), close(1)];
    const { response } = await read(...events, refusal(2), delta(2, 'no'), close(2), finish('stop'));
    expect(response.output).to.have.length(1);
    const [message] = response.output;
    const parts = message?.type === 'message' ? message.content : [];
    expect(parts.map((part) => (part.type === 'output_text' ? part.text : part.refusal))).to.deep.equal([
      'one two',
      'no',
    ]);
  });

  it('has calls side by side, each with its arguments', async () => {
    const events = [call(0, 'a'), call(1, 'b', 'sea__wind'), delta(1, '{"x":'), delta(0, '{}'), delta(1, '1}')];
    const { response, types } = await read(...events, close(0), close(1), finish('calls'), usage);
    expect(types.filter((type) => type.endsWith('arguments.delta'))).to.have.length(3);
    const [one, two] = response.output;
    expect(one).to.deep.include({ type: 'function_call', call_id: 'a', name: 'tide', arguments: '{}' });
    expect(two).to.deep.include({ call_id: 'b', name: 'wind', namespace: 'sea', arguments: '{"x":1}' });
    expect(response.status).to.equal('completed');
  });

  it('gives arguments to a call without any, and an id to a call that has none, or that of another', async () => {
    const { response } = await read(
      call(0, ''),
      close(0),
      call(1, 'a'),
      close(1),
      call(2, 'a'),
      close(2),
      finish('calls'),
    );
    const calls = response.output.map((item) => (item.type === 'function_call' ? item : null));
    expect(calls.map((item) => item?.arguments)).to.deep.equal(['{}', '{}', '{}']);
    const ids = calls.map((item) => item?.call_id);
    expect(ids).to.deep.equal(['call_0123456789abcdef_0', 'a', 'call_0123456789abcdef_2']);
  });

  it('takes the text of a custom tool out of the arguments of its function', async () => {
    const pieces = ['{"in', 'put": "*** Beg', 'in\\', 'n\\u00e9 \\ud83', 'd\\ude00"}'];
    const events = pieces.map((piece) => delta(0, piece));
    const { response, types } = await read(call(0, 'c', 'patch'), ...events, close(0), finish('calls'));
    expect(response.output[0]).to.deep.include({
      type: 'custom_tool_call',
      id: 'ctc_0123456789abcdef_0',
      call_id: 'c',
      name: 'patch',
      input: '*** Begin\né 😀',
    });
    expect(types).to.include('custom_tool_call_input.delta').and.to.include('custom_tool_call_input.done');
  });

  it('tells thoughts as they were, or as a summary, and nothing of those that it cannot show', async () => {
    const events = [thought(0, 'raw'), delta(0, 'hm'), close(0), thought(1, 'summary'), delta(1, 'short'), close(1)];
    const { response } = await read(
      ...events,
      thought(2, 'hidden'),
      close(2),
      text(3),
      delta(3, 'x'),
      close(3),
      finish('stop'),
    );
    expect(response.output.map((item) => item.type)).to.deep.equal(['reasoning', 'reasoning', 'message']);
    const [raw, summary] = response.output;
    expect(raw).to.deep.include({ summary: [], content: [{ type: 'reasoning_text', text: 'hm' }] });
    expect(summary).to.deep.include({ summary: [{ type: 'summary_text', text: 'short' }] });
    expect(summary).to.not.have.property('content');
  });

  it('brings what Anthropic has signed under a mark of ours, and no other proof', async () => {
    const proof = (block: number, of: string): HubEvent => ({
      type: 'attach',
      block,
      attachment: { type: 'signature', of, data: `proof of ${of}` },
    });
    const signed = [thought(0, 'raw'), delta(0, 'hm'), proof(0, 'anthropic-messages'), close(0)];
    const { response } = await read(...signed, finish('stop'));
    expect(response.output[0]).to.deep.include({
      encrypted_content: 'headgate.anthropic.signature.proof of anthropic-messages',
    });
    const third = await read(thought(0, 'raw'), delta(0, 'hm'), proof(0, 'other'), close(0), finish('stop'));
    expect(third.response.output[0]).to.not.have.property('encrypted_content');
  });

  for (const [reason, why] of [
    ['length', 'max_output_tokens'],
    ['context-length', 'max_output_tokens'],
    ['filtered', 'content_filter'],
  ] as const) {
    it(`is incomplete, as is its last item, after the finish ${reason}`, async () => {
      const events = [call(0, 'a'), delta(0, '{}'), close(0), call(1, 'b'), delta(1, '{"x'), close(1)];
      const { response, types } = await read(...events, finish(reason));
      expect(types.at(-1)).to.equal('incomplete');
      expect(response).to.deep.include({ status: 'incomplete', incomplete_details: { reason: why } });
      const states = response.output.map((item) => ('status' in item ? item.status : null));
      expect(states).to.deep.equal(['completed', 'incomplete']);
    });
  }

  it('holds what it will repeat at its end', () => {
    const writer = new ResponseWriter(context);
    for (const event of [start, text(0), delta(0, 'x'.repeat(10_000))]) writer.write(event);
    expect(writer.heldBytes).to.be.within(10_000, 11_000);
  });

  it('is accepted by the official client in whatever order the pieces of its blocks come', async () => {
    const heads = fc.oneof(
      fc.constantFrom<BlockHead>({ type: 'text' }, { type: 'refusal' }, { type: 'reasoning', form: 'raw' }),
      fc
        .constantFrom('tide', 'patch', 'sea__wind')
        .map((name): BlockHead => ({ type: 'call', callId: 'same', name, by: 'client' })),
    );
    const steps = fc.array(
      fc.tuple(fc.nat(5), fc.constantFrom('piece', 'piece', 'close'), fc.string({ maxLength: 4 })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(heads, { minLength: 1, maxLength: 5 }), steps, async (blocks, pieces) => {
        const opened = blocks.map((head, block) => open(block, head));
        const [first = text(0), ...others] = opened;
        const told = pieces.map(
          ([block, what, words]): HubEvent => (what === 'close' ? close(block) : delta(block, words)),
        );
        const { response } = await read(first, ...told.slice(0, 3), ...others, ...told.slice(3), finish('stop'));
        expect(response.status).to.equal('completed');
      }),
      { numRuns: 300 },
    );
  });

  it('is the plain answer in pieces, for any answer', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const writer = new ResponseWriter(context);
        const bytes = Buffer.concat(answerEvents(answer).map((event) => writer.write(event)));
        await streamedToClient(bytes);
        const last = new SseSplitter().push(bytes).at(-1);
        const plain: unknown = JSON.parse(JSON.stringify(writeAnswer(answer, context)));
        expect(JSON.parse(last?.data ?? '').response).to.deep.equal(plain);
      }),
      { numRuns: 300 },
    );
  });
});
