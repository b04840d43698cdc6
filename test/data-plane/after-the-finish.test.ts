/** What providers send after the last finish reason, and other events that are no chunks. Real sockets. */
import type http from 'node:http';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import type { RunningPlane, TestPrimary } from '../helpers/data-plane.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { contentEvent, planeFixture } from './plane-fixture.ts';

/** Time for the rest behind a finish; so long may a stream be silent, too. */
const GRACE_MS = 400;

const data = (payload: object) => `data: ${JSON.stringify(payload)}\n\n`;
const chunk = (delta: object, finish: string | null = null) =>
  data({ choices: [{ index: 0, delta, finish_reason: finish }] });
const finish = chunk({}, 'stop');
const usage = data({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } });
const done = 'data: [DONE]\n\n';

/** An answer, read piece by piece. */
function reading({ body }: Response) {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const more = async () => {
    const { value = '' } = (await reader?.read()) ?? {};
    text += value;
    return value !== '';
  };
  return {
    more,
    /** Reads until it ends with that. */
    until: async (end: string) => {
      while (!text.endsWith(end) && (await more()));
    },
    /** Reads to the end; all of it. */
    rest: async () => {
      while (await more());
      return text;
    },
  };
}

describe('a stream', () => {
  const { provider, start, close } = planeFixture();
  let asked = 0;

  afterEach(close);

  /** A provider that sends these bytes and keeps the connection open, unless `more` does otherwise. */
  async function answering(
    bytes: string,
    more: (response: http.ServerResponse) => void = () => undefined,
    primary: TestPrimary = {},
  ) {
    asked = 0;
    const openai = await provider((_request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(bytes);
      more(response);
    });
    return start({ openai, timeouts: { stallMs: GRACE_MS } }, primary);
  }

  /** The same, for which time passes as `clock` says, and which sends more when it is told to. */
  async function stepping(bytes: string, clock: ManualClock) {
    let send: (more: string) => void = () => undefined;
    const keep = (response: http.ServerResponse) => {
      send = (more) => response.write(more);
    };
    return { plane: await answering(bytes, keep, { clock }), send: (more: string) => send(more) };
  }

  const wasOneSuccess = ({ count }: RunningPlane) => {
    expect([asked, count({ type: 'attempt-ended', outcome: 'success' })]).to.deep.equal([1, 1]);
    expect(count({ type: 'attempt-ended' })).to.equal(1);
  };

  for (const [what, late] of [
    ['an error event', data({ error: { message: 'broken', code: 500 } })],
    ['an error in a field of its own', 'error: broken\n\n'],
    ['garbage', 'data: {"choices":[{"de\n\n'],
    ['garbage that is no event', 'xxxxxxxxxx'],
  ] as const) {
    it(`is complete after its finish, whatever comes: ${what}`, async () => {
      const plane = await answering(contentEvent + finish + late);
      const text = await (await plane.ask({ stream: true })).text();
      expect(text).to.equal(contentEvent + finish + done);
      wasOneSuccess(plane);
    });
  }

  it('is complete after its finish while deltas without content go on without end', async () => {
    const clock = new ManualClock();
    const { plane, send } = await stepping(contentEvent + finish, clock);
    const answer = reading(await plane.ask({ stream: true }));
    await answer.until(finish);
    for (let passedMs = 0; passedMs < GRACE_MS; passedMs += 100) {
      send(chunk({}, null));
      await answer.more();
      clock.advance(100);
    }
    expect(await answer.rest()).to.match(/data: \[DONE\]\n\n$/);
    wasOneSuccess(plane);
  });

  it('is given its usage after its finish, also behind what cannot be read', async () => {
    const clock = new ManualClock();
    const { plane, send } = await stepping(`${contentEvent}${finish}data: {"x\n\n`, clock);
    const answer = reading(await plane.ask({ stream: true, stream_options: { include_usage: true } }));
    await answer.until(finish);
    clock.advance(GRACE_MS - 100);
    send(usage);
    await answer.until(usage);
    clock.advance(GRACE_MS);
    expect(await answer.rest()).to.equal(contentEvent + finish + usage + done);
    expect(plane.count({ type: 'tokens' })).to.equal(1);
  });

  it('fails by an error event before its finish', async () => {
    const plane = await answering(contentEvent + data({ error: { message: 'broken', code: 500 } }));
    const text = await (await plane.ask({ stream: true })).text().catch(() => 'cut');
    expect(text).not.to.include('[DONE]');
    expect(plane.count({ type: 'attempt-ended', outcome: 'server_error', verdict: 'failure' })).to.equal(1);
  });

  it('is committed by a metadata event of 5 MB', async () => {
    const large = data({ choices: [], citations: ['x'.repeat(5 * 1024 * 1024)] });
    const plane = await answering(large + contentEvent + finish + done);
    expect((await (await plane.ask({ stream: true })).text()).length).to.be.above(large.length);
    wasOneSuccess(plane);
  });

  it('keeps the text of an error that is a line of its own', async () => {
    const plane = await answering('error: the GPU is on fire\n\n');
    const response = await plane.ask({ stream: true });
    expect([response.status, await response.text()]).to.satisfy(
      ([status, text]: [number, string]) => status === 502 && text.includes('the GPU is on fire'),
    );
    expect(plane.count({ type: 'attempt-ended', outcome: 'server_error' })).to.equal(asked);
  });

  const completion = {
    id: 'c',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 4 },
  };
  for (const end of ['', done]) {
    it(`is made of a whole completion in an event, ${end === '' ? 'without' : 'with'} a terminal`, async () => {
      const plane = await answering(data(completion) + end);
      const text = await (await plane.ask({ stream: true })).text();
      expect(text).to.match(/^data: .*"object":"chat.completion.chunk".*"delta":\{"role":"assistant","content":"hi"\}/);
      expect(text).to.match(/"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/);
      expect(text).not.to.include('"message"');
      expect(plane.count({ type: 'tokens' })).to.equal(1);
      wasOneSuccess(plane);
    });
  }

  it('is read where a plain answer was asked for and a whole completion comes in an event', async () => {
    const plane = await answering(data(completion) + done);
    const body = (await (await plane.ask()).json()) as typeof completion;
    expect(body.choices[0]?.message.content).to.equal('hi');
    expect(body.usage).to.deep.equal(completion.usage);
    wasOneSuccess(plane);
  });
});
