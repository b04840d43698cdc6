import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ResponseCollector, split } from '../../../../src/dialects/openai-responses/forms.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { dataOf } from '../events.ts';
import { streamedToClient } from './official-client.ts';

const response = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model: 'gpt-x',
  output: [
    {
      id: 'rs_1',
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 's' }],
      content: [{ type: 'reasoning_text', text: 'r' }],
      encrypted_content: 'e',
    },
    { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } },
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      phase: 'final_answer',
      content: [
        { type: 'output_text', text: 'Hi', annotations: [{ type: 'url_citation', url: 'u' }], logprobs: [] },
        { type: 'refusal', refusal: 'no' },
      ],
    },
    { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'a', name: 'f', arguments: '{"x":1}' },
    { id: 'ctc_1', type: 'custom_tool_call', call_id: 'b', name: 'g', input: 'free' },
  ],
  usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  unknown: { kept: true },
};

function parts(fields: object = {}) {
  const { events, terminal } = split(Buffer.from(JSON.stringify({ ...response, ...fields })));
  return Buffer.concat([events, terminal]);
}

describe('a whole response as a stream', () => {
  it('has events that the official client accepts, and all that was in it', async () => {
    const { types } = await streamedToClient(parts());
    expect(types.slice(0, 2)).to.deep.equal(['created', 'in_progress']);
    expect(types.at(-1)).to.equal('completed');
    expect(types).to.include.members(['output_text.delta', 'function_call_arguments.delta', 'refusal.delta']);
    const last = new SseSplitter().push(parts()).at(-1);
    expect(JSON.parse(last?.data ?? '').response).to.deep.equal(response);
  });

  it('is incomplete where it was', () => {
    const bytes = parts({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(bytes.toString()).to.include('event: response.incomplete\n');
  });

  it('is not collected from what is too large for a tree, or no JSON', () => {
    const collector = new ResponseCollector();
    const output = Array.from({ length: 200_000 }, () => ({}));
    const large = { type: 'response.completed', response: { ...response, output } };
    expect(() => collector.push(dataOf(large)))
      .to.throw(UnreadableAnswerError)
      .with.property('otherForm', true);
    expect(() => collector.push(dataOf('{')))
      .to.throw(UnreadableAnswerError)
      .with.property('otherForm', false);
  });

  it('is the response again when it is collected, also without its last event', () => {
    const collected = (from: number, to?: number) => {
      const collector = new ResponseCollector();
      for (const event of new SseSplitter().push(parts()).slice(from, to)) collector.push(event);
      return JSON.parse(collector.body().toString());
    };
    expect(collected(0)).to.deep.equal(response);
    expect(collected(0, -1)).to.deep.include({ id: 'resp_1', output: response.output });
  });
});
