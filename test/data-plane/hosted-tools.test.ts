/**
 * Tools that only the client's API knows, over sockets, before a target of another one: refused by their place, or left out
 * and named where the configuration says so.
 */
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

const f = { name: 'f', description: 'd' };
const parameters = { type: 'object', properties: {} };

/** Requests of clients that bring a tool of their own and one that their API runs. */
const requests = [
  [
    '/v1/responses',
    {
      model: 'gpt-4',
      input: 'hi',
      tools: [{ type: 'web_search' }, { type: 'function', ...f, parameters }],
    },
    'web_search',
    'tools[0]',
  ],
  [
    '/v1/messages',
    {
      model: 'gpt-4',
      max_tokens: 16,
      messages: [{ role: 'user', content: 'hi' }],
      tools: [
        { ...f, input_schema: parameters },
        { type: 'code_execution_20260521', name: 'code_execution' },
      ],
    },
    'code_execution',
    'tools[1]',
  ],
] as const;

describe('a tool that only the client’s API knows', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  for (const [path, body, tool, place] of requests) {
    const ask = (url: string) =>
      fetch(url + path, { method: 'POST', headers: jsonHeaders, body: JSON.stringify(body) });

    it(`is refused by its place: ${tool}`, async () => {
      const port = await provider((_request, outgoing) => outgoing.writeHead(200, jsonHeaders).end(plainAnswer));
      const { url } = await start({ openai: port });
      const answer = await ask(url);
      expect(answer.status).to.equal(400);
      expect(await answer.text()).to.include(`${place} should be`);
    });

    it(`is left out and named where the model is configured so: ${tool}`, async () => {
      const seen: { readonly tools: readonly unknown[] }[] = [];
      const port = await provider(async (request, outgoing) => {
        seen.push(JSON.parse(await text(request)));
        outgoing.writeHead(200, jsonHeaders).end(plainAnswer);
      });
      const { url } = await start({ openai: port, dropsTools: true });
      const answer = await ask(url);
      expect(answer.status).to.equal(200);
      expect(answer.headers.get('x-headgate-dropped-params')).to.equal(`tools.${tool}`);
      expect(seen[0]?.tools).to.deep.equal([{ type: 'function', function: { ...f, parameters } }]);
    });
  }
});
