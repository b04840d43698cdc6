import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { HubAnswer } from '../../../../src/dialects/hub.ts';
import { writeAnswer } from '../../../../src/dialects/openai-responses/write-answer.ts';
import { answerContext } from '../../../helpers/codecs.ts';
import { readByClient } from './official-client.ts';

const answer: HubAnswer = {
  id: 'chatcmpl-1',
  model: null,
  blocks: [
    { head: { type: 'text' }, text: 'Hi', attached: [] },
    { head: { type: 'call', callId: 'a', name: 'f', by: 'client' }, text: '{}', attached: [] },
  ],
  finish: { reason: 'calls', raw: 'tool_calls', stopSequence: null },
  usage: null,
};

/** What clients look for. Some of them fail where one is missing. */
const fields = [
  ...['id', 'object', 'created_at', 'status', 'completed_at', 'error', 'incomplete_details', 'instructions', 'model'],
  ...['output', 'parallel_tool_calls', 'previous_response_id', 'prompt_cache_key', 'reasoning', 'safety_identifier'],
  ...['service_tier', 'store', 'temperature', 'text', 'tool_choice', 'tools', 'top_logprobs', 'top_p', 'truncation'],
  ...['presence_penalty', 'frequency_penalty', 'usage', 'user', 'metadata', 'background', 'max_output_tokens'],
  'max_tool_calls',
];

describe('a whole answer as a response', () => {
  it('has all fields, with what the client had asked', () => {
    const asked = {
      instructions: 'i',
      temperature: 0.5,
      tools: [{ type: 'function', name: 'f' }],
      metadata: { a: 'b' },
    };
    const response = writeAnswer(answer, answerContext({ asked: { ...asked, reasoning: { effort: 'low' } } }));
    expect(Object.keys(response).sort()).to.deep.equal([...fields].sort());
    expect(fields).to.have.length(32);
    expect(response).to.deep.include({
      ...asked,
      tools: [{ type: 'function', name: 'f', description: null, parameters: null, strict: null }],
      object: 'response',
      status: 'completed',
      store: false,
      model: 'asked-for',
      created_at: 1_700_000_000,
      reasoning: { effort: 'low', summary: null },
    });
    expect(response.usage).to.deep.include({ input_tokens: 0, total_tokens: 0 });
  });

  it('has a value where clients take no null, though nothing was asked', () => {
    const format = { type: 'json_schema', name: 'n', schema: {} };
    const response = writeAnswer(answer, answerContext({ asked: { text: { format } } }));
    expect(response).to.deep.include({ temperature: 1, top_p: 1, service_tier: 'default', tools: [] });
    expect(response.text).to.deep.equal({ format: { ...format, description: null, strict: false } });
  });

  it('is read by the official client', async () => {
    const read = await readByClient(writeAnswer(answer, answerContext()));
    expect(read.output_text).to.equal('Hi');
    expect(read.output.map(({ type }) => type)).to.deep.equal(['message', 'function_call']);
  });

  it('has an id of its own, made of that of the request', () => {
    const idFor = (requestId: string) => writeAnswer(answer, answerContext({ requestId })).id;
    expect(idFor('d81be4a3-59a2-4e42-8fd8-95a61a1bd0c5')).to.equal('resp_d81be4a359a24e428fd895a61a1bd0c5');
    for (const given of ['x', 'y'.repeat(128)]) expect(idFor(given)).to.match(/^resp_[\da-f]{32}$/);
  });
});
