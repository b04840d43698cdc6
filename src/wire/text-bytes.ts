/**
 * How many bytes of a JSON body are text, by which its tokens are estimated. Images and files in base64 are left out: their
 * length says nothing of their tokens. Looked for by what stands before them, so that nothing is parsed.
 */
import type { Bytes } from './pieced-bytes.ts';

/** What stands before base64: in an address, and in Anthropic's and OpenAI's fields. */
const marks = [';base64,', '"data":"', '"data": "'].map((mark) => Buffer.from(mark));

/** A shorter one is taken for text: it makes no difference. */
const SHORTEST = 1024;

const QUOTE = 0x22;
const base64 = /^[\w+/=-]*$/;

/** From 0. */
export function textBytes(body: Bytes): number {
  if (Buffer.isBuffer(body)) return body.length - base64In(body);
  let bytes = 0;
  for (const piece of body) if (!isBase64(piece)) bytes += piece.length - base64In(piece);
  return bytes;
}

/** Whether it is long, and begins as base64 may. */
function isBase64(piece: Buffer): boolean {
  return piece.length >= SHORTEST && base64.test(piece.toString('latin1', 0, SHORTEST));
}

function base64In(bytes: Buffer): number {
  let found = 0;
  for (const mark of marks) {
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at)) {
      at += mark.length;
      const quote = bytes.indexOf(QUOTE, at);
      const length = (quote < 0 ? bytes.length : quote) - at;
      if (isBase64(bytes.subarray(at, at + length))) {
        found += length;
        at += length;
      }
    }
  }
  return found;
}
