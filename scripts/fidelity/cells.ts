/**
 * The cells of the table: a client's dialect, a target's, a kind of answer, and how it comes. Of a broken answer a client
 * must get an error or all of it, whatever the byte at which it breaks.
 */
import { type Content, contents } from './contents.ts';
import { chatFace } from './faces/chat.ts';
import type { FaceClient, Seen } from './faces/face.ts';
import { messagesFace } from './faces/messages.ts';
import { responsesFace } from './faces/responses.ts';
import { difference, expected, type Face, isSame, type Meaning, type Outbound } from './meaning.ts';
import { writeChat } from './providers/chat.ts';
import { writeConverse } from './providers/converse.ts';
import { writeMessages } from './providers/messages.ts';
import { bytesOf, type Written } from './providers/pieces.ts';
import type { Provider, Reply } from './providers/provider.ts';
import { writeResponses } from './providers/responses.ts';
import { wanted } from './wanted.ts';

/**
 * How an answer comes. `bytes`: a stream in the smallest pieces, its lines ended by CR LF. `split`: a stream in two pieces.
 * `cut`: the connection breaks at a byte; `ended`: the body ends there as if it were whole; `again`: it breaks, and the
 * next request is answered; `plain cut`: a whole answer breaks.
 */
export const modes = ['plain', 'stream', 'bytes', 'split', 'cut', 'ended', 'again', 'plain cut'] as const;
export type Mode = (typeof modes)[number];

export interface Pair {
  readonly face: Face;
  readonly outbound: Outbound;
}

/** What became of one request; `read`: by its client, null if that threw. */
export interface Tried extends Pair {
  readonly content: string;
  readonly mode: Mode;
  /** The byte at which it broke or was split; null for a whole one. */
  readonly at: number | null;
  /** `error`: the client threw, which a broken answer may make it do. `refused`: by the name of what cannot be asked. */
  readonly outcome: 'same' | 'error' | 'refused' | 'wrong';
  /** What is wrong, or what the client threw. */
  readonly fault: string;
  readonly read: Meaning | null;
}

const writers: Readonly<Record<Outbound, (content: Content) => Written>> = {
  'openai-chat': writeChat,
  'anthropic-messages': writeMessages,
  'openai-responses': writeResponses,
  'bedrock-converse': writeConverse,
};

function writtenIn(outbound: Outbound, content: Content): Written {
  return content.recorded ?? writers[outbound](content);
}

const faces: Readonly<Record<Face, (url: string) => FaceClient>> = {
  'openai-chat': chatFace,
  'anthropic-messages': messagesFace,
  'openai-responses': responsesFace,
};

const clients = new Map<string, FaceClient>();

/** One for all requests of a face, so that it has its connections. */
export function clientOf(face: Face, url: string): FaceClient {
  const known = clients.get(`${face} ${url}`) ?? faces[face](url);
  clients.set(`${face} ${url}`, known);
  return known;
}

/** One request that is to be made. */
export interface Cell extends Pair {
  readonly content: Content;
  readonly mode: Mode;
  readonly at: number | null;
}

/** A longer answer is broken at a sample of its bytes only. */
const LONG_BYTES = 16 * 1024;
const SAMPLES_OF_LONG = 64;

/** @param samples of the bytes of an answer, at how many it is broken; Infinity for each */
export function cellsOf(
  pair: Pair,
  samples: number,
  kinds: readonly Content[] = contents,
  ways: readonly Mode[] = modes,
): Cell[] {
  return kinds
    .filter((content) => canBeAsked(pair, content))
    .flatMap((content) =>
      ways.flatMap((mode) =>
        placesOf(pair.outbound, content, mode, samples).map((at) => ({ ...pair, content, mode, at })),
      ),
    );
}

/** Stop sequences are refused before a target of responses, which has none (`requests.ts`). */
function canBeAsked({ face, outbound }: Pair, { wanted: { stop = [] } }: Content): boolean {
  return stop.length === 0 || outbound !== 'openai-responses' || face === 'openai-responses';
}

function placesOf(outbound: Outbound, content: Content, mode: Mode, samples: number): (number | null)[] {
  if (mode === 'plain' || mode === 'stream') return [null];
  const written = writtenIn(outbound, content);
  const length = mode === 'plain cut' ? Buffer.byteLength(written.whole) : bytesOf(written).length;
  if (mode === 'bytes') return length > LONG_BYTES ? [] : [null];
  const step = Math.max(1, length / Math.min(samples, length > LONG_BYTES ? SAMPLES_OF_LONG : Infinity));
  // Another place in each mode and content, and the same in each run.
  const first = (content.name.length * 7 + modes.indexOf(mode) * 13) % Math.ceil(step);
  const places: number[] = [];
  for (let at = first; at < length; at += step) places.push(Math.floor(at));
  return places;
}

/** A whole answer of a provider. */
export function wholeReply(outbound: Outbound, content: Content): Reply {
  const { whole } = writtenIn(outbound, content);
  const [pieces, length] = [[Buffer.from(whole)], Buffer.byteLength(whole)];
  return { mediaType: 'application/json', length, pieces, end: 'whole' };
}

/** The same as a stream. */
export function streamReply(outbound: Outbound, content: Content): Reply {
  const { events, mediaType = 'text/event-stream' } = writtenIn(outbound, content);
  return { mediaType, length: null, pieces: events.map((event) => Buffer.from(event)), end: 'whole' };
}

/** What the provider sends for it: to the first request, to the second, and so on. */
function repliesOf({ outbound, content, mode, at }: Cell): Reply[] {
  const written = writtenIn(outbound, content);
  const { whole, mediaType = 'text/event-stream' } = written;
  const plain = wholeReply(outbound, content);
  const stream = { mediaType, length: null, end: 'whole' } as const;
  const bytes = bytesOf(written);
  const [before, behind] = [bytes.subarray(0, at ?? 0), bytes.subarray(at ?? 0)];
  switch (mode) {
    case 'plain':
      return [plain];
    case 'stream':
      return [streamReply(outbound, content)];
    case 'bytes': {
      // Frames have no lines.
      const isText = written.mediaType === undefined;
      const ended = isText ? Buffer.from(bytes.toString().replaceAll('\n', '\r\n')) : bytes;
      return [{ ...stream, pieces: smallestPieces(ended) }];
    }
    case 'split':
      return [{ ...stream, pieces: [before, behind] }];
    case 'cut':
      return [{ ...stream, pieces: [before], end: 'cut' }];
    case 'ended':
      return [{ ...stream, pieces: [before] }];
    case 'again':
      return [
        { ...stream, pieces: [before], end: 'cut' },
        { ...stream, pieces: [bytes] },
      ];
    case 'plain cut':
      // With its length in the head, and without.
      return [
        {
          ...plain,
          length: (at ?? 0) % 2 === 0 ? plain.length : null,
          pieces: [Buffer.from(whole).subarray(0, at ?? 0)],
          end: 'cut',
        },
      ];
    default:
      return mode satisfies never;
  }
}

/** Bytes of a run that are plain ASCII may come together. */
const LONGEST_RUN = 24;

/** In as many pieces as can break a reader: each byte of a character of several, and of an end of a line, is one. */
function smallestPieces(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    let to = from + 1;
    while (to < bytes.length && to - from < LONGEST_RUN && isPlain(bytes[to - 1]) && isPlain(bytes[to])) to += 1;
    pieces.push(bytes.subarray(from, to));
    from = to;
  }
  return pieces;
}

function isPlain(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x20 && byte < 0x80;
}

/** Makes the request of a cell. @param url of the gateway, whose models have the names of the targets' dialects */
export async function tryCell(cell: Cell, provider: Provider, url: string): Promise<Tried> {
  const { face, outbound, content, mode, at } = cell;
  const planned = provider.expect(repliesOf(cell));
  const asked = wanted(planned.number, content.wanted);
  const client = clientOf(face, url);
  const seen: Seen = { text: '' };
  const isPlain = mode === 'plain' || mode === 'plain cut';
  const model = mode === 'again' ? `${outbound}-again` : outbound;
  const meant = expected(content.meant, face, outbound);
  const result = isPlain ? client.plain(model, asked) : client.stream(model, asked, seen);
  const read = await result.then(
    (answer) => shown('read' in answer ? answer.read : answer, cell),
    (error: unknown) => error as Error,
  );
  provider.forget(planned);
  const outcome = { read, seen, meant: shown(meant, cell), isBroken: at !== null && mode !== 'split' };
  const verdict = judged({ ...outcome, requests: planned.requests.length, mayRepeat: mode === 'again' });
  const told = read instanceof Error ? null : read;
  return { face, outbound, content: content.name, mode, at, read: told, ...verdict };
}

interface Outcome {
  readonly read: Meaning | Error;
  readonly seen: Seen;
  readonly meant: Meaning;
  readonly isBroken: boolean;
  /** How often the provider was asked, and whether it may have been asked again. */
  readonly requests: number;
  readonly mayRepeat: boolean;
}

/** What an answer that broke tells its client. */
const ownWords = /The provider \S+ (?:stopped its answer before the end|failed)\./;

function judged({ read, seen, meant, isBroken, requests, mayRepeat }: Outcome): Pick<Tried, 'outcome' | 'fault'> {
  if (requests > (mayRepeat ? 2 : 1)) return { outcome: 'wrong', fault: `the provider was asked ${requests} times` };
  if (!(read instanceof Error)) {
    // What the provider had not counted when it broke, nobody knows.
    const ids = new Set(read.calls.map(({ id }) => id));
    if (ids.size < read.calls.length) return { outcome: 'wrong', fault: 'two calls have the same id' };
    if (isSame(read, meant, !isBroken)) return { outcome: 'same', fault: '' };
    return { outcome: 'wrong', fault: difference(read, meant) };
  }
  const message = `${read.name}: ${read.message}${causeOf(read)}`;
  if (/^400 .*(?:is not supported by this provider|unsupported_parameter)/.test(read.message)) {
    return { outcome: 'refused', fault: message };
  }
  if (!isBroken) return { outcome: 'wrong', fault: message };
  // A hang, or bytes that the library cannot read, are told in words of its own.
  if (!ownWords.test(message)) return { outcome: 'wrong', fault: message };
  if (mayRepeat && seen.text === '' && /(?:^| )502 /.test(message)) {
    return { outcome: 'wrong', fault: `it was not asked again: ${message}` };
  }
  if (!(meant.text + meant.refusal).startsWith(seen.text)) {
    return { outcome: 'wrong', fault: `what had come is no beginning of the answer: ${JSON.stringify(seen.text)}` };
  }
  return { outcome: 'error', fault: message };
}

/** What is behind an error of a connection. */
function causeOf({ cause }: Error): string {
  return cause instanceof Error ? ` (${cause.message}${causeOf(cause)})` : '';
}

/** Arguments by their value where they are a tree on the way. */
function shown(said: Meaning, { face, outbound, mode }: Cell): Meaning {
  const isTree =
    (outbound === 'anthropic-messages' || outbound === 'bedrock-converse') &&
    (mode === 'plain' || mode === 'plain cut');
  if (face !== 'anthropic-messages' && !isTree) return said;
  // The library of that face has rounded numbers already.
  const readInput = face === 'anthropic-messages' ? JSON.parse : exactValue;
  const calls = said.calls.map((call) => ({ ...call, input: JSON.stringify(readInput(call.input)) }));
  return { ...said, calls };
}

/** The value of JSON with all digits of its large numbers. */
function exactValue(text: string): unknown {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, at: { source: string }) => unknown,
  ) => unknown;
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? `number ${source}` : value,
  );
}
