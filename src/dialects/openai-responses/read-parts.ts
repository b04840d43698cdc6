/**
 * Reads the content of messages and of what tools gave back. What is not valid is refused with its place, never skipped;
 * fields that the neutral form does not have are named.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { requestBlock } from '../block-texts.ts';
import { OPENAI } from '../families.ts';
import type { RequestBlock } from '../hub.ts';
import { fileIn, mediaIn } from '../media-values.ts';
import { invalidValue } from '../refusal.ts';
import { addUnreadMark, partMark } from '../wishes.ts';
import type { Extensions } from './extensions.ts';
import { RESPONSES } from './facts.ts';

const NOT_KNOWN = 'should be a text, an image or a file: this provider takes no other parts';

/** What is read of each kind of part; or, of an answer that comes back, means nothing to the model. */
const known = new Map(
  Object.entries({
    input_text: ['text'],
    output_text: ['text', 'logprobs'],
    text: ['text'],
    refusal: ['refusal'],
    input_image: ['image_url', 'file_id', 'detail'],
    input_file: ['file_data', 'file_id', 'file_url', 'filename', 'detail'],
    input_audio: ['input_audio'],
  }).map(([type, fields]) => [type, new Set(['type', 'cache_control', 'prompt_cache_breakpoint', ...fields])]),
);

/** Throws `GatewayError` (`invalid_value`) that names the part. @param path where the content stands */
export function readContent(content: unknown, path: string, extensions: Extensions): RequestBlock[] {
  if (typeof content === 'string') return [requestBlock({ type: 'text' }, content, path)];
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of parts');
  return content.map((value, position) => {
    const at = `${path}[${position}]`;
    const part = asRecord(value);
    const type = asString(part?.type);
    if (part === null || type === null) throw invalidValue(at, 'should be an object with a type');
    const fields = known.get(type);
    if (fields !== undefined) addRest(type, part, fields, extensions);
    return { ...readPart(type, part, at), cache: partMark(part) };
  });
}

/** Throws `GatewayError` (`invalid_value`) for anything but a string. */
export function textAt(value: unknown, at: string): string {
  const text = asString(value);
  if (text === null) throw invalidValue(at, 'should be a string');
  return text;
}

function addRest(type: string, part: JsonRecord, fields: ReadonlySet<string>, extensions: Extensions): void {
  extensions.addRest(part, fields, type);
  if (part.detail !== 'auto') extensions.add(`${type}.detail`, part.detail);
  addUnreadMark(part, type, extensions);
}

function readPart(type: string, part: JsonRecord, at: string): RequestBlock {
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return requestBlock({ type: 'text' }, textAt(part.text, at), at);
    case 'refusal':
      return requestBlock({ type }, textAt(part.refusal, at), at);
    case 'input_image': {
      if (isId(part.image_url, part.file_id)) return fileId('image', part.file_id, at);
      const { head, text } = mediaIn('image', null, textAt(part.image_url, `${at}.image_url`), `${at}.image_url`);
      return requestBlock(head, text, `${at}.image_url`);
    }
    case 'input_file':
      return file(part, at);
    case 'input_audio': {
      const { data, format } = asRecord(part.input_audio) ?? {};
      const mediaType = `audio/${asString(format) ?? 'wav'}`;
      const where = `${at}.input_audio.data`;
      return requestBlock(
        { type: 'media', kind: 'audio', mediaType, name: null, from: 'data' },
        textAt(data, where),
        where,
      );
    }
    default:
      return requestBlock({ type: 'foreign', of: RESPONSES, name: type, value: part, refusal: NOT_KNOWN }, '', at);
  }
}

function file(part: JsonRecord, at: string): RequestBlock {
  const name = asString(part.filename);
  if (typeof part.file_url === 'string') {
    const { head, text } = mediaIn('file', name, part.file_url, `${at}.file_url`);
    return requestBlock(head, text, `${at}.file_url`);
  }
  if (isId(part.file_data, part.file_id)) return fileId('file', part.file_id, at);
  const { head, text } = fileIn(name, textAt(part.file_data, `${at}.file_data`), `${at}.file_data`);
  return requestBlock(head, text, `${at}.file_data`);
}

function isId(value: unknown, fileId: unknown): boolean {
  return typeof value !== 'string' && typeof fileId === 'string';
}

/** Of a file that OpenAI keeps. */
function fileId(kind: 'image' | 'file', id: unknown, at: string): RequestBlock {
  return requestBlock({ type: 'file-id', kind, of: OPENAI }, textAt(id, `${at}.file_id`), `${at}.file_id`);
}
