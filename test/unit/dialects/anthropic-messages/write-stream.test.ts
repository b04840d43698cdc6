import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { anthropicMessages } from '../../../../src/dialects/anthropic-messages/index.ts';
import { writeAnswer } from '../../../../src/dialects/anthropic-messages/write-answer.ts';
import { MessageWriter } from '../../../../src/dialects/anthropic-messages/write-stream.ts';
import type { BlockHead, HubAnswer, HubEvent } from '../../../../src/dialects/hub.ts';
import { asRecord } from '../../../../src/shared/json.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { choices, collected, eventsOf, ownAnswers, readBack } from './arbitrary-answers.ts';
import { streamedToClient } from './official-client.ts';

const of = 'anthropic-messages';
const start: HubEvent = { type: 'start', id: 'x1', model: 'gpt-x' };
const open = (block: number, head: BlockHead): HubEvent => ({ type: 'open', block, head });
const text = (block: number): HubEvent => open(block, { type: 'text' });
const call = (block: number, callId: string): HubEvent =>
  open(block, { type: 'call', callId, name: 'f', by: 'client' });
const delta = (block: number, words: string): HubEvent => ({ type: 'delta', block, text: words });
const close = (block: number): HubEvent => ({ type: 'close', block });
const finish = (raw: 'stop' | 'calls'): HubEvent => ({
  type: 'finish',
  finish: { reason: raw, raw, stopSequence: null },
});
const usage: HubEvent = {
  type: 'usage',
  usage: { input: 12, output: 5, cacheRead: 2, cacheWrite: 0, reasoning: 1 },
};
const end: HubEvent = { type: 'end' };

function written(...events: readonly HubEvent[]): Buffer {
  const writer = new MessageWriter({ model: 'asked-for', requestId: 'r' });
  return Buffer.concat(events.map((event) => writer.write(event)));
}

/** Each event in a few words. */
function told(bytes: Buffer): string[] {
  return new SseSplitter().push(bytes).map(({ event, data }) => {
    const payload = JSON.parse(data ?? '');
    expect(event).to.equal(payload.type);
    const piece = asRecord(payload.delta) ?? {};
    const words = piece.text ?? piece.thinking ?? piece.partial_json ?? piece.signature ?? piece.stop_reason;
    return [event.replace('content_block_', ''), payload.index, payload.content_block?.type, words]
      .filter((part) => part !== undefined)
      .join(' ');
  });
}

/** Whether blocks have dense numbers and are open one at a time, between the start and the stop. */
function checkGrammar(bytes: Buffer): void {
  let next = 0;
  let now: number | null = null;
  const lines = told(bytes);
  expect(lines[0]).to.equal('message_start');
  expect(lines.slice(-2).map((line) => line.split(' ')[0])).to.deep.equal(['message_delta', 'message_stop']);
  for (const line of lines.slice(1, -2)) {
    const [name, index] = line.split(' ');
    if (name === 'start') {
      expect(now).to.equal(null);
      now = next;
      next += 1;
    }
    expect(Number(index)).to.equal(now);
    if (name === 'stop') now = null;
  }
  expect(now).to.equal(null);
}

describe('a stream as message events', () => {
  it('begins and ends as Anthropic does, with an event line for each', () => {
    const bytes = written(start, text(0), delta(0, 'Hel'), delta(0, 'lo'), close(0), finish('stop'), usage, end);
    expect(told(bytes)).to.deep.equal([
      'message_start',
      'start 0 text',
      'delta 0 Hel',
      'delta 0 lo',
      'stop 0',
      'message_delta end_turn',
      'message_stop',
    ]);
    const first = bytes.toString().split('\n\n')[0] ?? '';
    expect(first.startsWith('event: message_start\ndata: {"type":"message_start"')).to.equal(true);
    const { message } = JSON.parse(first.slice(first.indexOf('{')));
    expect(message).to.deep.include({ id: 'x1', type: 'message', role: 'assistant', content: [], stop_reason: null });
  });

  it('waits with the end for token counts that come after the finish', () => {
    const writer = new MessageWriter({ model: 'm', requestId: 'r' });
    for (const event of [start, text(0), delta(0, 'x')]) writer.write(event);
    expect(writer.write(finish('stop')).length).to.equal(0);
    expect(writer.write(usage).length).to.equal(0);
    const last = new SseSplitter().push(writer.write(end)).map(({ data }) => JSON.parse(data ?? ''));
    expect(last.map(({ type }) => type)).to.deep.equal(['content_block_stop', 'message_delta', 'message_stop']);
    expect(last[1].usage).to.include({ input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 2 });
  });

  it('ends a text where the next block opens, though nothing closes before the finish', () => {
    const thought = open(0, { type: 'reasoning', form: 'summary' });
    const events = [start, thought, delta(0, 'hm'), text(1), delta(1, 'a'), call(2, 'c1'), delta(2, '{}')];
    expect(told(written(...events))).to.deep.equal([
      'message_start',
      'start 0 thinking',
      'delta 0 hm',
      'stop 0',
      'start 1 text',
      'delta 1 a',
      'stop 1',
      'start 2 tool_use',
      'delta 2 {}',
    ]);
  });

  it('holds the pieces of a call while another one is open, and counts them', () => {
    const writer = new MessageWriter({ model: 'm', requestId: 'r' });
    const write = (...events: HubEvent[]) => told(Buffer.concat(events.map((event) => writer.write(event))));
    write(start, call(0, 'c1'), delta(0, '{"a":'));
    expect(writer.heldBytes).to.equal(0);
    expect(write(call(1, 'c2'), delta(1, '{"b"'))).to.deep.equal([]);
    const before = writer.heldBytes;
    expect(before).to.be.above(4);
    expect(write(delta(1, ':2}'), delta(0, '1}'))).to.deep.equal(['delta 0 1}']);
    expect(writer.heldBytes).to.equal(before + 3);
    expect(write(close(0))).to.deep.equal(['stop 0', 'start 1 tool_use', 'delta 1 {"b":2}']);
    expect(writer.heldBytes).to.equal(0);
    expect(write(close(1), finish('calls'), end)).to.deep.equal(['stop 1', 'message_delta tool_use', 'message_stop']);
  });

  it('writes what waits at the end, where nothing was closed', () => {
    const events = [start, call(0, 'c1'), call(1, 'c2'), delta(1, '{}'), delta(0, '{}'), finish('calls'), end];
    expect(told(written(...events)).slice(1)).to.deep.equal([
      'start 0 tool_use',
      'delta 0 {}',
      'stop 0',
      'start 1 tool_use',
      'delta 1 {}',
      'stop 1',
      'message_delta tool_use',
      'message_stop',
    ]);
  });

  it('has proof of this dialect and of OpenAI alone, and nothing of a thought that it cannot show', () => {
    const proof = (block: number, type: 'signature' | 'redacted', whose: string): HubEvent => ({
      type: 'attach',
      block,
      attachment: { type, of: whose, data: `${type}-${block}` },
    });
    const thought = (block: number) => open(block, { type: 'reasoning', form: 'summary' });
    const hidden = (block: number) => open(block, { type: 'reasoning', form: 'hidden' });
    const events = [
      ...[start, thought(0), delta(0, 'a'), proof(0, 'signature', 'gemini'), close(0)],
      ...[thought(1), delta(1, 'b'), proof(1, 'signature', of), close(1)],
      ...[hidden(2), proof(2, 'redacted', 'openai-responses'), close(2), hidden(3), proof(3, 'redacted', of), close(3)],
      ...[hidden(4), proof(4, 'redacted', 'gemini'), close(4), thought(5), close(5), text(6), close(6)],
    ];
    expect(told(written(...events)).slice(1)).to.deep.equal([
      'start 0 thinking',
      'delta 0 a',
      'stop 0',
      'start 1 thinking',
      'delta 1 b',
      'delta 1 signature-1',
      'stop 1',
      'start 2 redacted_thinking',
      'stop 2',
      'start 3 redacted_thinking',
      'stop 3',
    ]);
  });

  it('is read as the answer that it was, in whatever order its pieces came', () => {
    fc.assert(
      fc.property(ownAnswers, choices, (answer, picks) => {
        const events = eventsOf(answer, picks);
        const bytes = written(...events);
        checkGrammar(bytes);
        expect(collected(readBack(bytes))).to.deep.equal(collected(events));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every word where the pieces of texts are mixed too', () => {
    const words = ({ blocks }: HubAnswer, type: BlockHead['type']) =>
      blocks
        .flatMap(({ head, text: said }) => (head.type === type ? [...said] : []))
        .sort()
        .join('');
    const calls = ({ blocks }: HubAnswer) => blocks.filter(({ head }) => head.type === 'call').map(({ text }) => text);
    fc.assert(
      fc.property(ownAnswers, choices, (answer, picks) => {
        const bytes = written(...eventsOf(answer, picks, true));
        checkGrammar(bytes);
        const again = collected(readBack(bytes));
        for (const type of ['text', 'reasoning'] as const) expect(words(again, type)).to.equal(words(answer, type));
        expect(calls(again)).to.deep.equal(calls(answer));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the official client', () => {
  it('reads interleaved calls, a late usage and the stop reason', async () => {
    const message = await streamedToClient(
      written(
        ...[start, text(0), delta(0, 'Let me see.'), call(1, 'c1'), delta(1, '{"a"'), call(2, 'c2'), delta(2, '{"b":')],
        ...[delta(1, ':1}'), delta(2, '2}'), call(3, 'c3'), finish('calls'), close(0), close(1), usage, end],
      ),
    );
    expect(message.content).to.deep.equal([
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_use', id: 'c1', name: 'f', input: { a: 1 } },
      { type: 'tool_use', id: 'c2', name: 'f', input: { b: 2 } },
      { type: 'tool_use', id: 'c3', name: 'f', input: {} },
    ]);
    expect(message).to.include({ id: 'x1', model: 'gpt-x', stop_reason: 'tool_use' });
    expect(message.usage).to.include({ input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 2 });
  });

  it('reads in any stream what it reads in the plain answer', async () => {
    await fc.assert(
      fc.asyncProperty(ownAnswers, choices, async (answer, picks) => {
        const { content, stop_reason } = await streamedToClient(written(...eventsOf(answer, picks)));
        const plain = writeAnswer(answer, { model: 'm', requestId: 'r' });
        expect(JSON.parse(JSON.stringify({ content, stop_reason }))).to.deep.equal({
          content: JSON.parse(JSON.stringify(plain.content)),
          stop_reason: plain.stop_reason,
        });
      }),
      { numRuns: 50 },
    );
  });

  it('gets an error where the stream is cut before its end', async () => {
    const facts = { owner: 'provider', provider: 'p', attempts: 'p=200', request_id: 'r1' };
    const error = { message: 'It broke.', type: 'upstream_error', param: null, code: 'provider_stream_cut' };
    const bytes = Buffer.concat([
      written(start, text(0), delta(0, 'Hel'), call(1, 'c1'), delta(1, '{"a')),
      anthropicMessages.keepAlive(undefined),
      anthropicMessages.brokenEnd(error, facts),
    ]);
    const thrown = await streamedToClient(bytes).catch((reason: unknown) => reason);
    expect(thrown).to.be.instanceOf(Anthropic.APIError);
    expect(thrown).to.have.property('type', 'api_error');
    expect(String(thrown)).to.include('It broke.');
  });
});
