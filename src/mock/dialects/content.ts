/**
 * The content of the fake provider's answers, in pieces. The same request with the same shape always gets the same
 * text. Large answers are made piece by piece and never held in memory as a whole.
 */
import type { Ask, DialectName } from './ask.ts';
import type { Shape } from './shape.ts';

/** The text of an answer, or the arguments of a tool call. */
export interface Content {
  readonly kind: 'text' | 'tool';
  /** The number of pieces in a stream; 0 for no content. */
  readonly pieces: number;
  piece(index: number): string;
  readonly bytes: number;
  readonly tokens: number;
  /** Whether the client's token limit cut it off. */
  readonly truncated: boolean;
}

const bytesPerToken = 4;
const longestEcho = 200;

/** An answer without content. */
export const noContent: Content = {
  kind: 'text',
  pieces: 0,
  piece: () => '',
  bytes: 0,
  tokens: 0,
  truncated: false,
};

/** All pieces joined. */
export function wholeText(content: Content): string {
  return Array.from({ length: content.pieces }, (_, index) => content.piece(index)).join('');
}

/** The estimated number of tokens in a text of `length` characters or bytes. */
export function tokensOf(length: number): number {
  return Math.ceil(length / bytesPerToken);
}

/** The answer to `ask`: a tool's arguments, numbered blocks if the shape sets a size, else an echo of the prompt. */
export function contentFor(dialect: DialectName, ask: Ask, shape: Shape): Content {
  if (ask.tool !== null) return textContent('tool', ask.tool.arguments, shape.chunks, false);
  if (shape.contentBytes > 0) return countedContent(shape.contentBytes, shape.chunks);
  const text = echoOf(dialect, ask);
  const limit = ask.maxTokens === null ? text.length : ask.maxTokens * bytesPerToken;
  return textContent('text', text.slice(0, limit), shape.chunks, text.length > limit);
}

/** The text of a healthy answer without a limit. */
export function echoOf(provider: DialectName, { model, prompt }: Pick<Ask, 'model' | 'prompt'>): string {
  const echo = prompt.length > longestEcho ? `${[...prompt].slice(0, longestEcho).join('')}…` : prompt;
  return `You said: "${echo}". This is the fake ${provider} provider, answering as ${model}.`;
}

function textContent(kind: Content['kind'], text: string, chunks: number, truncated: boolean): Content {
  // Splits between whole characters only: half a surrogate pair cannot be sent as JSON in UTF-8.
  const characters = [...text];
  const pieces = Math.min(chunks, characters.length);
  const bytes = Buffer.byteLength(text);
  return {
    kind,
    pieces,
    piece: (index) => characters.slice(...bounds(index, pieces, characters.length)).join(''),
    bytes,
    tokens: tokensOf(bytes),
    truncated,
  };
}

/** Exactly `bytes` bytes, in numbered blocks of 64: a reader can find missing and repeated parts. */
function countedContent(bytes: number, chunks: number): Content {
  const pieces = Math.min(chunks, bytes);
  return {
    kind: 'text',
    pieces,
    piece: (index) => countedBlocks(...bounds(index, pieces, bytes)),
    bytes,
    tokens: tokensOf(bytes),
    truncated: false,
  };
}

const blockBytes = 64;
const numberDigits = 7;
const blockFiller = ' is the number of this block of sixty-four characters. '.padEnd(blockBytes - numberDigits, '.');

function countedBlocks(start: number, end: number): string {
  const first = Math.floor(start / blockBytes);
  let blocks = '';
  for (let block = first; block * blockBytes < end; block += 1) {
    blocks += String(block).padStart(numberDigits, '0') + blockFiller;
  }
  return blocks.slice(start - first * blockBytes, end - first * blockBytes);
}

/** Start and end of piece `index` if `length` is cut into `pieces` equal parts. */
function bounds(index: number, pieces: number, length: number): [start: number, end: number] {
  return [Math.floor((index * length) / pieces), Math.floor(((index + 1) * length) / pieces)];
}
