/**
 * Reasoning that a provider has left out of a request, since it was made by another model or for another organization:
 * the provider says so in its answer, and that is counted.
 */
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

const transformed = [
  { type: 'thinking_dropped', path: 'messages.1.content.0', reason: 'organization_binding_mismatch' },
  { type: 'thinking_dropped', path: 'messages.3.content.0', reason: 'not heard of' },
  { type: 'thinking_mismatch_allowed', path: 'messages.5.content.0', reason: 'model_binding_mismatch' },
];
const message = {
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', stop_reason: 'end_turn' },
  ...{ content: [{ type: 'text', text: 'hi' }], usage: { input_tokens: 3, output_tokens: 2 } },
};
const event = (type: string, fields: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const messageStream = [
  event('message_start', { message: { ...message, content: [], stop_reason: null } }),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'hi' } }),
  event('content_block_stop', { index: 0 }),
  event('message_delta', {
    delta: { stop_reason: 'end_turn' },
    usage: { output_tokens: 2 },
    input_transformations: transformed,
  }),
  event('message_stop'),
].join('');

const response = {
  ...{ id: 'resp_1', object: 'response', created_at: 1, model: 'gpt', status: 'completed', error: null },
  output: [
    {
      type: 'message',
      id: 'm',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'hi' }],
    },
  ],
  usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  input_transformations: [{ id: 'rs_1', type: 'reasoning', action: 'removed', reason: 'organization_mismatch' }],
};
const responseStream = [
  event('response.created', { sequence_number: 0, response: { ...response, status: 'in_progress', output: [] } }),
  event('response.output_text.delta', {
    sequence_number: 1,
    item_id: 'm',
    output_index: 0,
    content_index: 0,
    delta: 'hi',
  }),
  event('response.completed', { sequence_number: 2, response }),
].join('');

describe('reasoning that a provider has left out', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  const cases = [
    {
      path: '/v1/messages',
      of: 'anthropic',
      plain: JSON.stringify({ ...message, input_transformations: transformed }),
      stream: messageStream,
      body: { max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] },
    },
    {
      path: '/v1/chat/completions',
      of: 'anthropic',
      plain: JSON.stringify({ ...message, input_transformations: transformed }),
      stream: messageStream,
      body: { messages: [{ role: 'user', content: 'Hello' }] },
    },
    {
      path: '/v1/responses',
      of: 'openai',
      plain: JSON.stringify(response),
      stream: responseStream,
      body: { input: 'Hello' },
    },
  ];

  for (const { path, of, plain, stream, body } of cases) {
    for (const streams of [false, true]) {
      it(`is counted by its reason, behind ${path}, ${streams ? 'streamed' : 'plain'}`, async () => {
        const port = await provider((_, outgoing) => {
          outgoing.writeHead(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' });
          outgoing.end(streams ? stream : plain);
        });
        const failing = await provider((_, outgoing) => outgoing.writeHead(503).end());
        const { url, count } = await start(
          of === 'openai'
            ? { openai: port, dialects: { openai: ['openai-responses'] } }
            : { openai: failing, anthropic: port },
        );
        const model = 'gpt-4';
        const answer = await fetch(url + path, {
          method: 'POST',
          headers: jsonHeaders,
          body: JSON.stringify({ model, stream: streams, ...body }),
        });
        expect(await text(answer.body as unknown as NodeJS.ReadableStream)).to.include('hi');
        expect(count({ type: 'reasoning-dropped', provider: of, reason: 'organization' })).to.equal(1);
        expect(count({ type: 'reasoning-dropped', reason: 'other' })).to.equal(of === 'openai' ? 0 : 1);
        expect(count({ type: 'reasoning-dropped', reason: 'model' })).to.equal(0);
      });
    }
  }

  it('is told beside what its client cannot be told: each kind once for an answer', async () => {
    const sources = [{ type: 'web_search_result_location', url: 'https://a.example' }];
    const content = ['one', 'two'].map((said) => ({ type: 'text', text: said, citations: sources }));
    const anthropic = await provider((_, outgoing) =>
      outgoing.writeHead(200, jsonHeaders).end(JSON.stringify({ ...message, content })),
    );
    const failing = await provider((_, outgoing) => outgoing.writeHead(503).end());
    const { ask, count } = await start({ openai: failing, anthropic });
    expect((await ask()).status).to.equal(200);
    expect(count({ type: 'answer-lost', provider: 'anthropic', loss: 'citation' })).to.equal(1);
    expect(count({ type: 'answer-lost' })).to.equal(1);
  });
});
