/**
 * What models thought goes to clients of other dialects and comes back with their next request, whole or as a stream, through
 * the official accumulators' ways of putting pieces together: the block is the same, with its signature.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import { answerEvents } from '../../../src/dialects/hub-answer.ts';
import { asArray, asRecord, type JsonRecord } from '../../../src/shared/json.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';
import { SseSplitter } from '../../../src/wire/sse.ts';
import { answerContext, arrivedAt, codecOf } from '../../helpers/codecs.ts';
import { dataOf } from './events.ts';

/** Two steps of thought, a text, and calls with a thought between them. */
const content = [
  { type: 'thinking', thinking: 'first', signature: 'SIG1' },
  { type: 'redacted_thinking', data: 'HIDDEN' },
  { type: 'text', text: 'I look.' },
  { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
  { type: 'thinking', thinking: '', signature: 'SIG2' },
  { type: 'tool_use', id: 'b', name: 'f', input: {} },
];
const message = { id: 'msg_1', model: 'claude', content, stop_reason: 'tool_use', usage: {} };
const tools = [{ name: 'f', input_schema: { type: 'object', properties: {} } }];
const results = ['a', 'b'].map((tool_use_id) => ({ type: 'tool_result', tool_use_id, content: 'x' }));

/** The events of the message as Anthropic streams it. */
function streamed() {
  const context = answerContext();
  const writer = anthropicMessages.writeStream(context);
  const events = answerEvents(anthropicMessages.readAnswer(message)).map((event) => writer.write(event));
  return new SseSplitter().push(Buffer.concat(events));
}

function turnsSent(inbound: 'openai-chat' | 'openai-responses', body: object): unknown {
  const codec = codecOf(inbound, 'anthropic-messages');
  const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify(body)));
  const sent = codec.request(arrived, { model: 'claude-sonnet-4-5', maxTokens: null });
  expect(sent.droppedParams).to.deep.equal([]);
  return JSON.parse(inOneBuffer(sent.body).toString()).messages;
}

const expected = [
  { role: 'user', content: [{ type: 'text', text: 'hi' }] },
  { role: 'assistant', content },
  { role: 'user', content: results },
];

/** The objects in a stream's data lines. */
function payloads(bytes: Buffer): JsonRecord[] {
  return new SseSplitter()
    .push(bytes)
    .flatMap(({ data }) => (data === null || data.startsWith('[DONE]') ? [] : [asRecord(JSON.parse(data)) ?? {}]));
}

describe('a thought of Anthropic’s that a client of chats sends back', () => {
  const codec = codecOf('openai-chat', 'anthropic-messages');
  const functions = tools.map(({ name, input_schema: parameters }) => ({
    type: 'function',
    function: { name, parameters },
  }));
  const body = (turn: object) => ({
    model: 'm',
    tools: functions,
    messages: [
      { role: 'user', content: 'hi' },
      turn,
      ...['a', 'b'].map((tool_call_id) => ({ role: 'tool', tool_call_id, content: 'x' })),
    ],
  });

  const whole = JSON.parse(codec.answer(Buffer.from(JSON.stringify(message)), answerContext(), null).body.toString())
    .choices[0].message;

  /** The deltas of the stream. */
  const stream = codec.stream(answerContext());
  const deltas = streamed()
    .flatMap((event) => payloads(stream.push(event).bytes))
    .map(({ choices }) => asRecord(asRecord(asArray(choices)[0])?.delta) ?? {});
  const details = deltas.flatMap(({ reasoning_details }) => asArray(reasoning_details));

  it('is the block that it was', () => {
    expect(turnsSent('openai-chat', body(whole))).to.deep.equal(expected);
  });

  it('is the block that it was, from a stream', () => {
    expect(details).to.deep.equal(whole.reasoning_details);
    expect(turnsSent('openai-chat', body({ ...whole, reasoning_details: details }))).to.deep.equal(expected);
    expect(stream.heldBytes).to.equal(0);
  });

  it('is the block that it was, from pieces that nobody has put together', () => {
    const pieces = details.flatMap((value) => {
      const { text, signature, ...detail } = asRecord(value) ?? {};
      if (typeof text !== 'string') return [value];
      return [...text]
        .map((piece) => ({ ...detail, text: piece }))
        .concat([{ ...detail, text: '', signature } as never]);
    });
    expect(turnsSent('openai-chat', body({ ...whole, reasoning_details: pieces }))).to.deep.equal(expected);
  });

  it('is the block that it was, as another gateway hands it out, before all else', () => {
    const { reasoning_details: _, ...turn } = whole;
    const thinking_blocks = content.filter(({ type }) => type.endsWith('thinking'));
    const sent = asArray(turnsSent('openai-chat', body({ ...turn, thinking_blocks })));
    expect(asRecord(sent[1])?.content).to.deep.equal([
      ...thinking_blocks,
      ...content.filter((block) => !thinking_blocks.includes(block)),
    ]);
  });

  it('is none if another provider has signed it, and is named', () => {
    const foreign = { type: 'reasoning.text', text: 'x', signature: 's', format: 'xai-responses-v1', index: 0 };
    const arrived = arrivedAt(
      codec.inbound,
      Buffer.from(JSON.stringify(body({ ...whole, reasoning_content: '', reasoning_details: [foreign] }))),
    );
    const sent = codec.request(arrived, { model: 'claude-sonnet-4-5', maxTokens: null });
    expect(sent.droppedParams).to.deep.equal(['messages.reasoning_details']);
    expect(inOneBuffer(sent.body).toString()).to.not.include('thinking');
  });
});

describe('a thought of Anthropic’s that a client of responses sends back', () => {
  const codec = codecOf('openai-responses', 'anthropic-messages');
  const functions = tools.map(({ name, input_schema: parameters }) => ({ type: 'function', name, parameters }));
  const body = (output: readonly unknown[]) => ({
    model: 'm',
    store: false,
    tools: functions,
    input: [
      { role: 'user', content: 'hi' },
      ...output,
      ...['a', 'b'].map((call_id) => ({ type: 'function_call_output', call_id, output: 'x' })),
    ],
  });
  const context = answerContext({ asked: { tools: functions } });
  const whole = JSON.parse(codec.answer(Buffer.from(JSON.stringify(message)), context, null).body.toString()).output;

  it('is the block that it was', () => {
    expect(turnsSent('openai-responses', body(whole))).to.deep.equal(expected);
  });

  it('is the block that it was, from a stream', () => {
    const stream = codec.stream(context);
    const done = streamed()
      .flatMap((event) => payloads(stream.push(event).bytes))
      .flatMap(({ type, item }) => (type === 'response.output_item.done' ? [item] : []));
    expect(turnsSent('openai-responses', body(done))).to.deep.equal(expected);
  });

  it('is a summary, which clients show and keep', () => {
    expect(whole[0]).to.deep.include({
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'first' }],
      encrypted_content: 'headgate.anthropic.signature.SIG1',
    });
    expect(whole[1]).to.deep.include({ summary: [], encrypted_content: 'headgate.anthropic.redacted.HIDDEN' });
  });

  it('is never one that OpenAI has encrypted', () => {
    const foreign = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAABo' };
    const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify(body([foreign, ...whole.slice(2)]))));
    const sent = codec.request(arrived, { model: 'claude-sonnet-4-5', maxTokens: null });
    expect(sent.droppedParams).to.deep.equal(['reasoning']);
    expect(inOneBuffer(sent.body).toString()).to.not.include('gAAAAABo');
  });
});

describe('a thought that OpenAI has encrypted', () => {
  const item = {
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: 'first' }],
    encrypted_content: 'g',
  };
  const hidden = { ...item, id: 'rs_2', summary: [], encrypted_content: 'h' };
  const call = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', arguments: '{}' };
  const response = Buffer.from(JSON.stringify({ id: 'resp_1', status: 'completed', output: [item, hidden, call] }));
  const answered = (inbound: 'openai-chat' | 'anthropic-messages') =>
    JSON.parse(codecOf(inbound, 'openai-responses').answer(response, answerContext(), null).body.toString());

  const turn = answered('openai-chat').choices[0].message;
  const ofChat = (sent: object) => ({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }, sent, { role: 'tool', tool_call_id: 'a', content: 'x' }],
  });
  const ofMessages = {
    model: 'm',
    max_tokens: 99,
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: answered('anthropic-messages').content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
    ],
  };

  /** What a target gets of a history, and what is named as left out. */
  function sentTo(inbound: 'openai-chat' | 'anthropic-messages', outbound: string, body: object) {
    const codec = codecOf(inbound, outbound);
    const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify(body)));
    const { body: bytes, droppedParams } = codec.request(arrived, { model: 'gpt-6', maxTokens: null });
    return { sent: JSON.parse(inOneBuffer(bytes).toString()), droppedParams };
  }

  const own = [
    { type: 'reasoning', summary: item.summary, encrypted_content: 'g' },
    { type: 'reasoning', summary: [], encrypted_content: 'h' },
  ];

  for (const [inbound, body] of [
    ['openai-chat', ofChat(turn)],
    ['anthropic-messages', ofMessages],
  ] as const) {
    it(`is the item that it was, but for its id, through a client of ${inbound}`, () => {
      const { sent, droppedParams } = sentTo(inbound, 'openai-responses', body);
      expect(sent.input.slice(1, 3)).to.deep.equal(own);
      expect(droppedParams).to.deep.equal([]);
    });
  }

  it('is the item that it was, as OpenRouter hands it out', () => {
    const format = 'openai-responses-v1';
    const details = [
      { type: 'reasoning.summary', summary: 'fir', format, index: 0 },
      { type: 'reasoning.summary', summary: 'st', format, index: 0 },
      { type: 'reasoning.encrypted', id: 'rs_1', data: 'g', format, index: 0 },
      { type: 'reasoning.encrypted', id: 'rs_2', data: 'h', format, index: 1 },
    ];
    const { sent } = sentTo('openai-chat', 'openai-responses', ofChat({ ...turn, reasoning_details: details }));
    expect(sent.input.slice(1, 3)).to.deep.equal(own);
  });

  it('is never sent to another, and is named', () => {
    for (const [inbound, outbound, body] of [
      ['openai-chat', 'anthropic-messages', ofChat(turn)],
      ['anthropic-messages', 'openai-chat', ofMessages],
    ] as const) {
      const { sent, droppedParams } = sentTo(inbound, outbound, body);
      expect(droppedParams).to.include('reasoning');
      expect(JSON.stringify(sent)).to.not.match(/headgate|reasoning|thinking/);
    }
  });
});

describe('the stream of a thought', () => {
  it('is held only until its block closes, since its pieces are told as they come', () => {
    const stream = codecOf('openai-chat', 'anthropic-messages').stream(answerContext());
    const push = (event: object) => stream.push(dataOf(event));
    push({ type: 'message_start', message: {} });
    push({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } });
    push({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hmm' } });
    expect(stream.heldBytes).to.equal(3);
    push({ type: 'content_block_stop', index: 0 });
    expect(stream.heldBytes).to.equal(0);
  });
});
