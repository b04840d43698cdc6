/** Translates a provider's bytes, as a worker does. */
import type { Codec } from '../../src/dialects/codec.ts';
import type { AnswerStream, StreamEnd } from '../../src/dialects/types.ts';
import { type Framing, splitterFor } from '../../src/wire/framing.ts';
import type { SseEvent } from '../../src/wire/sse.ts';
import { answerContext } from '../helpers/codecs.ts';

export const context = answerContext({ includeUsage: true, createdAt: 1_750_000_000 });

export interface TranslatedStream {
  readonly bytes: Buffer;
  readonly kinds: readonly string[];
  readonly end: StreamEnd;
  readonly answer: AnswerStream;
}

/** All bytes that a client gets for these chunks. */
export function translateStream(codec: Codec, ...chunks: readonly Buffer[]): TranslatedStream {
  const answer = codec.stream(context);
  const framing = codec.outbound.name === 'bedrock-converse' ? 'aws-event-stream' : 'sse';
  const steps = splitIn(framing, chunks).map((event) => answer.push(event));
  const end = answer.end();
  const bytes = Buffer.concat([...steps.map((step) => step.bytes), end.bytes]);
  return { bytes, kinds: steps.map(({ kind }) => kind), end, answer };
}

/** The events in these chunks; the last one may lack its blank line. */
export function eventsIn(...chunks: readonly Buffer[]): SseEvent[] {
  return splitIn('sse', chunks);
}

function splitIn(framing: Framing, chunks: readonly Buffer[]): SseEvent[] {
  const splitter = splitterFor(framing);
  const events = chunks.flatMap((chunk) => splitter.push(chunk));
  const last = splitter.flush();
  return last === null ? events : [...events, last];
}

/** The provider's framing: `data:` lines, with `event:` lines for Anthropic. */
export function framed(dialect: 'openai' | 'anthropic', lines: readonly string[]): Buffer {
  const events = lines.map((line) => {
    const name = dialect === 'anthropic' ? `event: ${JSON.parse(line).type}\n` : '';
    return `${name}data: ${line}\n\n`;
  });
  return Buffer.from(events.join(''));
}

/** Each byte as a chunk of its own. */
export function bytewise(bytes: Buffer): Buffer[] {
  return [...bytes].map((byte) => Buffer.from([byte]));
}
