/**
 * Azure OpenAI, with the official client as the reference: what it sends is what the gateway sends for the same request, and
 * what it reads of an answer is what a client reads through the gateway.
 */
import { expect } from 'chai';
import { after, afterEach, before, describe, it } from 'mocha';
import OpenAI, { AzureOpenAI } from 'openai';
import { loadConfig } from '../../src/config/load.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { linesOf, streams } from './recordings.ts';
import { Replay } from './replay.ts';
import { framed } from './translate.ts';

const messages = [{ role: 'user' as const, content: 'hi' }];
const DONE = Buffer.from('data: [DONE]\n\n');
const whole = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-5-nano-2025-08-07',
    prompt_filter_results: [
      { prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: 'safe' } } },
    ],
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'hi', refusal: null },
        finish_reason: 'stop',
        content_filter_results: { hate: { filtered: false, severity: 'safe' } },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }),
);

/** A stream whose filter looks later than its text comes, as `asynchronous filter` does. */
const asynchronous = [
  { choices: [], id: '', created: 0, model: '', object: '', prompt_filter_results: [{ prompt_index: 0 }] },
  { choices: [{ index: 0, delta: { role: 'assistant', content: 'hi' }, finish_reason: null }], id: 'c', model: 'm' },
  {
    choices: [
      {
        index: 0,
        finish_reason: null,
        content_filter_results: { hate: { filtered: false } },
        content_filter_offsets: { check_offset: 0, start_offset: 0, end_offset: 2 },
      },
    ],
    id: '',
    model: '',
  },
  { choices: [{ index: 0, delta: {}, finish_reason: 'content_filter' }], id: 'c', model: 'm' },
].map((chunk) => JSON.stringify(chunk));

const versions = [
  { apiVersion: '2024-10-21', block: { api_version: '2024-10-21' } },
  { apiVersion: '2025-04-01-preview', block: { api_version: '2025-04-01-preview' } },
] as const;

describe('Azure OpenAI', () => {
  let replay: Replay;
  let plane: RunningPlane | undefined;
  before(async () => {
    replay = await Replay.start();
  });
  afterEach(() => plane?.close());
  after(() => replay.stop());

  async function through(block: object = {}, model = 'my-deployment') {
    const provider = { type: 'azure', base_url: `${replay.url}/openai/v1/`, api_key: 'azure-key', ...block };
    const input = { providers: { az: provider }, models: { m: { targets: [{ provider: 'az', model }] } } };
    plane = await startPlane(loadConfig({ source: { kind: 'object', name: 'test', input } }));
    return new OpenAI({ apiKey: 'k', baseURL: `${plane.url}/v1`, maxRetries: 0 });
  }

  /** What went out, as far as it is about the request. */
  const sent = () => {
    const { path, headers, body } = replay.seen ?? { path: '', headers: {}, body: null };
    return { path, key: headers['api-key'], bearer: headers.authorization, body };
  };

  for (const { apiVersion, block } of versions) {
    for (const stream of [false, true]) {
      it(`is asked as its own client asks it: ${apiVersion}, ${stream ? 'streamed' : 'whole'}`, async () => {
        const lines = streams('openai').find(({ name }) => name.includes('azure'));
        const body = stream ? Buffer.concat([framed('openai', lines ? linesOf(lines) : asynchronous), DONE]) : whole;
        replay.answerWith(stream ? 'text/event-stream' : 'application/json', body);
        const request = {
          model: 'my-deployment',
          messages,
          ...(stream ? { stream_options: { include_usage: true } } : {}),
        };
        const reference = new AzureOpenAI({ endpoint: replay.url, apiKey: 'azure-key', apiVersion, maxRetries: 0 });
        const read = async (client: OpenAI, model: string) => {
          if (!stream) return client.chat.completions.create({ ...request, model });
          const chunks: unknown[] = [];
          for await (const chunk of await client.chat.completions.create({ ...request, model, stream }))
            chunks.push(chunk);
          return chunks;
        };
        const expected = await read(reference, request.model);
        const own = sent();
        expect(own.path).to.equal(`/openai/deployments/my-deployment/chat/completions?api-version=${apiVersion}`);
        const got = await read(await through(block), 'm');
        expect(sent()).to.deep.equal(own);
        expect(got).to.deep.equal(expected);
      });
    }
  }

  it('is asked at version 1 without a version, by name, with the key in its header', async () => {
    replay.answerWith('application/json', whole);
    const client = await through();
    await client.chat.completions.create({ model: 'm', messages });
    expect(sent()).to.deep.equal({
      path: '/openai/v1/chat/completions',
      key: 'azure-key',
      bearer: undefined,
      body: { model: 'my-deployment', messages },
    });
  });

  it("is asked by Anthropic's API for a deployment of Claude", async () => {
    const content = [{ type: 'text', text: 'hi' }];
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = {
      id: 'msg',
      type: 'message',
      role: 'assistant',
      model: 'c',
      content,
      stop_reason: 'end_turn',
      usage,
    };
    replay.answerWith('application/json', Buffer.from(JSON.stringify(message)));
    const client = await through({}, 'claude-sonnet-5-5');
    const { choices } = await client.chat.completions.create({ model: 'm', messages });
    expect(choices[0]?.message.content).to.equal('hi');
    expect(sent()).to.include({ path: '/anthropic/v1/messages', key: undefined, bearer: undefined });
    expect(replay.seen?.headers['x-api-key']).to.equal('azure-key');
  });

  it('streams verdicts of a filter that come later, and ends by what it has filtered', async () => {
    replay.answerWith('text/event-stream', framed('openai', asynchronous), DONE);
    const client = await through();
    const deltas: unknown[] = [];
    for await (const { choices } of await client.chat.completions.create({ model: 'm', messages, stream: true })) {
      deltas.push(choices.map(({ delta, finish_reason }) => [delta?.content, finish_reason]));
    }
    expect(deltas).to.deep.equal([[], [['hi', null]], [[undefined, null]], [[undefined, 'content_filter']]]);
    expect(plane?.count({ type: 'attempt-ended', outcome: 'success' })).to.equal(1);
  });
});
