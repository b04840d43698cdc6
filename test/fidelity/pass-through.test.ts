/**
 * APIs that are passed on and never translated, read by the official client: completions of a text, whole, streamed and
 * broken at a sample of its bytes, and embeddings, whose numbers come as the provider wrote them.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import type { Reply } from '../../scripts/fidelity/providers/provider.ts';
import { type FidelityPlane, startFidelityPlane } from './fidelity-plane.ts';

/** Of its bytes, one in so many is where it breaks. */
const EVERY = 13;

const frame = { id: 'cmpl-1', object: 'text_completion', created: 1, model: 'm' };
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const text = 'Über die 潮 🌊';
const choice = (said: string, reason: string | null) => ({
  text: said,
  index: 0,
  logprobs: null,
  finish_reason: reason,
});
const chunks = [
  ...[...text].map((piece) => ({ ...frame, choices: [choice(piece, null)], usage: null })),
  { ...frame, choices: [choice('', 'stop')], usage: null },
  { ...frame, choices: [], usage },
].map((chunk) => JSON.stringify(chunk));
const stream = Buffer.from([...chunks, '[DONE]'].map((line) => `data: ${line}\n\n`).join(''));

const plain = (body: object): Reply => {
  const bytes = Buffer.from(JSON.stringify(body));
  return { mediaType: 'application/json', pieces: [bytes], length: bytes.length, end: 'whole' };
};
const streamed = (bytes: Buffer, end: Reply['end']): Reply => ({
  mediaType: 'text/event-stream',
  pieces: [bytes],
  length: null,
  end,
});

describe('an API that is passed on', () => {
  let running: FidelityPlane;
  let client: OpenAI;
  before(async () => {
    running = await startFidelityPlane();
    client = new OpenAI({ apiKey: 'key', baseURL: `${running.url}/v1`, maxRetries: 0 });
  });
  after(() => running.close());

  /** What the client reads of a stream, with whether it came to its end. */
  async function completed(reply: Reply): Promise<{ said: string; finish: string; tokens: number; failed: string }> {
    const cell = running.provider.expect([reply]);
    const asked = { model: 'openai-completions', prompt: `cell ${cell.number};`, stream: true } as const;
    const read = { said: '', finish: '', tokens: 0, failed: '' };
    try {
      const events = await client.completions.create({ ...asked, stream_options: { include_usage: true } });
      for await (const { choices, usage: counted } of events) {
        read.said += choices[0]?.text ?? '';
        read.finish ||= choices[0]?.finish_reason ?? '';
        read.tokens = counted?.total_tokens ?? read.tokens;
      }
    } catch (error) {
      read.failed = String(error);
    }
    running.provider.forget(cell);
    return read;
  }

  it('completes a text, whole and streamed', async () => {
    const cell = running.provider.expect([plain({ ...frame, choices: [choice(text, 'stop')], usage })]);
    const whole = await client.completions.create({ model: 'openai-completions', prompt: `cell ${cell.number};` });
    expect([whole.choices[0]?.text, whole.usage?.total_tokens]).to.deep.equal([text, 7]);
    const read = await completed(streamed(stream, 'whole'));
    expect(read).to.deep.equal({ said: text, finish: 'stop', tokens: 7, failed: '' });
  });

  it('completes it to its end or not without an error, wherever its stream breaks', async () => {
    const places = Array.from({ length: Math.ceil(stream.length / EVERY) }, (_, nth) => nth * EVERY);
    const wrong: string[] = [];
    const one = async () => {
      for (let at = places.shift(); at !== undefined; at = places.shift()) {
        const end = at % 2 === 0 ? 'cut' : 'whole';
        const { said, finish, failed } = await completed(streamed(stream.subarray(0, at), end));
        const isWhole = said === text && finish === 'stop' && failed === '';
        const isTold = /The provider \S+ stopped its answer before the end/.test(failed) && text.startsWith(said);
        if (!isWhole && !isTold) wrong.push(`at ${at}: ${said} ${finish} ${failed}`);
      }
    };
    await Promise.all(Array.from({ length: 16 }, one));
    expect(wrong).to.deep.equal([]);
  });

  it('embeds, with all digits of what the provider wrote', async () => {
    const numbers = [0.1, -2.5, 1e-7, 3.4028234e38];
    const base64 = Buffer.from(new Float32Array(numbers).buffer).toString('base64');
    const body = (embedding: unknown) => ({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding }],
      model: 'm',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
    const cell = running.provider.expect([plain(body(base64)), plain(body(numbers))]);
    const asked = { model: 'openai-embeddings', input: `cell ${cell.number};` };
    const packed = await client.embeddings.create(asked);
    expect(packed.data[0]?.embedding).to.deep.equal([...new Float32Array(numbers)]);
    const listed = await client.embeddings.create({ ...asked, encoding_format: 'float' });
    expect(listed.data[0]?.embedding).to.deep.equal(numbers);
    const formats = cell.requests.map((request) => (request as { encoding_format?: string }).encoding_format);
    expect(formats).to.deep.equal(['base64', 'float']);
  });
});
