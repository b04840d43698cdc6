/** The fake's responses as OpenAI's official client reads them: its accumulator refuses events that are out of order. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import type { FaultInput } from '../../../../src/mock/faults.ts';
import { useMock } from '../running-mock.ts';

const weather = {
  type: 'function',
  name: 'weather',
  strict: true,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
} as const;

/** The fields that Open Responses requires of every response. */
const required = (
  'id object created_at completed_at status incomplete_details model previous_response_id instructions output error tools ' +
  'tool_choice truncation parallel_tool_calls text top_p presence_penalty frequency_penalty top_logprobs temperature ' +
  'reasoning user usage max_output_tokens max_tool_calls store background service_tier metadata safety_identifier ' +
  'prompt_cache_key'
).split(' ');

describe('the responses of the fake OpenAI provider', () => {
  const mock = useMock('openai');
  const client = () => new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'any', maxRetries: 0 });
  const ask = (input: string) => ({ model: 'gpt-4', input });

  async function events(request: object, fault?: FaultInput): Promise<ResponseStreamEvent[]> {
    if (fault !== undefined) mock.control.setFault(fault);
    const stream = await client().responses.create({ ...ask('Hello'), ...request, stream: true });
    const seen: ResponseStreamEvent[] = [];
    for await (const event of stream) seen.push(event);
    return seen;
  }

  it('answer with an echo, with all fields, and with those of the request', async () => {
    const response = await client().responses.create({
      ...ask('Hi there'),
      instructions: 'Be brief.',
      temperature: 0.5,
    });
    expect(Object.keys(response)).to.include.members(required);
    expect(required).to.have.length(32);
    expect(response).to.include({ status: 'completed', instructions: 'Be brief.', temperature: 0.5 });
    expect(response.output_text).to.equal(
      'You said: "Hi there". This is the fake openai provider, answering as gpt-4.',
    );
    expect(response.usage?.total_tokens).to.be.greaterThan(2);
  });

  it('stream the same response, which the official client puts together itself', async () => {
    const whole = await client().responses.create(ask('stream 🙂 this'));
    const streamed = await client().responses.stream(ask('stream 🙂 this')).finalResponse();
    expect(streamed.output.map(({ id }) => id)).to.deep.equal(whole.output.map(({ id }) => id));
    expect(streamed.output_text).to.equal(whole.output_text);
    expect(streamed.usage).to.deep.equal(whole.usage);
  });

  it('number their events from 0', async () => {
    for (const request of [{}, { tools: [weather], tool_choice: 'required' as const }]) {
      const numbers = (await events(request)).map(({ sequence_number }) => sequence_number);
      expect(numbers).to.deep.equal([...numbers.keys()]);
    }
    const empty = await events({}, { kind: 'empty' });
    expect(empty.map(({ type }) => type)).to.deep.equal([
      'response.created',
      'response.in_progress',
      'response.completed',
    ]);
    expect(empty.at(-1)?.sequence_number).to.equal(2);
  });

  it('call tools, whole and streamed', async () => {
    const request = { ...ask('Please use a tool'), tools: [weather] };
    const [call] = (await client().responses.create(request)).output;
    expect(call).to.include({ type: 'function_call', name: 'weather', arguments: '{"city":"example"}' });
    const [streamed] = (await client().responses.stream(request).finalResponse()).output;
    expect(streamed).to.include({ type: 'function_call', name: 'weather', arguments: '{"city":"example"}' });
    const after = await client().responses.create({
      model: 'gpt-4',
      tools: [weather],
      input: [
        { role: 'user', content: 'use a tool' },
        { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
      ],
    });
    expect(after.output_text).to.include('use a tool');
  });

  it('are incomplete at the token limit', async () => {
    const response = await client()
      .responses.stream({ ...ask('hi'), max_output_tokens: 2 })
      .finalResponse();
    expect([response.status, response.incomplete_details]).to.deep.equal([
      'incomplete',
      { reason: 'max_output_tokens' },
    ]);
  });

  it('fail in the stream by an error event, or by a response that says so', async () => {
    const failure = await events({}, { kind: 'error-in-stream', afterChunks: 2 }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(OpenAI.APIError);
    const told = await events({}, { kind: 'error-in-stream', afterChunks: 2, how: 'finish' });
    expect(told.at(-1)?.type).to.equal('response.failed');
    expect(told.at(-1)?.sequence_number).to.equal(told.length - 1);
  });

  const refused: readonly [name: string, fields: object, message: RegExp][] = [
    ['no input', { input: undefined }, /'input'/],
    ['a field of another API', { messages: [] }, /Unknown parameter: 'messages'/],
    ['a role that does not exist', { input: [{ role: 'robot', content: 'x' }] }, /input\[0\].role/],
    ['a result without its call', { input: [{ type: 'function_call_output', output: '' }] }, /call_id/],
    ['a function within a wrapper', { tools: [{ type: 'function', function: { name: 'x' } }] }, /tools\[0\].name/],
    ['a response that it does not have', { previous_response_id: 'resp_1' }, /not found/],
  ];
  for (const [name, fields, message] of refused) {
    it(`are refused for ${name}`, async () => {
      const error = await client()
        .responses.create({ ...ask('hi'), ...fields })
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(OpenAI.BadRequestError);
      expect(String(error)).to.match(message);
    });
  }
});
