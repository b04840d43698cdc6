/** What presets know of their servers, over sockets: what goes out, and what follows from what they answer. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { jsonHeaders } from './plane-fixture.ts';
import { type Answers, type FakeProvider, failing, routingFixture } from './routing-fixture.ts';

const one = [{ provider: 'a', model: 'm' }];
const messages = [{ role: 'user', content: 'x' }];

const bodyOf = (status: number, body: object | string): Answers => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (outgoing) => outgoing.writeHead(status, jsonHeaders).end(text);
};

const streamed: Answers = (outgoing) => {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  const choice = '{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}';
  outgoing.end(`data: {"choices":[${choice}],"usage":{"prompt_tokens":7,"completion_tokens":1}}\n\ndata: [DONE]\n\n`);
};

describe('a request to a preset', () => {
  const { fake, start, close } = routingFixture();
  let a: FakeProvider;
  let b: FakeProvider;
  beforeEach(async () => {
    [a, b] = [await fake(), await fake()];
  });
  afterEach(close);

  const plane = (type: string, model: object = { targets: one }) =>
    start({
      providers: { a, b },
      models: { 'gpt-4': model },
      more: { a: { type, dialects: ['openai-chat'], api_key: 'k' }, b: { type: 'openai' } },
    });

  async function post(url: string, path: string, body: string) {
    const response = await fetch(`${url}/v1/${path}`, { method: 'POST', headers: jsonHeaders, body });
    await response.arrayBuffer();
    return response;
  }

  it('has the names that the server knows, and all other bytes are the client’s own', async () => {
    const { url } = await plane('mistral');
    const body =
      '{ "max_completion_tokens" : 5,"user":"u", "model": "gpt-4", "store":false,"messages":[{"role":"user","content":"user"}] ,"seed":1 }';
    const response = await post(url, 'chat/completions', body);
    expect(response.status).to.equal(200);
    expect(response.headers.get('x-headgate-dropped-params')).to.equal('user, store');
    expect(a.bodies).to.deep.equal([
      '{ "max_tokens" : 5, "model": "m", "messages":[{"role":"user","content":"user"}] ,"random_seed":1 }',
    ]);
  });

  it('keeps both names of a field where the client sends both, which the server judges', async () => {
    const { url } = await plane('deepseek');
    await post(
      url,
      'chat/completions',
      JSON.stringify({ model: 'gpt-4', messages, max_tokens: 1, max_completion_tokens: 2 }),
    );
    expect(JSON.parse(a.bodies[0] ?? '')).to.include({ max_tokens: 1, max_completion_tokens: 2 });
  });

  it('is as the client sent it where the server knows all', async () => {
    const { url } = await plane('groq');
    const body = JSON.stringify({ model: 'gpt-4', messages, max_completion_tokens: 5, user: 'u', store: false });
    await post(url, 'chat/completions', body);
    expect(a.bodies).to.deep.equal([body.replace('gpt-4', 'm')]);
  });

  it('has those names behind a client of another dialect too', async () => {
    const { url } = await plane('mistral', { targets: [{ provider: 'a', model: 'gpt-5' }] });
    const response = await post(
      url,
      'responses',
      JSON.stringify({ model: 'gpt-4', input: 'x', max_output_tokens: 5, user: 'u', store: false }),
    );
    expect(response.status).to.equal(200);
    expect(JSON.parse(a.bodies[0] ?? '')).to.deep.equal({
      model: 'gpt-5',
      messages,
      max_tokens: 5,
    });
    expect(response.headers.get('x-headgate-dropped-params')).to.equal('user');
  });

  it('goes to the next target as that one knows it', async () => {
    const { url } = await plane('mistral', { targets: [...one, { provider: 'b', model: 'n' }] });
    a.answer(failing(500));
    const body = JSON.stringify({ model: 'gpt-4', messages, max_completion_tokens: 5, user: 'u' });
    expect((await post(url, 'chat/completions', body)).status).to.equal(200);
    expect(JSON.parse(a.bodies[0] ?? '')).to.deep.equal({ model: 'm', messages, max_tokens: 5 });
    expect(b.bodies).to.deep.equal([body.replace('gpt-4', 'n')]);
  });

  it('does not ask for the counts of a stream that come unasked, and counts them', async () => {
    const { url, count } = await plane('mistral');
    a.answer(streamed);
    await post(url, 'chat/completions', JSON.stringify({ model: 'gpt-4', messages, stream: true }));
    expect(JSON.parse(a.bodies[0] ?? '')).to.deep.equal({ model: 'm', messages, stream: true });
    expect(count({ type: 'tokens' })).to.equal(1);
  });

  it('is asked again without a default that the server names by its place in the body', async () => {
    const { url } = await plane('mistral', { targets: one, defaults: { logit_bias: { 1: 2 } } });
    a.answer((outgoing, body) => {
      const detail = [{ type: 'extra_forbidden', loc: ['body', 'logit_bias'], msg: 'Extra inputs are not permitted' }];
      const refusal = { object: 'error', message: { detail }, type: 'invalid_request_error', param: null, code: null };
      const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] };
      const isRefused = body.logit_bias !== undefined;
      outgoing.writeHead(isRefused ? 422 : 200, jsonHeaders).end(JSON.stringify(isRefused ? refusal : answer));
    });
    const response = await post(url, 'chat/completions', JSON.stringify({ model: 'gpt-4', messages }));
    expect([response.status, a.bodies.length]).to.deep.equal([200, 2]);
  });

  it('moves on from a call in a wrong form, and gets the provider’s own words if nothing is left', async () => {
    const error = {
      message: "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
      type: 'invalid_request_error',
      code: 'tool_use_failed',
      failed_generation: '<function=f>',
    };
    a.answer(failing(400, error));
    const two = await plane('groq', { targets: [...one, { provider: 'b', model: 'n' }] });
    const body = JSON.stringify({ model: 'gpt-4', messages });
    expect((await post(two.url, 'chat/completions', body)).status).to.equal(200);
    const alone = await plane('groq');
    const response = await fetch(`${alone.url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body });
    const told = (await response.json()) as { error: { message: string; code: string } };
    expect([response.status, told.error.code, told.error.message]).to.deep.equal([400, error.code, error.message]);
    expect(alone.count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
  });

  for (const [type, what, status, body, code] of [
    [
      'xai',
      'used up credit as a 403',
      403,
      {
        code: 'The caller does not have permission to execute the specified operation',
        error:
          'Your team 16f2151a has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit.',
      },
      'rate_limited',
    ],
    [
      'cerebras',
      'a full queue',
      429,
      {
        message: "We're experiencing high traffic right now! Please try again soon.",
        type: 'too_many_requests_error',
        param: 'queue',
        code: 'queue_exceeded',
      },
      'rate_limited',
    ],
    ['deepseek', 'an empty balance', 402, { error: { message: 'Insufficient Balance' } }, 'rate_limited'],
    [
      'azure',
      'a deployment that is not there',
      404,
      {
        error: {
          code: 'DeploymentNotFound',
          message:
            'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
        },
      },
      'model_unavailable',
    ],
    ['ollama', 'a model that is not there', 404, { error: { message: "model 'm' not found" } }, 'model_unavailable'],
  ] as const) {
    it(`moves on from ${what}: ${type}`, async () => {
      a.answer(bodyOf(status, body));
      const { url } = await plane(type, { targets: [...one, { provider: 'b', model: 'n' }] });
      const request = JSON.stringify({ model: 'gpt-4', messages });
      expect((await post(url, 'chat/completions', request)).status).to.equal(200);
      const alone = await plane(type);
      const response = await fetch(`${alone.url}/v1/chat/completions`, {
        method: 'POST',
        headers: jsonHeaders,
        body: request,
      });
      const told = (await response.json()) as { error: { code: string } };
      expect(told.error.code).to.equal(code);
    });
  }

  it('goes back with what a filter says of it, and no other target is asked: azure', async () => {
    const error = {
      message:
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
      type: null,
      param: 'prompt',
      code: 'content_filter',
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: { jailbreak: { filtered: true, detected: true } },
      },
    };
    a.answer(failing(400, error));
    const { url, count } = await plane('azure', { targets: [...one, { provider: 'b', model: 'n' }] });
    const body = JSON.stringify({ model: 'gpt-4', messages });
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body });
    expect([response.status, await response.json()]).to.deep.equal([400, { error }]);
    expect([b.bodies.length, count({ type: 'attempt-ended', outcome: 'client_error' })]).to.deep.equal([0, 1]);
  });

  it('is asked for responses where that is all that there is, and its searches are no part of the answer: perplexity', async () => {
    // The schema of its stream: docs.perplexity.ai/api-reference/agent-post.
    const result = { id: 1, url: 'https://one.example', title: 'One', snippet: 's' };
    const content = [{ type: 'output_text', text: 'four', annotations: [] }];
    const items = [
      { type: 'search_results', queries: ['q'], results: [result] },
      { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content },
    ];
    const usage = { input_tokens: 3, output_tokens: 1, total_tokens: 4, cost: { total_cost: 0.01 } };
    const whole = { id: 'resp_1', object: 'response', model: 'perplexity/sonar', created_at: 1, error: null, usage };
    const events = [
      {
        type: 'response.created',
        sequence_number: 0,
        response: { ...whole, status: 'in_progress', output: [], usage: null },
      },
      { type: 'response.in_progress', sequence_number: 1, response: null },
      { type: 'response.reasoning.started', sequence_number: 2, thought: null },
      { type: 'response.reasoning.search_queries', sequence_number: 3, queries: ['q'] },
      { type: 'response.reasoning.search_results', sequence_number: 4, results: [result], usage: null },
      { type: 'response.reasoning.stopped', sequence_number: 5 },
      { type: 'response.output_item.done', sequence_number: 6, output_index: 0, item: items[0] },
      { type: 'response.output_item.added', sequence_number: 7, output_index: 1, item: { ...items[1], content: [] } },
      ...['fo', 'ur'].map((delta, index) => {
        return {
          type: 'response.output_text.delta',
          sequence_number: 8 + index,
          item_id: 'msg_1',
          output_index: 1,
          content_index: 0,
          delta,
        };
      }),
      {
        type: 'response.output_text.done',
        sequence_number: 10,
        item_id: 'msg_1',
        output_index: 1,
        content_index: 0,
        text: 'four',
      },
      { type: 'response.output_item.done', sequence_number: 11, output_index: 1, item: items[1] },
      { type: 'response.completed', sequence_number: 12, response: { ...whole, status: 'completed', output: items } },
    ];
    a.answer((outgoing, body) => {
      outgoing.writeHead(200, { 'content-type': body.stream === true ? 'text/event-stream' : 'application/json' });
      if (body.stream !== true) outgoing.end(JSON.stringify({ ...whole, status: 'completed', output: items }));
      else outgoing.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    });
    const more = { a: { type: 'perplexity' } };
    const { url, count } = await start({ providers: { a }, models: { 'gpt-4': { targets: one } }, more });
    const ask = async (stream: boolean) => {
      const body = JSON.stringify({ model: 'gpt-4', messages, stream });
      return (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body })).text();
    };
    expect(JSON.parse(await ask(false)).choices[0].message.content).to.equal('four');
    const streamed = await ask(true);
    expect([...streamed.matchAll(/"content":"([a-z]+)"/g)].map(([, text]) => text).join('')).to.equal('four');
    expect(streamed)
      .to.match(/"finish_reason":"stop"/)
      .and.match(/data: \[DONE\]\n\n$/);
    expect(count({ type: 'tokens' })).to.equal(2);
  });
});
