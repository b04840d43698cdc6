/**
 * Answers that are sound but of no form that their dialect has: each target is asked once, two at most, and no circuit
 * opens, since the provider works and would answer the same again. Real sockets; two targets at two providers.
 */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import type { RunningPlane } from '../helpers/data-plane.ts';
import { contentEvent, errorOf, jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

const lines = '{"message":{"content":"a"},"done":false}\n{"message":{"content":"b"},"done":false}\n';
const ofAnthropic = '{"type":"message","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"}';
const ofResponses = 'event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\n';

describe('an answer of a wrong form', () => {
  const { provider, start, close } = planeFixture();
  let asked = { openai: 0, anthropic: 0 };

  afterEach(close);

  /** Two targets, which send these bodies whatever they are asked for. */
  async function answering(openai: string, anthropic: string): Promise<RunningPlane> {
    asked = { openai: 0, anthropic: 0 };
    const ports = { openai: 0, anthropic: 0 };
    for (const [name, body] of [
      ['openai', openai],
      ['anthropic', anthropic],
    ] as const) {
      ports[name] = await provider((_request, response) => {
        asked[name] += 1;
        response.writeHead(200, jsonHeaders).end(body);
      });
    }
    return start(ports);
  }

  for (const [what, stream, first, second] of [
    ['lines of JSON for a stream', true, lines, lines],
    ['lines of JSON', false, lines, lines],
    ['an array around a completion', false, `[${plainAnswer}]`, `[${ofAnthropic}]`],
    ['an array around a completion, for a stream', true, `[${plainAnswer}]`, `[${ofAnthropic}]`],
    ['an object without choices', false, '{"model":"m","usage":{"prompt_tokens":1}}', '{"model":"m"}'],
    ['a page', false, '<!doctype html>\n<p>Sign in', '<html></html>'],
    ['a page for a stream', true, '<!doctype html>\n\n<p>Sign in', '\n<html></html>'],
    ['the JSON of the other dialect', false, ofAnthropic, plainAnswer],
    ['the JSON of the other dialect, for a stream', true, ofAnthropic, plainAnswer],
    ['the events of another dialect', true, ofResponses, contentEvent],
    ['the events of another dialect, for a plain answer', false, ofResponses, contentEvent],
  ] as const) {
    it(`is asked for once at each of two targets, and opens no circuit: ${what}`, async () => {
      const plane = await answering(first, second);
      for (let round = 0; round < 6; round += 1) {
        const response = await plane.ask({ stream, user: `caller-${round}` });
        expect([response.status, (await errorOf(response)).code]).to.deep.equal([502, 'provider_error']);
      }
      expect(asked).to.deep.equal({ openai: 6, anthropic: 6 });
      expect(plane.count({ type: 'attempt-ended', outcome: 'bad_response', verdict: 'neutral' })).to.equal(12);
      expect(plane.count({ type: 'retry' })).to.equal(0);
      expect(JSON.parse(plane.logged.at(-1) ?? '{}')).to.include({ owner: 'provider', code: 'provider_error' });
    });
  }

  it('is told from its first two lines, where a stream in lines of JSON goes on', async () => {
    const port = await provider((_request, response) => {
      response.writeHead(200, jsonHeaders);
      for (const line of lines.split(/(?<=\n)/)) response.write(line);
    });
    const { ask, count } = await start({ openai: port });
    expect((await ask({ stream: true })).status).to.equal(502);
    expect(count({ type: 'attempt-ended', outcome: 'bad_response', verdict: 'neutral' })).to.equal(1);
  });

  it('is another one where it is broken: that provider is asked again, and blamed', async () => {
    const plane = await answering('{"choices":[{"mess', 'upstream timed out');
    expect((await plane.ask()).status).to.equal(502);
    expect(asked.openai).to.equal(2);
    expect(plane.count({ type: 'attempt-ended', verdict: 'neutral' })).to.equal(0);
  });
});

describe('a byte order mark', () => {
  const { provider, start, close } = planeFixture();

  afterEach(close);

  const events = [
    { type: 'message_start', message: { id: 'a' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
  ];
  const bodies = {
    openai: { whole: plainAnswer, stream: `${contentEvent}data: [DONE]\n\n` },
    anthropic: {
      whole: ofAnthropic,
      stream: events.map((each) => `data: ${JSON.stringify(each)}\n\n`).join(''),
    },
  };

  for (const dialect of ['openai', 'anthropic'] as const) {
    for (const form of ['whole', 'stream'] as const) {
      for (const stream of [false, true]) {
        it(`is dropped: ${dialect}, ${form}, ${stream ? 'streamed' : 'plain'} to the client`, async () => {
          const port = await provider((_request, response) => {
            // The label is a lie that costs nothing.
            response.writeHead(200, { 'content-encoding': 'br' }).end(`\uFEFF${bodies[dialect][form]}`);
          });
          const down = await provider((_request, response) => response.writeHead(503).end());
          const retry = { attempts: 1 };
          const { ask, count } = await start(
            dialect === 'openai' ? { openai: port, retry } : { openai: down, anthropic: port, retry },
          );
          const response = await ask({ stream });
          const sent = Buffer.from(await response.arrayBuffer());
          expect(response.status).to.equal(200);
          expect(sent.includes('\uFEFF')).to.equal(false);
          expect(count({ type: 'attempt-ended', provider: dialect, outcome: 'success' })).to.equal(1);
        });
      }
    }
  }

  it('is dropped from an error that goes back', async () => {
    const port = await provider((_request, response) => {
      response.writeHead(400, jsonHeaders).end('\uFEFF{"error":{"message":"no such field"}}');
    });
    const { ask } = await start({ openai: port });
    const sent = Buffer.from(await (await ask()).arrayBuffer());
    expect(sent.toString()).to.match(/^\{.*no such field/);
  });
});
