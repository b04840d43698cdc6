/** Parameters that a model's configuration sets or takes out, in each client's dialect and before each target's. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { contentEvent, errorOf } from './plane-fixture.ts';
import { type FakeProvider, failing, fine, routingFixture, tooLong } from './routing-fixture.ts';

const targets = [{ provider: 'a', model: 'm' }];

describe('the parameters of a request', () => {
  const { fake, start, close } = routingFixture();
  let a: FakeProvider;
  let b: FakeProvider;

  beforeEach(async () => {
    [a, b] = [await fake(), await fake()];
  });
  afterEach(close);

  /** POSTs a body as it is. */
  async function post(url: string, body: string, path = 'chat/completions', type = 'application/json') {
    return fetch(`${url}/v1/${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  }

  const plane = (model: object, more: object = {}) =>
    start({ providers: { a, b }, models: { 'gpt-4': { targets, ...model } }, more: more as Record<string, object> });

  it('are set where the client has not sent them, and all other bytes are the client’s own', async () => {
    const { url } = await plane({ defaults: { temperature: 0.2, top_p: 0.9, metadata: { a: [1, 'ü'] } } });
    const response = await post(
      url,
      '{ "messages" : [ {"role":"user","content":"x"} ], "temperature":1e0 , "model": "gpt-4" }',
    );
    expect(response.status).to.equal(200);
    expect(response.headers.get('x-headgate-dropped-params')).to.equal(null);
    expect(a.bodies).to.deep.equal([
      '{ "messages" : [ {"role":"user","content":"x"} ], "temperature":1e0 , "model": "m","top_p":0.9,"metadata":{"a":[1,"ü"]} }',
    ]);
  });

  it('are set in place of null, which asks for a default', async () => {
    const { url } = await plane({ defaults: { seed: 7 } });
    await post(url, '{"model":"gpt-4","seed":null,"messages":[{"role":"user","content":"x"}]}');
    expect(a.bodies).to.deep.equal(['{"model":"m","seed":7,"messages":[{"role":"user","content":"x"}]}']);
  });

  it('are taken out, wherever and however they are written, and named', async () => {
    const { url, ask } = await plane({ drop: ['logit_bias', 'user', 'never'] });
    const response = await post(
      url,
      '{"logit_bias":{"1":2}, "model":"gpt-4","messages":[{"role":"user","content":"user"}],"\\u0075ser":"me","user":"again"}',
    );
    expect(response.headers.get('x-headgate-dropped-params')).to.equal('logit_bias, user');
    expect(a.bodies).to.deep.equal(['{ "model":"m","messages":[{"role":"user","content":"user"}]}']);
    expect((await ask()).headers.get('x-headgate-dropped-params')).to.equal(null);
  });

  it('may stand sixteen times: a body with more of one is refused before anything is made of it', async () => {
    const { url } = await plane({ drop: ['user', 'mark'] });
    const repeated = (times: number) =>
      `{"model":"gpt-4","messages":[{"role":"user","content":"x"}]${',"mark":1'.repeat(times)}}`;
    expect((await post(url, repeated(16))).status).to.equal(200);
    expect(a.bodies).to.deep.equal(['{"model":"m","messages":[{"role":"user","content":"x"}]}']);
    const response = await post(url, repeated(17));
    const { code, param, message } = await errorOf(response);
    expect([response.status, code, param]).to.deep.equal([400, 'invalid_value', 'mark']);
    expect(message).to.equal("'mark' occurs more than 16 times.");
    expect(a.bodies.length).to.equal(1);
  });

  it('are replaced by a default of the same name', async () => {
    const { url } = await plane({ drop: ['temperature'], defaults: { temperature: 1 } });
    const response = await post(url, '{"temperature":0.3,"model":"gpt-4","messages":[{"role":"user","content":"x"}]}');
    expect(response.headers.get('x-headgate-dropped-params')).to.equal('temperature');
    expect(a.bodies).to.deep.equal(['{"model":"m","messages":[{"role":"user","content":"x"}],"temperature":1}']);
  });

  it('decide on the answer as if the client had sent them', async () => {
    const { ask } = await plane({ drop: ['n', 'stream_options'] });
    const choice = (index: number) =>
      `data: {"choices":[{"index":${index},"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n`;
    a.answer((outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.end(
        `${choice(0)}data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\ndata: [DONE]\n\n`,
      );
    });
    const response = await ask({ stream: true, n: 2, stream_options: { include_usage: true } });
    expect(await response.text()).to.equal(`${choice(0)}data: [DONE]\n\n`);
  });

  it('are set before a translation, in the words of the client’s API', async () => {
    const { url } = await plane(
      { defaults: { temperature: 0.5, stop_sequences: ['END'], max_completion_tokens: 9 }, drop: ['top_p'] },
      { a: { type: 'anthropic' } },
    );
    const answer =
      '{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}';
    a.answer((outgoing) => outgoing.writeHead(200, { 'content-type': 'application/json' }).end(answer));
    const chat = await post(url, '{"model":"gpt-4","messages":[{"role":"user","content":"x"}],"top_p":0.1}');
    expect(chat.status).to.equal(200);
    expect(chat.headers.get('x-headgate-dropped-params')).to.equal('top_p');
    const sent = JSON.parse(a.bodies[0] ?? '');
    expect([sent.temperature, sent.max_tokens, sent.top_p, sent.stop_sequences]).to.deep.equal([
      0.5,
      9,
      undefined,
      undefined,
    ]);
    await post(url, '{"model":"gpt-4","max_tokens":5,"messages":[{"role":"user","content":"x"}]}', 'messages');
    expect(a.bodies[1]).to.equal(
      '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}],"temperature":0.5,"stop_sequences":["END"]}',
    );
  });

  it('are those of the model that serves the request, on the bytes as they came', async () => {
    const { url } = await start({
      providers: { a, b },
      models: {
        small: { targets, fallbacks: { context: ['large'] }, defaults: { seed: 1 }, drop: ['user'] },
        large: { targets: [{ provider: 'b', model: 'l' }], defaults: { seed: 2 } },
      },
    });
    a.answer(tooLong);
    const response = await post(url, '{"model":"small","messages":[{"role":"user","content":"x"}],"user":"u"}');
    expect(response.status).to.equal(200);
    expect(a.bodies).to.deep.equal(['{"model":"m","messages":[{"role":"user","content":"x"}],"seed":1}']);
    expect(b.bodies).to.deep.equal(['{"model":"l","messages":[{"role":"user","content":"x"}],"user":"u","seed":2}']);
    expect(response.headers.get('x-headgate-dropped-params')).to.equal(null);
  });

  it('stay in forms as they are', async () => {
    const { url } = await plane({ defaults: { language: 'en' }, drop: ['prompt_style'] });
    const form = ['--x', 'content-disposition: form-data; name="model"', '', 'gpt-4'];
    form.push('--x', 'content-disposition: form-data; name="prompt_style"', '', 'terse');
    form.push('--x', 'content-disposition: form-data; name="file"; filename="a.mp3"', '', 'bytes', '--x--', '');
    a.answer((outgoing) => outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"text":"hi"}'));
    const response = await post(url, form.join('\r\n'), 'audio/transcriptions', 'multipart/form-data; boundary=x');
    expect(response.status).to.equal(200);
    expect(a.bodies).to.deep.equal([form.join('\r\n').replace('gpt-4', 'm')]);
  });

  it('are found in large requests, whose bytes are the client’s', async () => {
    const { url, plane: running } = await plane({ defaults: { seed: 3 }, drop: ['user'] });
    const text = 'y'.repeat(5_000_000);
    const head = `{"model":"gpt-4","messages":[{"role":"user","content":"${text}"}]`;
    expect((await post(url, `${head},"user":"u"}`)).status).to.equal(200);
    expect(a.bodies[0] === `${head.replace('gpt-4', 'm')},"seed":3}`).to.equal(true);
    while (running.inFlight() > 0) await new Promise(setImmediate);
  });

  it('are the gateway’s fault where the configured ones make a request invalid', async () => {
    const { ask, count } = await plane({ defaults: { temperature: 'hot' } });
    const response = await ask();
    const { code, message } = await errorOf(response);
    expect([response.status, code]).to.deep.equal([500, 'internal_error']);
    expect(message).to.include('configured for the model gpt-4').and.include('temperature');
    expect(count({ type: 'request-ended', code: 'internal_error' })).to.equal(1);
    expect(a.bodies.length).to.equal(0);
  });

  const refusing = (name: string) =>
    failing(400, {
      message: `Unsupported value: '${name}' does not support 1 with this model.`,
      type: 'invalid_request_error',
      param: name,
      code: 'unsupported_value',
    });

  it('that were set are left out for a target that refuses them, at once the next time, and nobody hears of it', async () => {
    const { ask, count } = await plane({ defaults: { temperature: 1, seed: 2 } });
    a.answer((outgoing, body) => (body.temperature === undefined ? fine : refusing('temperature'))(outgoing, body));
    const sent = () => a.bodies.map((body) => Object.keys(JSON.parse(body)).slice(2).join(' '));
    const first = await ask();
    expect([first.status, first.headers.get('x-headgate-attempts')]).to.deep.equal([200, 'a=200']);
    expect(sent()).to.deep.equal(['temperature seed', 'seed']);
    expect((await ask()).status).to.equal(200);
    expect(sent()).to.deep.equal(['temperature seed', 'seed', 'seed']);
    expect(count({ type: 'attempt-ended', outcome: 'success' })).to.equal(2);
    expect(count({ type: 'attempt-ended' })).to.equal(2);
    // A client's own is its own matter.
    expect((await ask({ temperature: 1 })).status).to.equal(400);
  });

  it('that were set are given up one after the other, and so is the wish for token counts', async () => {
    const { ask } = await plane({ defaults: { temperature: 1, seed: 2, top_p: 0.5 } });
    a.answer((outgoing, body) => {
      const next = ['stream_options', 'temperature', 'seed'].find((name) => body[name] !== undefined);
      if (next !== undefined) return refusing(next)(outgoing, body);
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.end(
        `${contentEvent}data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
      );
    });
    for (const rounds of [4, 5]) {
      const response = await ask({ stream: true });
      expect(response.status).to.equal(200);
      await response.text();
      expect(a.bodies.length).to.equal(rounds);
    }
    expect(Object.keys(JSON.parse(a.bodies.at(-1) ?? '')).slice(3)).to.deep.equal(['top_p']);
  });

  it('that were set are tried again where the request fails without them too', async () => {
    const { ask } = await plane({ defaults: { seed: 2 } });
    a.answer(refusing('seed'));
    expect((await ask()).status).to.equal(400);
    expect((await ask()).status).to.equal(400);
    expect(a.bodies.map((body) => body.includes('seed'))).to.deep.equal([true, false, true, false]);
  });

  it('that were set are tried with each model behind a star, and of each it is remembered', async () => {
    const { ask, warned } = await start({
      providers: { a },
      models: { '*': { targets: [{ provider: 'a', model: '*' }], defaults: { seed: 2 } } },
    });
    a.answer((outgoing, body) =>
      (body.seed === undefined || body.model === 'y' ? fine : refusing('seed'))(outgoing, body),
    );
    for (const model of ['x', 'y', 'x']) expect((await ask({ model })).status).to.equal(200);
    expect(a.bodies.map((body) => body.includes('seed'))).to.deep.equal([true, false, true, false]);
    expect(warned).to.deep.equal(['a/x does not take the configured default of seed: it is left out']);
  });

  it('leave the provider’s own errors about a client’s parameter alone', async () => {
    const { ask } = await plane({ defaults: { seed: 1 } });
    a.answer(failing(400, { message: 'top_p is wrong', type: 'invalid_request_error', param: 'top_p', code: null }));
    const response = await ask({ top_p: 7 });
    expect([response.status, (await errorOf(response)).param]).to.deep.equal([400, 'top_p']);
    expect(a.bodies.length).to.equal(1);
  });
});
