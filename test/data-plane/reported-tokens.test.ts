/** Tokens that a provider reports where they are easily missed, or counted twice; and what else is told with them. */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { MOST_COUNTED } from '../../src/shared/events.ts';
import type { RunningPlane } from '../helpers/data-plane.ts';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

const usage = { prompt_tokens: 30, completion_tokens: 20, total_tokens: 50 };
const chunk = (choices: readonly object[], more: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', model: 'gpt-4-1106', choices, ...more })}\n\n`;
const piece = (content: string, more: object = {}) =>
  chunk([{ index: 0, delta: { content }, finish_reason: null }], more);
const finish = (more: object = {}) => chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], more);
const DONE = 'data: [DONE]\n\n';
const completion = (more: object) =>
  JSON.stringify({ choices: [{ index: 0, message: { content: 'Hello.' }, finish_reason: 'stop' }], ...more });
const message = {
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [{ type: 'text', text: 'Hi.' }] },
  ...{ stop_reason: 'end_turn', usage: { input_tokens: 7, output_tokens: 2 } },
};

describe('the tokens that a provider reports', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  /** A provider that answers so: a stream if it has events, else JSON. */
  const answering = (body: string) =>
    provider((_incoming, outgoing) => {
      const type = /^(?:data|event):/.test(body) ? 'text/event-stream' : 'application/json';
      outgoing.writeHead(200, { 'content-type': type }).end(body);
    });

  /** What was counted of the attempts, in their order. */
  async function counted({ events }: RunningPlane, attempts = 1) {
    const tokens = () => events.flatMap((event) => (event.type === 'tokens' ? [event] : []));
    await eventually('they are counted', () => tokens().length >= attempts);
    return tokens().map(({ provider: of, counts, serverTools, tier }) => ({ of, counts, serverTools, tier }));
  }

  const nothingElse = { serverTools: undefined, tier: undefined };
  const reported = { of: 'openai', counts: { input: 30, output: 20 }, ...nothingElse };

  it('of an attempt that failed are counted at its own provider, those of the next one at that', async () => {
    const error = { error: { message: 'overloaded', type: 'server_error', code: null } };
    const failing = await answering(`${chunk([], { usage })}data: ${JSON.stringify(error)}\n\n`);
    const plane = await start({
      ...{ openai: failing, anthropic: await answering(JSON.stringify(message)), retry: { attempts: 1 } },
    });
    await (await plane.ask({ stream: true })).text();
    expect(await counted(plane, 2)).to.deep.equal([
      reported,
      { of: 'anthropic', counts: { input: 7, output: 2 }, ...nothingElse },
    ]);
  });

  it('with an error in place of an answer are counted, as are those with one in place of its end', async () => {
    const error = { message: 'overloaded', type: 'server_error', code: null };
    const aborted = [{ index: 0, message: { content: '' }, finish_reason: 'error', error }];
    for (const body of [completion({ choices: aborted, usage }), JSON.stringify({ error, usage })]) {
      const plane = await start({ openai: await answering(body), retry: { attempts: 1 } });
      await (await plane.ask()).text();
      expect(await counted(plane)).to.deep.equal([reported]);
    }
  });

  for (const [path, request] of [
    ['/v1/responses', { input: 'Hi' }],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hi' }] }],
  ] as const) {
    it(`of a response that failed are counted, asked at ${path}`, async () => {
      const failed = {
        ...{ id: 'resp_1', object: 'response', model: 'gpt', output: [] },
        ...{ status: 'failed', error: { code: 'server_error', message: 'no' } },
        usage: { input_tokens: 30, output_tokens: 20, total_tokens: 50 },
      };
      const begun = { ...failed, status: 'in_progress', error: null, usage: null };
      const event = (type: string, response: object) =>
        `event: ${type}\ndata: ${JSON.stringify({ type, response })}\n\n`;
      const events = event('response.created', begun) + event('response.failed', failed);
      for (const stream of [true, false]) {
        const plane = await start({
          ...{ openai: await answering(stream ? events : JSON.stringify(failed)), retry: { attempts: 1 } },
          dialects: { openai: ['openai-responses'] },
        });
        const body = JSON.stringify({ model: 'gpt-4', stream, ...request });
        await (await fetch(plane.url + path, { method: 'POST', headers: jsonHeaders, body })).text();
        expect(await counted(plane)).to.deep.equal([reported]);
      }
    });
  }

  it('with each piece of a stream are counted once, by the last of them', async () => {
    const so = (completion_tokens: number) => ({ usage: { prompt_tokens: 30, completion_tokens } });
    const body = piece('Hel', so(1)) + piece('lo.', so(2)) + finish(so(20)) + chunk([], so(20)) + DONE;
    const plane = await start({ openai: await answering(body) });
    await (await plane.ask({ stream: true })).text();
    expect(await counted(plane)).to.deep.equal([reported]);
  });

  it('with each piece of a stream that breaks leave what came after the last of them to be estimated', async () => {
    const body = piece('Hello.', { usage: { prompt_tokens: 30, completion_tokens: 20 } }) + piece('x'.repeat(40));
    const plane = await start({ openai: await answering(body), retry: { attempts: 1 } });
    await (await plane.ask({ stream: true })).text().catch(() => '');
    expect(await counted(plane)).to.deep.equal([{ ...reported, counts: { input: 30, output: 20, estimated: 10 } }]);
  });

  it('in a whole answer in place of a stream are counted once', async () => {
    const plane = await start({ openai: await answering(completion({ usage })) });
    await (await plane.ask({ stream: true })).text();
    expect(await counted(plane)).to.deep.equal([reported]);
  });

  it('come with the tier that was served and the tools that ran', async () => {
    const ran = { ...usage, server_tool_use: { web_search_requests: 2 } };
    const bodies = [
      completion({ service_tier: 'flex', usage: ran }),
      piece('Hello.') + finish() + chunk([], { service_tier: 'flex', usage: ran }) + DONE,
    ];
    for (const body of bodies) {
      const plane = await start({ openai: await answering(body) });
      await (await plane.ask({ stream: body !== bodies[0] })).text();
      expect(await counted(plane)).to.deep.equal([{ ...reported, serverTools: { web_search: 2 }, tier: 'flex' }]);
    }
  });

  it('are bounded, so that one answer cannot spoil all totals', async () => {
    const absurd = { prompt_tokens: 1e18, completion_tokens: 2.5, total_tokens: 1e18 };
    const plane = await start({ openai: await answering(completion({ usage: absurd })) });
    await (await plane.ask()).text();
    expect((await counted(plane))[0]?.counts).to.deep.equal({ input: MOST_COUNTED });
  });

  it('are estimated where it reports none of a whole answer, or zeros', async () => {
    for (const more of [{}, { usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } }]) {
      const plane = await start({ openai: await answering(completion(more)) });
      await (await plane.ask()).text();
      const { estimated, estimated_input: input } = (await counted(plane))[0]?.counts ?? {};
      expect(estimated).to.equal(2);
      expect(input).to.be.within(10, 30);
    }
  });

  for (const [path, request, isPaid] of [
    ['/v1/embeddings', { input: 'word '.repeat(80) }, true],
    ['/v1/moderations', { input: 'word '.repeat(80) }, false],
    ['/v1/images/generations', { prompt: 'word '.repeat(80) }, false],
  ] as const) {
    it(`are ${isPaid ? 'estimated' : 'none'} where the client of ${path} left before there was an answer`, async () => {
      let asked = 0;
      const silent = await provider(() => {
        asked += 1;
      });
      const plane = await start({ openai: silent });
      const leaving = new AbortController();
      const body = JSON.stringify({ model: 'gpt-4', ...request });
      const answer = fetch(plane.url + path, { method: 'POST', headers: jsonHeaders, body, signal: leaving.signal });
      await eventually('the provider is asked', () => asked === 1);
      leaving.abort();
      expect(await answer.catch(() => 'left')).to.equal('left');
      await eventually('the attempt is over', () => plane.count({ type: 'attempt-ended' }) === 1);
      const counts = plane.events.flatMap((event) => (event.type === 'tokens' ? [event.counts] : []));
      if (!isPaid) expect(counts).to.deep.equal([]);
      else expect(counts[0]?.estimated_input).to.be.within(100, 120);
    });
  }

  it('are not looked for where none are paid: a count of tokens', async () => {
    const plane = await start({ ...{ openai: 1, anthropic: await answering('{"input_tokens":14}') } });
    const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hi' }] });
    const answer = await fetch(`${plane.url}/v1/messages/count_tokens`, { method: 'POST', headers: jsonHeaders, body });
    expect(await answer.json()).to.deep.equal({ input_tokens: 14 });
    await eventually('it is over', () => plane.count({ type: 'request-ended' }) === 1);
    expect(plane.count({ type: 'tokens' })).to.equal(0);
  });
});
