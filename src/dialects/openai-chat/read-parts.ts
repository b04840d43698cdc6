/**
 * Reads the content of messages. What is not valid is refused with its place, never skipped. Fields that the neutral form
 * does not have are named. A mark for the cache is OpenAI's at a part, or Anthropic's at a part or a whole message.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { requestBlock } from '../block-texts.ts';
import { OPENAI } from '../families.ts';
import type { RequestBlock } from '../hub.ts';
import { fileIn, mediaIn } from '../media-values.ts';
import { invalidValue } from '../refusal.ts';
import { addUnreadMark, partMark } from '../wishes.ts';
import type { Extensions } from './extensions.ts';
import { CHAT } from './facts.ts';

/** What is read of each kind of part. */
const known = new Map(
  Object.entries({
    text: ['text'],
    refusal: ['refusal'],
    image_url: ['image_url'],
    file: ['file'],
    input_audio: ['input_audio'],
  }).map(([type, fields]) => [type, new Set(['type', 'cache_control', 'prompt_cache_breakpoint', ...fields])]),
);

const knownOfAddresses = new Set(['url']);
const knownOfFiles = new Set(['file_data', 'file_id', 'filename']);
const knownOfAudio = new Set(['data', 'format']);

const NOT_KNOWN = 'should be a text, an image_url or a file: this provider takes no other parts';

/** The content of a user message or a tool result. Throws `GatewayError` (`invalid_value`) that names the part. */
export function parts(content: unknown, path: string, extensions: Extensions): RequestBlock[] {
  if (typeof content === 'string') return [requestBlock({ type: 'text' }, content, path)];
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of parts');
  return content.flatMap((value, position) => {
    const part = asRecord(value);
    const at = `${path}[${position}]`;
    if (part === null) throw invalidValue(at, NOT_KNOWN);
    return marked([readPart(part, at, extensions)], part);
  });
}

/** The content of a system or assistant message. Throws `GatewayError` (`invalid_value`). */
export function texts(content: unknown, path: string, extensions: Extensions): RequestBlock[] {
  if (typeof content === 'string') return [requestBlock({ type: 'text' }, content, path)];
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of text parts');
  return content.flatMap((value, position) => {
    const part = asRecord(value);
    const text = part === null ? null : textPart(part, `${path}[${position}]`, extensions);
    if (part === null || text === null) throw invalidValue(`${path}[${position}]`, 'should be a text');
    return marked([text], part);
  });
}

/** The blocks, the last of which bears the mark of what they were read from. */
export function marked(blocks: readonly RequestBlock[], record: JsonRecord): RequestBlock[] {
  const cache = partMark(record);
  const last = blocks.at(-1);
  return cache === null || last === undefined ? [...blocks] : [...blocks.slice(0, -1), { ...last, cache }];
}

function readPart(part: JsonRecord, at: string, extensions: Extensions): RequestBlock {
  switch (part.type) {
    case 'image_url':
      return image(part, `${at}.image_url`, extensions);
    case 'file':
      return file(part, `${at}.file`, extensions) ?? foreign(part, at);
    case 'input_audio':
      return audio(part, `${at}.input_audio`, extensions) ?? foreign(part, at);
    default:
      return textPart(part, at, extensions) ?? foreign(part, at);
  }
}

function textPart(part: JsonRecord, at: string, extensions: Extensions): RequestBlock | null {
  const { type } = part;
  if (type !== 'text' && type !== 'refusal') return null;
  addRest(part, type, extensions);
  const text = asString(part[type]);
  return text === null ? null : requestBlock({ type }, text, at);
}

function image(part: JsonRecord, path: string, extensions: Extensions): RequestBlock {
  const described = asRecord(part.image_url);
  addRest(part, 'image_url', extensions);
  extensions.addRest(described ?? {}, knownOfAddresses, 'image_url');
  const url = asString(described?.url) ?? asString(part.image_url);
  const at = `${path}.url`;
  if (url === null) throw invalidValue(at, 'should be a string');
  const { head, text } = mediaIn('image', null, url, at);
  return requestBlock(head, text, at);
}

/** Null if it holds no file. */
function file(part: JsonRecord, path: string, extensions: Extensions): RequestBlock | null {
  const described = asRecord(part.file) ?? {};
  const data = asString(described.file_data);
  const id = asString(described.file_id);
  if (data === null && id === null) return null;
  addRest(part, 'file', extensions);
  extensions.addRest(described, knownOfFiles, 'file');
  if (data === null) return requestBlock({ type: 'file-id', kind: 'file', of: OPENAI }, id ?? '', `${path}.file_id`);
  const at = `${path}.file_data`;
  const { head, text } = fileIn(asString(described.filename), data, at);
  return requestBlock(head, text, at);
}

/** Null if it holds no audio. */
function audio(part: JsonRecord, path: string, extensions: Extensions): RequestBlock | null {
  const described = asRecord(part.input_audio) ?? {};
  const data = asString(described.data);
  if (data === null) return null;
  addRest(part, 'input_audio', extensions);
  extensions.addRest(described, knownOfAudio, 'input_audio');
  const mediaType = `audio/${asString(described.format) ?? 'wav'}`;
  return requestBlock({ type: 'media', kind: 'audio', mediaType, name: null, from: 'data' }, data, `${path}.data`);
}

function addRest(part: JsonRecord, type: string, extensions: Extensions): void {
  const fields = known.get(type);
  if (fields !== undefined) extensions.addRest(part, fields, type);
  addUnreadMark(part, type, extensions);
}

/** A part of a kind that this dialect alone may know. */
function foreign(part: JsonRecord, at: string): RequestBlock {
  const name = asString(part.type);
  if (name === null || name === 'text' || name === 'refusal') throw invalidValue(at, NOT_KNOWN);
  return requestBlock({ type: 'foreign', of: CHAT, name, value: part, refusal: NOT_KNOWN }, '', at);
}
