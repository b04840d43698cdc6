/**
 * Answers in which errors, reasons and token counts stand where other providers put them: one attempt each, where the
 * answer is one or the error is the caller's. Real sockets.
 */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import type { RunningPlane } from '../helpers/data-plane.ts';
import { errorOf, planeFixture } from './plane-fixture.ts';

describe('an odd answer', () => {
  const { provider, start, close } = planeFixture();
  let asked = 0;

  afterEach(close);

  async function answering(dialect: 'openai' | 'anthropic', body: string): Promise<RunningPlane> {
    asked = 0;
    const port = await provider((_request, response) => {
      asked += 1;
      response.end(body);
    });
    if (dialect === 'openai') return start({ openai: port });
    const refusing = await provider((_request, response) => response.writeHead(403).end());
    return start({ openai: refusing, anthropic: port });
  }

  const choiceError = (code: number, finish: string | null) => ({
    choices: [{ index: 0, message: { content: '' }, finish_reason: finish, error: { code, message: 'bad tool q' } }],
  });
  for (const stream of [false, true]) {
    const asEvents = (body: object) =>
      `data: ${JSON.stringify(body).replace('"message":{"content', '"delta":{"content')}\n\n`;
    const form = (body: object) => (stream ? asEvents(body) : JSON.stringify(body));
    for (const [what, dialect, body] of [
      ['in a choice', 'openai', form(choiceError(400, 'error'))],
      ['in a choice without a finish reason', 'openai', form(choiceError(400, null))],
      ['as a code alone', 'openai', form({ code: 400, message: 'bad tool q' })],
      ['as a code alone', 'anthropic', form({ code: 400, message: 'bad tool q' })],
    ] as const) {
      it(`is the caller’s error, with its words: ${what}, ${dialect}, ${stream ? 'streamed' : 'plain'}`, async () => {
        const { ask, count } = await answering(dialect, body);
        const response = await ask({ stream });
        expect([response.status, (await errorOf(response)).message, asked]).to.deep.equal([400, 'bad tool q', 1]);
        expect(count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
      });
    }

    it(`is the provider’s error, with its words, ${stream ? 'streamed' : 'plain'}`, async () => {
      for (const body of [choiceError(502, 'error'), { code: 502, message: 'bad tool q' }]) {
        const { ask, count } = await answering('openai', form(body));
        const response = await ask({ stream });
        expect([response.status, asked]).to.deep.equal([502, 3]);
        expect((await errorOf(response)).message).to.include('bad tool q');
        expect(count({ type: 'attempt-ended', outcome: 'server_error' })).to.equal(3);
      }
    });
  }

  const silent = (choice: object, usage: object | null = null) => ({
    choices: [{ index: 0, message: { content: '' }, finish_reason: 'stop', ...choice }],
    ...(usage === null ? {} : { usage }),
  });
  for (const [what, body] of [
    [
      'reasoning tokens',
      silent({}, { prompt_tokens: 9, completion_tokens: 0, completion_tokens_details: { reasoning_tokens: 50 } }),
    ],
    ['output tokens of another dialect', silent({}, { input_tokens: 9, output_tokens: 5 })],
    ['a total above the prompt', silent({}, { prompt_tokens: 9, completion_tokens: 0, total_tokens: 14 })],
    ['a reason of its own', silent({ finish_reason: null, native_finish_reason: 'MAX_TOKENS' })],
    ['the token that stopped it', silent({ finish_reason: null, stop_reason: 128009 })],
  ] as const) {
    for (const stream of [false, true]) {
      it(`is one, paid once, where it shows ${what}, ${stream ? 'streamed' : 'plain'}`, async () => {
        const json = JSON.stringify(body);
        const events = `data: ${json.replace('"message":', '"delta":')}\n\ndata: [DONE]\n\n`;
        const { ask, count } = await answering('openai', stream ? events : json);
        const response = await ask({ stream });
        expect([response.status, await response.text(), asked]).to.deep.equal([200, stream ? events : json, 1]);
        expect(count({ type: 'attempt-ended', outcome: 'success' })).to.equal(1);
      });
    }
  }
});
