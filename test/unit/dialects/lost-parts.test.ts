import { expect } from 'chai';
import { describe, it } from 'mocha';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import { SseSplitter } from '../../../src/wire/sse.ts';
import { answerContext, codecOf } from '../../helpers/codecs.ts';

/** An answer whose model has searched by itself, and whose text names its source. */
const searched = {
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', stop_reason: 'end_turn' },
  content: [
    { type: 'thinking', thinking: 'hm', signature: 'proof' },
    { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } },
    { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
    { type: 'text', text: 'It is so.', citations: [{ type: 'web_search_result_location', url: 'https://a.example' }] },
  ],
  usage: { input_tokens: 1, output_tokens: 2 },
};
const plain = { ...searched, content: [searched.content[0], { type: 'text', text: 'It is so.' }] };

/** What is lost of a message for a client of another dialect, as a whole and as a stream. */
function lost(inbound: string, message: object) {
  const body = Buffer.from(JSON.stringify(message));
  const codec = codecOf(inbound, 'anthropic-messages');
  const { events, terminal } = anthropicMessages.split(body, answerContext());
  const stream = codec.stream(answerContext());
  for (const event of new SseSplitter().push(Buffer.concat([events, terminal]))) stream.push(event);
  return [codec.answer(body, answerContext(), null).facts.lost, stream.facts.lost];
}

describe('what a translated answer loses', () => {
  for (const inbound of ['openai-chat', 'openai-responses']) {
    it(`is noted by its kind, once, whole and streamed: ${inbound}`, () => {
      const [whole, streamed] = lost(inbound, searched);
      expect(whole).to.deep.equal(['tool', 'other', 'citation']);
      expect(streamed).to.have.members(whole ?? []);
    });

    it(`is nothing where all of it can be said, its proof too: ${inbound}`, () => {
      expect(lost(inbound, plain)).to.deep.equal([undefined, undefined]);
    });
  }

  for (const inbound of ['openai-chat', 'anthropic-messages']) {
    it(`is noted of a response too: ${inbound}`, () => {
      const content = [{ type: 'output_text', text: 'It is so.', annotations: [{ type: 'url_citation' }] }];
      const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'proof' };
      const output = [thought, { type: 'web_search_call', id: 'ws_1' }, { type: 'message', id: 'msg_1', content }];
      const body = Buffer.from(JSON.stringify({ id: 'resp_1', status: 'completed', output }));
      const { lost: kinds } = codecOf(inbound, 'openai-responses').answer(body, answerContext(), null).facts;
      expect(kinds).to.deep.equal(['other', 'citation']);
    });
  }

  it('is nothing where the answer goes back as it is', () => {
    const body = Buffer.from(JSON.stringify(searched));
    const codec = codecOf('anthropic-messages', 'anthropic-messages');
    expect(codec.answer(body, answerContext(), null).facts.lost).to.equal(undefined);
  });
});
