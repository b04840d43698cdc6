/** Endpoints whose requests and answers are passed on as they are: what both sides get of each other, byte by byte. */
import http from 'node:http';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { APIError } from 'openai';
import { answering, officialClient, passThroughFixture, streaming } from './pass-through-fixture.ts';
import { errorOf, jsonHeaders } from './plane-fixture.ts';

const embedding = Buffer.from(new Float32Array([0.5, -0.25, 1]).buffer).toString('base64');
const embeddings = `{ "object":"list", "data":[{"object":"embedding","index":0,"embedding":"${embedding}"}], "model":"real-model", "usage":{"prompt_tokens":8,"total_tokens":8}, "x": 1.00 }`;
const choice = (text: string, finish: string | null = null) =>
  `{"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":"${text}","index":0,"logprobs":null,"finish_reason":${JSON.stringify(finish)}}],"model":"real-model","usage":null}`;
const completion = `${choice('hello', 'stop').slice(0, -'"usage":null}'.length)}"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}`;
const event = (data: string) => `data: ${data}\n\n`;
const completionEvents = [
  event(choice('Hel')),
  event(choice('lo')),
  event(choice('', 'stop')),
  event('{"id":"cmpl-1","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":3,"total_tokens":5}}'),
  event('[DONE]'),
];
const moderation =
  '{"id":"modr-1","model":"real-model","results":[{"flagged":false,"categories":{},"category_scores":{}}]}';
const images =
  '{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"input_tokens":3,"output_tokens":7,"total_tokens":10}}';
const imageEvents = ['partial_image', 'completed'].map((kind) => {
  const type = `image_generation.${kind}`;
  return `event: ${type}\ndata: {"type":"${type}","b64_json":"AAAA","usage":{"input_tokens":3,"output_tokens":7}}\n\n`;
});
const rerank = '{"id":"r","results":[{"index":1,"relevance_score":0.9}],"usage":{"total_tokens":6}}';

describe('an endpoint that passes on what it gets', () => {
  const { start, close } = passThroughFixture();
  afterEach(close);

  const post = (url: string, path: string, body: string) =>
    fetch(`${url}${path}`, { method: 'POST', headers: jsonHeaders, body });

  const cases = [
    ['/v1/embeddings', 'embeddings', '{ "input":["é","\\u00e9"],"model":"MODEL","dimensions":3 }', embeddings],
    ['/v1/completions', 'completions', '{"prompt":"a","model" : "MODEL","x":1.0}', completion],
    ['/v1/moderations', 'moderations', '{"input":"a","model":"MODEL"}', moderation],
    ['/v1/images/generations', 'images', '{"prompt":"a","model":"MODEL","size":"auto"}', images],
    ['/v1/rerank', 'rerank', '{"query":"q","documents":["a","b"],"top_n":1,"model":"MODEL"}', rerank],
  ] as const;

  for (const [path, label, request, answer] of cases) {
    it(`gives both sides the other's bytes, but for the model's name: ${path}`, async () => {
      const { url, seen, count } = await start(answering(answer, 'application/json; charset=utf-8'));
      for (const form of [path, path.slice('/v1'.length), `${path}/`]) {
        const response = await post(url, form, request.replace('MODEL', 'team/alias'));
        expect([response.status, await response.text()]).to.deep.equal([200, answer]);
        expect(response.headers.get('content-type')).to.equal('application/json');
        expect(response.headers.get('x-headgate-attempts')).to.equal('one=200');
      }
      expect(seen.map(({ path: asked, body }) => [asked, body.toString()])).to.deep.equal(
        Array(3).fill([path, request.replace('MODEL', 'real-model')]),
      );
      expect(seen[0]?.headers).to.include({
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: 'Bearer key-of-openai',
      });
      expect(count({ type: 'request-ended', endpoint: label, status: 'success', model: 'team/alias' })).to.equal(3);
    });

    it(`counts no answer without its list as one: ${path}`, async () => {
      const { url } = await start(answering('{"object":"list"}'), answering(answer));
      const response = await post(url, path, request.replace('MODEL', 'team/alias'));
      expect([response.status, await response.text()]).to.deep.equal([200, answer]);
      expect(response.headers.get('x-headgate-attempts')).to.match(/^one=\S+, two=200$/);
    });
  }

  it('fails over from a 500, after its retries', async () => {
    const { url, seen } = await start((outgoing) => outgoing.writeHead(500).end('{}'), answering(embeddings));
    const response = await post(url, '/v1/embeddings', '{"model":"team/alias","input":"a"}');
    expect([response.status, await response.text()]).to.deep.equal([200, embeddings]);
    expect(response.headers.get('x-headgate-attempts')).to.match(/^one=500\S*, one=500\S*, two=200$/);
    expect(new Set(seen.map(({ body }) => body.toString()))).to.deep.equal(
      new Set(['{"model":"real-model","input":"a"}']),
    );
  });

  it("gives a provider's 4xx back byte by byte, and asks nobody else", async () => {
    const refusal =
      '{ "error": {"message":"too many inputs","type":"invalid_request_error","param":"input","code":null} }';
    const { url, seen } = await start(
      (outgoing) => outgoing.writeHead(400, jsonHeaders).end(refusal),
      answering(embeddings),
    );
    const response = await post(url, '/v1/embeddings', '{"model":"team/alias","input":[]}');
    expect([response.status, await response.text(), seen.length]).to.deep.equal([400, refusal, 1]);
  });

  it('counts tokens of prompts as input alone', async () => {
    const { url, events } = await start(answering(embeddings));
    await (await post(url, '/v1/embeddings', '{"model":"team/alias","input":"a"}')).text();
    const counted = events.find(({ type }) => type === 'tokens');
    expect(counted).to.deep.include({ model: 'team/alias', provider: 'one', counts: { input: 8 } });
  });

  it('asks for the default model of moderations where a request names none, if it is configured', async () => {
    const { url, seen } = await start(answering(moderation));
    const answer = await officialClient({ url }).moderations.create({ input: 'a' });
    expect(answer.results).to.have.length(1);
    expect(seen[0]?.body.toString()).to.equal('{"input":"a","model":"real-model"}');
  });

  it('leaves out providers that have no such API, and says so if none is left', async () => {
    const { url, seen, count } = await start(answering(embeddings));
    const served = await post(url, '/v1/embeddings', '{"model":"both","input":"a"}');
    expect([served.status, served.headers.get('x-headgate-attempts')]).to.deep.equal([200, 'one=200']);
    await served.text();
    const refused = await post(url, '/v1/embeddings', '{"model":"claude","input":"a"}');
    const error = await errorOf(refused);
    expect([refused.status, error.code, error.param]).to.deep.equal([404, 'unsupported_endpoint', 'model']);
    expect(error.message).to.include('embeddings').and.include('anthropic');
    expect(refused.headers.get('x-should-retry')).to.equal('false');
    expect([seen.length, count({ type: 'rejected', reason: 'validation' })]).to.deep.equal([1, 1]);
  });

  it('is named to those who ask for another path, and says which method it takes', async () => {
    const { url } = await start(answering(embeddings));
    const { message } = await errorOf(await post(url, '/v1/nothing', '{}'));
    for (const [path] of cases) {
      expect(message).to.include(`POST ${path},`);
      const response = await fetch(`${url}${path}`);
      expect([response.status, response.headers.get('allow')]).to.deep.equal([405, 'POST']);
    }
  });

  it('refuses a request without a model, or with one that is not known', async () => {
    const { url, seen } = await start(answering(embeddings));
    const codes = [];
    for (const body of ['{"input":"a"}', '{"input":"a","model":"nobody"}', '{"input":"a","model":"a","model":"b"}']) {
      codes.push((await errorOf(await post(url, '/v1/embeddings', body))).code);
    }
    expect(codes).to.deep.equal(['missing_parameter', 'model_not_found', 'invalid_value']);
    expect(seen).to.have.length(0);
  });

  it('passes a large answer, and others go on meanwhile', async () => {
    const data = Array.from({ length: 40 }, (_, index) => ({ index, embedding: 'AAAA'.repeat(32_000) }));
    const large = JSON.stringify({ object: 'list', data, usage: { prompt_tokens: 8, total_tokens: 8 } });
    const numbers = JSON.stringify({
      data: Array.from({ length: 500 }, (_, index) => ({
        index,
        embedding: Array.from({ length: 500 }, (__, place) => (index + 1) / (place + 7)),
      })),
    });
    const { url, count } = await start((outgoing, { body }) => {
      answering(body.includes('numbers') ? numbers : large)(outgoing);
    });
    for (const [name, expected] of Object.entries({ texts: large, numbers })) {
      expect(expected.length).to.be.above(4_000_000);
      const asked = post(url, '/v1/embeddings', `{"model":"team/alias","input":"${name}"}`);
      let longestMs = 0;
      let before = process.threadCpuUsage();
      // Of processor time: what other programs take is not ours.
      const watch = setInterval(() => {
        longestMs = Math.max(longestMs, process.threadCpuUsage(before).user / 1000);
        before = process.threadCpuUsage();
      }, 1);
      const text = await (await asked).text();
      clearInterval(watch);
      expect(text === expected, name).to.equal(true);
      // The client is in this process, too; what it takes itself is most of it.
      expect(longestMs).to.be.below(500);
    }
    expect(count({ type: 'tokens' })).to.equal(1);
  });

  describe("with OpenAI's own client", () => {
    it('embeds, in base64 unless it is told otherwise', async () => {
      const { url, seen } = await start(answering(embeddings));
      const answer = await officialClient({ url }).embeddings.create({ model: 'team/alias', input: 'a' });
      expect(answer.data[0]?.embedding).to.deep.equal([0.5, -0.25, 1]);
      expect(JSON.parse(seen[0]?.body.toString() ?? '')).to.include({ encoding_format: 'base64', model: 'real-model' });
    });

    it('completes a text, whole and streamed', async () => {
      const { url, seen, count } = await start((outgoing, { body }) =>
        body.includes('"stream":true') ? streaming(completionEvents)(outgoing) : answering(completion)(outgoing),
      );
      const client = officialClient({ url });
      const whole = await client.completions.create({ model: 'team/alias', prompt: 'a' });
      expect(whole.choices[0]?.text).to.equal('hello');
      const stream = await client.completions.create({ model: 'team/alias', prompt: 'a', stream: true });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
      expect(text).to.equal('Hello');
      expect(seen[1]?.headers.accept).to.equal('text/event-stream');
      expect(count({ type: 'stream-ended', outcome: 'complete' })).to.equal(1);
      expect(count({ type: 'tokens' })).to.equal(2);
    });

    it('gets a stream of completions byte by byte', async () => {
      const { url } = await start(streaming(completionEvents));
      const body = '{"model":"team/alias","prompt":"a","stream":true,"stream_options":{"include_usage":true}}';
      const response = await post(url, '/completions', body);
      expect(response.headers.get('content-type')).to.equal('text/event-stream; charset=utf-8');
      expect(await response.text()).to.equal(completionEvents.join(''));
    });

    it('gets an error at the end of a stream that was cut, and no whole answer', async () => {
      const { url } = await start(streaming(completionEvents.slice(0, 2), true));
      const stream = await officialClient({ url }).completions.create({
        model: 'team/alias',
        prompt: 'a',
        stream: true,
      });
      let text = '';
      let thrown: unknown = null;
      try {
        for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
      } catch (error) {
        thrown = error;
      }
      expect(text).to.equal('Hello');
      expect(thrown).to.be.instanceOf(APIError).with.property('code', 'provider_stream_cut');
    });

    it('fails over from a stream that is cut before its first text', async () => {
      const { url } = await start(streaming([event(choice(''))], true), streaming(completionEvents));
      const body = '{"model":"team/alias","prompt":"a","stream":true,"stream_options":{"include_usage":true}}';
      const response = await post(url, '/v1/completions', body);
      expect(await response.text()).to.equal(completionEvents.join(''));
    });

    it('gets a stream where the provider answers as a whole, and the reverse', async () => {
      const { url } = await start((outgoing, { body }) =>
        body.includes('"stream":true') ? answering(completion)(outgoing) : streaming(completionEvents)(outgoing),
      );
      const client = officialClient({ url });
      let text = '';
      const params = { model: 'team/alias', prompt: 'a' };
      for await (const chunk of await client.completions.create({ ...params, stream: true }))
        text += chunk.choices[0]?.text ?? '';
      expect(text).to.equal('hello');
      expect((await client.completions.create(params)).choices[0]?.text).to.equal('Hello');
    });

    it('makes images, whole and streamed', async () => {
      const { url, events } = await start((outgoing, { body }) =>
        body.includes('"stream":true') ? streaming(imageEvents)(outgoing) : answering(images)(outgoing),
      );
      const client = officialClient({ url });
      const whole = await client.images.generate({ model: 'team/alias', prompt: 'a' });
      expect(whole.data?.[0]?.b64_json).to.equal('AAAA');
      const types = [];
      for await (const { type } of await client.images.generate({ model: 'team/alias', prompt: 'a', stream: true }))
        types.push(type);
      expect(types).to.deep.equal(['image_generation.partial_image', 'image_generation.completed']);
      const counts = events.flatMap((each) => (each.type === 'tokens' ? [each.counts] : []));
      expect(counts).to.deep.equal(Array(2).fill({ input: 3, output: 7, output_image: 7 }));
    });
  });

  describe('for images', () => {
    const asked = (stream: boolean) => JSON.stringify({ model: 'team/alias', prompt: 'a', stream });

    it('passes on events as they come, and an error at the end of a stream that was cut', async () => {
      const whole = await start(streaming(imageEvents));
      const complete = await post(whole.url, '/v1/images/generations', asked(true));
      expect(await complete.text()).to.equal(imageEvents.join(''));
      const broken = await start(streaming(imageEvents.slice(0, 1), true));
      const text = await bodyUntilCut(broken.url, '/v1/images/generations', asked(true));
      expect(text.startsWith(imageEvents[0] ?? '')).to.equal(true);
      expect(text).to.match(/\n\ndata: \{"error":\{.*"code":"provider_stream_cut".*\}\n\n$/);
    });

    it('passes on a whole answer where a stream was asked for, as it is', async () => {
      const { url } = await start(answering(images));
      const response = await post(url, '/v1/images/generations', asked(true));
      expect(response.headers.get('content-type')).to.equal('application/json');
      expect(await response.text()).to.equal(images);
    });

    it('takes events for a wrong form where a whole answer was asked for', async () => {
      const { url } = await start(streaming(imageEvents), answering(images));
      const response = await post(url, '/v1/images/generations', asked(false));
      expect(await response.text()).to.equal(images);
      expect(response.headers.get('x-headgate-attempts')).to.match(/^one=\S+, two=200$/);
    });
  });
});

/** The body of an answer that is not whole: `fetch` would only throw. */
function bodyUntilCut(url: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}${path}`, { method: 'POST', headers: jsonHeaders, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
      });
      answer.on('error', () => undefined);
      answer.on('close', () => resolve(text));
    });
    request.on('error', reject);
    request.end(body);
  });
}
