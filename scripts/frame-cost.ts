/**
 * What an event costs in the binary frames of Amazon's streams, beside the same in server-sent events: to be told apart in
 * the bytes, and to be made into a chunk of a chat. In processor time of one thread: `node scripts/frame-cost.ts`. Beside it,
 * what Smithy's own decoder of such frames costs.
 */
import { EventStreamCodec } from '@smithy/core/event-streams';
import { clientDialectOf, codecFor, dialectOf } from '../src/dialects/registry.ts';
import { eventFrame } from '../src/mock/dialects/aws-frames.ts';
import { type Framing, splitterFor } from '../src/wire/framing.ts';
import { leastMicros } from './processor-time.ts';

const EVENTS = 10_000;
const ROUNDS = 5;
/** A round is long beside the ticks in which the system counts. */
const TIMES = 20;

const context = { model: 'm', includeUsage: true, createdAt: 0, requestId: 'r', choices: 1 };

/** What nobody reads need not be done. */
let read = 0;

/** The pieces of one answer, each as it comes in a read of its own. */
interface Stream {
  readonly framing: Framing;
  readonly outbound: string;
  readonly chunks: readonly Buffer[];
}

function pieceOf(index: number, length: number): string {
  return `${index} `.padEnd(length, 'The tide is high. ');
}

function streamsOf(length: number): Readonly<Record<string, Stream>> {
  const texts = Array.from({ length: EVENTS }, (_, index) => pieceOf(index, length));
  const sse = (payload: object, name?: string) =>
    Buffer.from(`${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(payload)}\n\n`);
  const begun = { type: 'message_start', message: { id: 'm', model: 'c', role: 'assistant', content: [] } };
  const start = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  return {
    'frames of Converse': {
      framing: 'aws-event-stream',
      outbound: 'bedrock-converse',
      chunks: texts.map((text) => eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
    },
    'events of messages': {
      framing: 'sse',
      outbound: 'anthropic-messages',
      chunks: [
        Buffer.concat([sse(begun, begun.type), sse(start, start.type)]),
        ...texts.map((text) =>
          sse({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }, 'content_block_delta'),
        ),
      ],
    },
    'events of responses': {
      framing: 'sse',
      outbound: 'openai-responses',
      chunks: texts.map((delta) =>
        sse({ type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta }),
      ),
    },
  };
}

/** Microseconds of each event. */
function microsPerEvent(run: () => void): number {
  return leastMicros(ROUNDS, TIMES, run) / EVENTS;
}

function splitCost({ framing, chunks }: Stream): number {
  return microsPerEvent(() => {
    const splitter = splitterFor(framing);
    for (const chunk of chunks) for (const { data } of splitter.push(chunk)) read += data?.length ?? 0;
  });
}

function translationCost({ framing, outbound, chunks }: Stream): number {
  const codec = codecFor(clientDialectOf('openai-chat'), dialectOf(outbound));
  if (codec === null) throw new Error(`chats cannot be put before ${outbound}`);
  return microsPerEvent(() => {
    const splitter = splitterFor(framing);
    const stream = codec.stream(context);
    for (const chunk of chunks) for (const event of splitter.push(chunk)) stream.push(event);
  });
}

/** Without what puts frames together that came in pieces. */
function smithyCost(chunks: readonly Buffer[]): number {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
    (text) => Buffer.from(text),
  );
  return microsPerEvent(() => {
    for (const chunk of chunks) read += Buffer.from(codec.decode(chunk).body).toString('utf8').length;
  });
}

const shown = (micros: number) => `${micros.toFixed(2).padStart(7)} us`;

for (const length of [20, 200, 2_000]) {
  for (const [name, stream] of Object.entries(streamsOf(length))) {
    const costs = `split ${shown(splitCost(stream))}   with a chunk made of it ${shown(translationCost(stream))}`;
    const smithy = stream.framing === 'sse' ? '' : `   Smithy's decoder ${shown(smithyCost(stream.chunks))}`;
    if (read === 0) throw new Error('nothing was read');
    console.log(`${String(length).padStart(5)} characters, ${name}: ${costs}${smithy}`);
  }
}
