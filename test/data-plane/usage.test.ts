/**
 * Token counts of streams: asked for where a dialect has them only then, and taken out again where the client did not ask.
 */
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

const content = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const usage = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n';
const DONE = 'data: [DONE]\n\n';

describe('the token counts of a stream', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  /** A provider that knows the wish or refuses it, and the bodies that it got. */
  async function counting(knowsWish: boolean) {
    const bodies: Record<string, unknown>[] = [];
    const port = await provider(async (incoming, outgoing) => {
      const body = JSON.parse(await text(incoming));
      bodies.push(body);
      if (body.stream_options?.include_usage !== undefined && !knowsWish) {
        const error = {
          message: 'Unrecognized request argument supplied: stream_options',
          type: 'invalid_request_error',
        };
        outgoing.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
        return;
      }
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.end(content + finish + (body.stream_options?.include_usage === true ? usage : '') + DONE);
    });
    return { port, bodies };
  }

  it("are named, like all of their request, by the provider's own name of the model too, where it is another one", async () => {
    const { port } = await counting(true);
    const { ask, events } = await start({ openai: port, model: 'gpt-4-eu' });
    await (await ask({ stream: true })).text();
    const named = events.flatMap((event) =>
      'upstreamModel' in event ? [[event.type, event.model, event.upstreamModel]] : [],
    );
    expect(named.map((each) => each.join())).to.have.members([
      'first-content,gpt-4,gpt-4-eu',
      'tokens,gpt-4,gpt-4-eu',
      'request-ended,gpt-4,gpt-4-eu',
    ]);
  });

  it('are asked for, counted, and not shown to a client that did not ask', async () => {
    const { port, bodies } = await counting(true);
    const { ask, events } = await start({ openai: port });
    expect(await (await ask({ stream: true })).text()).to.equal(content + finish + DONE);
    expect(bodies[0]?.stream_options).to.deep.equal({ include_usage: true });
    expect(events.flatMap((event) => (event.type === 'tokens' ? event.counts : []))).to.deep.equal([
      { input: 3, output: 2 },
    ]);
    const options = { include_obfuscation: false };
    expect(await (await ask({ stream: true, stream_options: options })).text()).to.equal(content + finish + DONE);
    expect(bodies[1]?.stream_options).to.deep.equal({ include_obfuscation: false, include_usage: true });
  });

  it('are asked for, counted and not shown where a text is to be completed, too', async () => {
    const { port, bodies } = await counting(true);
    const { url, events } = await start({ openai: port });
    const complete = async (fields: object) => {
      const body = JSON.stringify({ model: 'gpt-4', prompt: 'Hi', stream: true, ...fields });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${url}/v1/completions`, { method: 'POST', headers, body })).text();
    };
    expect(await complete({})).to.equal(content + finish + DONE);
    expect(bodies[0]?.stream_options).to.deep.equal({ include_usage: true });
    expect(events.flatMap((event) => (event.type === 'tokens' ? event.counts : []))).to.deep.equal([
      { input: 3, output: 2 },
    ]);
    expect(await complete({ stream_options: { include_usage: true } })).to.equal(content + finish + usage + DONE);
  });

  it('are shown to a client that asked', async () => {
    const { port } = await counting(true);
    const { ask } = await start({ openai: port });
    const answer = await ask({ stream: true, stream_options: { include_usage: true } });
    expect(await answer.text()).to.equal(content + finish + usage + DONE);
  });

  it('are not asked for again where the provider does not know the wish, which no client sees', async () => {
    const { port, bodies } = await counting(false);
    const { ask, count } = await start({ openai: port, retry: { attempts: 1 } });
    for (const asked of [2, 3]) {
      const answer = await ask({ stream: true });
      expect([answer.status, await answer.text()]).to.deep.equal([200, content + finish + DONE]);
      expect(bodies).to.have.length(asked);
    }
    expect(count({ type: 'attempt-ended', outcome: 'success' })).to.equal(2);
    expect(count({ type: 'attempt-ended' })).to.equal(2);
  });

  it('are not asked for again for clients of other APIs, who are told of none', async () => {
    const { port, bodies } = await counting(false);
    const { url } = await start({ openai: port, retry: { attempts: 1 } });
    const streamed = async (path: string, fields: object) => {
      const body = JSON.stringify({ model: 'gpt-4', stream: true, ...fields });
      const answer = await fetch(url + path, { method: 'POST', headers: jsonHeaders, body });
      return { status: answer.status, told: await answer.text(), asked: bodies.length };
    };
    const messages = [{ role: 'user', content: 'Hi' }];
    // The first of them meets the refusal, for all that come after it.
    const message = await streamed('/v1/messages', { messages, max_tokens: 9 });
    expect([message.status, message.asked]).to.deep.equal([200, 2]);
    expect(message.told).to.include('"text":"hi"').and.include('"output_tokens":0').and.include('message_stop');
    const response = await streamed('/v1/responses', { input: 'Hi' });
    expect([response.status, response.asked]).to.deep.equal([200, 3]);
    expect(response.told).to.include('"delta":"hi"').and.include('"output_tokens":0').and.include('response.completed');
    const chat = await streamed('/v1/chat/completions', { messages });
    expect(chat).to.deep.equal({ status: 200, told: content + finish + DONE, asked: 4 });
    expect(bodies.slice(1).filter((body) => 'stream_options' in body)).to.deep.equal([]);
  });

  it('are asked for and told to clients of other APIs', async () => {
    const { port, bodies } = await counting(true);
    const { url } = await start({ openai: port });
    const body = JSON.stringify({ model: 'gpt-4', stream: true, input: 'Hi' });
    const answer = await fetch(`${url}/v1/responses`, { method: 'POST', headers: jsonHeaders, body });
    expect(await answer.text()).to.include('"input_tokens":3');
    expect(bodies[0]?.stream_options).to.deep.equal({ include_usage: true });
  });

  it('are still asked for where a request of its own fault was refused with the same words', async () => {
    const bodies: Record<string, unknown>[] = [];
    const port = await provider(async (incoming, outgoing) => {
      const body = JSON.parse(await text(incoming));
      bodies.push(body);
      if (body.stream_options?.odd === undefined) {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(content + finish + usage + DONE);
        return;
      }
      const error = { message: "Unknown parameter: 'stream_options.odd'", type: 'invalid_request_error' };
      outgoing.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    const { ask } = await start({ openai: port });
    const refused = await ask({ stream: true, stream_options: { odd: 1 } });
    expect([refused.status, (await refused.text()).includes('odd')]).to.deep.equal([400, true]);
    await (await ask({ stream: true })).text();
    expect(bodies.map(({ stream_options: options }) => options)).to.deep.equal([
      { odd: 1, include_usage: true },
      { odd: 1 },
      { include_usage: true },
    ]);
  });

  it('are asked for by nobody but a stream', async () => {
    const { port, bodies } = await counting(true);
    const { ask } = await start({ openai: port });
    await (await ask({ stream: false })).text();
    expect(bodies[0]).to.not.have.property('stream_options');
  });
});
