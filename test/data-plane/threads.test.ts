/** Threads of messages: what goes on from one goes to the provider that keeps it, or its client sends all of it again. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Config } from '../../src/shared/config.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';
import { recording, type SeenRequest } from './pass-through-fixture.ts';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

const TAG = /hg1[0-9a-f]{8}_/;
const ask = { model: 'claude', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] };

const message = (id: string) => ({
  ...{ id, type: 'message', role: 'assistant', model: 'real', stop_reason: 'end_turn', stop_sequence: null },
  ...{ content: [{ type: 'text', text: 'hi' }], usage: { input_tokens: 3, output_tokens: 2 } },
});
const event = (type: string, fields: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const streamOf = (id: string) =>
  [
    event('message_start', { message: { ...message(id), content: [], stop_reason: null } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: '"message": {"id":"msg_one"}' } }),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
    event('message_stop'),
  ].join('');

describe('a thread of messages', () => {
  const { provider, close } = planeFixture();
  const seen: Record<'one' | 'two', SeenRequest[]> = { one: [], two: [] };
  let status: number;
  let plane: RunningPlane | null = null;

  beforeEach(() => {
    seen.one.length = 0;
    seen.two.length = 0;
    status = 200;
  });
  afterEach(async () => {
    await plane?.close();
    plane = null;
    await close();
  });

  const keeper = (name: 'one' | 'two') =>
    provider(
      recording(seen[name], (outgoing, { body }) => {
        const { stream = false } = JSON.parse(body.toString());
        const lost = {
          type: 'error',
          error: { type: 'not_found_error', message: 'thread not found', details: { error_code: 'thread_not_found' } },
        };
        if (status !== 200) outgoing.writeHead(status, jsonHeaders).end(JSON.stringify(lost));
        else if (stream) outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(streamOf(`msg_${name}`));
        else outgoing.writeHead(200, jsonHeaders).end(JSON.stringify(message(`msg_${name}`), null, 1));
      }),
    );

  /** A model with two providers of messages, and one that has only the second. */
  async function started() {
    const base = testConfig({ openai: 1, anthropic: 1, retry: { attempts: 1 } });
    const [, target] = base.models['gpt-4']?.targets ?? [];
    const { anthropic } = base.providers;
    if (target === undefined || anthropic === undefined) throw new Error('the fixture lacks its parts');
    const at = async (name: 'one' | 'two') => ({
      ...anthropic,
      name,
      baseUrl: `http://127.0.0.1:${await keeper(name)}`,
    });
    const [one, two] = [
      { ...target, provider: 'one' },
      { ...target, provider: 'two' },
    ];
    const config: Config = {
      ...base,
      providers: { one: await at('one'), two: await at('two') },
      models: {
        claude: testModel('claude', [one, two]),
        second: testModel('second', [two]),
      },
    };
    plane = await startPlane(config);
    return plane;
  }

  const post = async (url: string, body: object) => {
    const answer = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: jsonHeaders,
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const goOn = (id: string) => ({ ...ask, thread: { type: 'continue', previous_message_id: id } });

  it('goes on where it was begun, whole and streamed', async () => {
    const { url } = await started();
    for (const [model, name] of [
      ['claude', 'one'],
      ['second', 'two'],
    ] as const) {
      const begun = await post(url, { ...ask, model, thread: { type: 'create' } });
      const { id } = JSON.parse(begun.text);
      expect(begun.text.replace(TAG, '')).to.equal(JSON.stringify(message(`msg_${name}`), null, 1));
      expect(id).to.match(TAG);
      const next = await post(url, { ...goOn(id), stream: true });
      expect(next.text.match(new RegExp(TAG, 'g'))).to.have.length(1);
      expect(next.text.replace(TAG, '')).to.equal(streamOf(`msg_${name}`));
      expect(JSON.parse(String(seen[name].at(-1)?.body)).thread).to.deep.equal({
        type: 'continue',
        previous_message_id: `msg_${name}`,
      });
    }
    expect([seen.one.length, seen.two.length]).to.deep.equal([2, 2]);
  });

  it('gives no provider the mark of its ids, where one is only compared with another message', async () => {
    const { url } = await started();
    const { id } = JSON.parse((await post(url, { ...ask, thread: { type: 'create' } })).text);
    expect(id).to.match(TAG);
    for (const thread of [{}, { thread: { type: 'create' } }, { thread: goOn(id).thread }]) {
      const diagnostics = { odd: 1, previous_message_id: id };
      expect((await post(url, { diagnostics, ...ask, ...thread })).status).to.equal(200);
      const { diagnostics: got } = JSON.parse(String(seen.one.at(-1)?.body));
      expect(got).to.deep.equal({ odd: 1, previous_message_id: 'msg_one' });
    }
    for (const previous_message_id of [null, 'msg_x', 7]) {
      await post(url, { ...ask, diagnostics: { previous_message_id } });
      expect(JSON.parse(String(seen.one.at(-1)?.body)).diagnostics).to.deep.equal({ previous_message_id });
    }
  });

  it('is the only reason for which an id is another than its provider gave it', async () => {
    const { url } = await started();
    expect((await post(url, ask)).text).to.equal(JSON.stringify(message('msg_one'), null, 1));
    expect((await post(url, { ...ask, stream: true })).text).to.equal(streamOf('msg_one'));
  });

  it('is sent again from its beginning where nobody knows who keeps it', async () => {
    const { url, count } = await started();
    for (const thread of [goOn('msg_one'), goOn('msg_hg100000000_one'), { ...ask, thread: { type: 'continue' } }]) {
      const { status: got, text } = await post(url, thread);
      expect([got, JSON.parse(text).error.type, JSON.parse(text).error.details.error_code]).to.deep.equal([
        404,
        'not_found_error',
        'thread_not_found',
      ]);
    }
    expect([seen.one.length, seen.two.length]).to.deep.equal([0, 0]);
    expect(count({ type: 'attempt-ended' })).to.equal(0);
  });

  it('is sent again while its provider is not to be asked, and counts against no circuit', async () => {
    const { url, view, count } = await started();
    const { id } = JSON.parse((await post(url, { ...ask, thread: { type: 'create' } })).text);
    view([], [{ provider: 'one', key: 'default', model: null, remainingMs: 60_000, reason: 'auth' }]);
    const refused = await post(url, goOn(id));
    expect([refused.status, JSON.parse(refused.text).error.details.error_code]).to.deep.equal([
      404,
      'thread_not_found',
    ]);
    expect(seen.two).to.deep.equal([]);
    view([]);
    status = 404;
    const lost = await post(url, goOn(id));
    expect([lost.status, JSON.parse(lost.text).error.details.error_code]).to.deep.equal([404, 'thread_not_found']);
    expect(seen.two).to.deep.equal([]);
    expect(count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
    expect(count({ type: 'cooldown-started' })).to.equal(0);
  });
});
