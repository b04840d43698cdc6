/** A number that no double holds, in the input of a tool, reaches the other side with its digits, whichever way it goes. */

import { expect } from 'chai';
import { describe, it } from 'mocha';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import { SseSplitter } from '../../../src/wire/sse.ts';
import { answerContext, arrivedAt, codecOf } from '../../helpers/codecs.ts';
import { dataOf } from './events.ts';

const INPUT = '{"id":9007199254740993,"in":[{"of":-12345678901234567890.5}],"n":1.5}';
const ARGUMENTS = JSON.stringify(INPUT);

const chat = (target: string) => codecOf('openai-chat', target);
const messages = (target: string) => codecOf('anthropic-messages', target);

const toolUse = `{"type":"tool_use","id":"c","name":"f","input":${INPUT}}`;
const toolCall = `{"id":"c","type":"function","function":{"name":"f","arguments":${ARGUMENTS}}}`;

/** Long enough to be moved as bytes. */
const long = JSON.stringify('x'.repeat(70_000));

describe('a large number in the input of a tool', () => {
  const target = { model: 'other', maxTokens: null };
  const sent = (codec: ReturnType<typeof codecOf>, body: string) =>
    codec.request(arrivedAt(codec.inbound, Buffer.from(body)), target).body.toString();

  for (const text of ['"hi"', long]) {
    const size = text === long ? 'a large' : 'a small';

    it(`keeps its digits in ${size} request for a target of chat`, () => {
      const turns = `[{"role":"user","content":${text}},{"role":"assistant","content":[${toolUse}]}]`;
      const body = sent(messages('openai-chat'), `{"model":"m","max_tokens":9,"messages":${turns}}`);
      expect(body).to.include(`"arguments":${ARGUMENTS}`);
    });

    it(`keeps its digits in ${size} request for a target of messages`, () => {
      const called = `{"role":"assistant","content":null,"tool_calls":[${toolCall}]}`;
      const turns = `[{"role":"user","content":${text}},${called}]`;
      expect(sent(chat('anthropic-messages'), `{"model":"m","messages":${turns}}`)).to.include(`"input":${INPUT}`);
    });

    it(`keeps its digits in ${size} answer of messages`, () => {
      const content = `[{"type":"text","text":${text}},${toolUse}]`;
      const body = Buffer.from(`{"type":"message","id":"a","content":${content},"stop_reason":"tool_use"}`);
      const answer = chat('anthropic-messages').answer(body, answerContext(), null).body.toString();
      expect(answer).to.include(`"arguments":${ARGUMENTS}`);
      const split = anthropicMessages.split(body, answerContext()).events.toString();
      expect(split).to.include(`"partial_json":${ARGUMENTS}`);
    });

    it(`keeps its digits in ${size} answer of chat`, () => {
      for (const call of [toolCall, toolCall.replace(ARGUMENTS, INPUT)]) {
        const message = `{"role":"assistant","content":${text},"tool_calls":[${call}]}`;
        const body = Buffer.from(
          `{"id":"a","choices":[{"index":0,"message":${message},"finish_reason":"tool_calls"}]}`,
        );
        const answer = messages('openai-chat').answer(body, answerContext(), null).body.toString();
        expect(answer).to.include(`"input":${INPUT}`);
      }
    });
  }

  it('keeps its digits in streams', () => {
    const started = [
      '{"type":"message_start","message":{}}',
      `{"type":"content_block_start","content_block":${toolUse}}`,
    ];
    const fromMessages = [...started, '{"type":"content_block_stop"}'];
    const stream = chat('anthropic-messages').stream(answerContext());
    const chunks = fromMessages.map((payload) => stream.push(dataOf(payload)).bytes.toString());
    expect(chunks.at(-1)).to.include(`"arguments":${ARGUMENTS}`);

    const withObject = toolCall.replace(ARGUMENTS, INPUT).replace('{', '{"index":0,');
    const other = messages('openai-chat').stream(answerContext());
    const step = other.push(dataOf(`{"choices":[{"index":0,"delta":{"tool_calls":[${withObject}]}}]}`));
    expect(step.bytes.toString()).to.include(`"partial_json":${ARGUMENTS}`);

    const collector = anthropicMessages.collect();
    for (const payload of fromMessages) collector.push(dataOf(payload));
    expect(collector.body().toString()).to.include(`"input":${INPUT}`);
  });

  it('keeps its digits in the source of a text, from one form of an answer to the other', () => {
    const citation = '{"cited_text":"x","at":9007199254740993}';
    const content = `[{"type":"text","text":"x","citations":[${citation}]}]`;
    const { events } = anthropicMessages.split(Buffer.from(`{"type":"message","content":${content}}`), answerContext());
    expect(events.toString()).to.include(`"citation":${citation}`);
    const collector = anthropicMessages.collect();
    for (const event of new SseSplitter().push(events)) collector.push(event);
    expect(collector.body().toString()).to.include(`"citations":[${citation}]`);
  });

  it('keeps its digits in the schema of a tool', () => {
    const schema = '{"type":"object","properties":{"id":{"maximum":18446744073709551615}}}';
    const tool = `{"name":"f","input_schema":${schema}}`;
    const turns = '[{"role":"user","content":"hi"}]';
    const body = sent(messages('openai-chat'), `{"model":"m","max_tokens":9,"messages":${turns},"tools":[${tool}]}`);
    expect(body).to.include(`"parameters":${schema}`);
  });

  it('is refused as an input itself, and read where a parameter is a number', () => {
    const turns = `[{"role":"user","content":"hi"},{"role":"assistant","content":[${toolUse.replace(INPUT, '12345678901234567890')}]}]`;
    expect(() => sent(messages('openai-chat'), `{"model":"m","max_tokens":9,"messages":${turns}}`)).to.throw(
      'messages[1].content[0].input should be an object',
    );
    const limit = '{"model":"m","max_tokens":9223372036854775807,"messages":[{"role":"user","content":"hi"}]}';
    expect(JSON.parse(sent(messages('openai-chat'), limit)).max_tokens).to.equal(Number('9223372036854775807'));
  });
});
