/** Bodies and answers as bytes, and their cutting into chunks of HTTP. */
import { MB } from '../attack.ts';

/** Framed chunks are handed to the socket in pieces of about this size. */
const PIECE_BYTES = 256 * 1024;

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** A chat request with more after its messages: `more` must begin with a comma. */
export function chatBody(model: string, more = ''): string {
  return `{"model":"${model}","messages":[{"role":"user","content":"hello"}]${more}}`;
}

/** A chat request with one message of that content, which must be valid inside a JSON string. */
export function chatWith(model: string, content: string): Buffer {
  return Buffer.from(`{"model":"${model}","messages":[{"role":"user","content":"${content}"}]}`);
}

/** A chat request with images, all of them together of so many megabytes. */
export function chatWithImages(model: string, all: number, images: number): Buffer {
  const url = `data:image/png;base64,${megabytes(all / images, 'iVBORw0KGgo')}`;
  const content = Array.from({ length: images }, () => ({ type: 'image_url', image_url: { url } }));
  return Buffer.from(JSON.stringify({ model, messages: [{ role: 'user', content }] }));
}

/** A whole answer in OpenAI's dialect with one text. `more` is put into its choice, and must begin with a comma. */
export function completion(content: string, more = ''): Buffer {
  const usage = '"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}';
  const message = `{"role":"assistant","content":"${content}"}`;
  const choice = `{"index":0,"message":${message},"finish_reason":"stop"${more}}`;
  return Buffer.from(`{"id":"c","object":"chat.completion","model":"m","choices":[${choice}],${usage}}`);
}

/** A whole answer in Anthropic's dialect with one text. */
export function message(content: string): Buffer {
  const usage = '"usage":{"input_tokens":3,"output_tokens":5}';
  const block = `{"type":"text","text":"${content}"}`;
  return Buffer.from(
    `{"id":"m","type":"message","role":"assistant","model":"m","content":[${block}],"stop_reason":"end_turn",${usage}}`,
  );
}

/** So many megabytes of `text`. */
export function megabytes(megabytes: number, text = 'some words of a prompt '): string {
  return text.repeat(Math.ceil((megabytes * MB) / text.length));
}

/** The bytes in chunks of `size`, framed, with the last one. */
export function* chunked(bytes: Buffer, size: number): Generator<Buffer> {
  const head = Buffer.from(`${size.toString(16)}\r\n`);
  const framedBytes = head.length + size + 2;
  const perPiece = Math.max(1, Math.floor(PIECE_BYTES / framedBytes));
  for (let from = 0; from < bytes.length; ) {
    const pieces: Buffer[] = [];
    if (size === 1) {
      const until = Math.min(from + perPiece, bytes.length);
      pieces.push(singles(bytes, from, until));
      from = until;
    } else {
      const chunk = bytes.subarray(from, from + size);
      pieces.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
      from += size;
    }
    yield Buffer.concat(pieces);
  }
  yield LAST_CHUNK;
}

function singles(bytes: Buffer, from: number, until: number): Buffer {
  const framed = Buffer.alloc((until - from) * 6, '1\r\n?\r\n', 'latin1');
  for (let index = from; index < until; index += 1) framed[(index - from) * 6 + 3] = bytes[index] ?? 0;
  return framed;
}
