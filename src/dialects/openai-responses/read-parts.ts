/**
 * Reads the content of messages and of what tools gave back. What is not valid is refused with its place, never skipped.
 * Addresses are never fetched here: a client must not be able to make the gateway call any address.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { BlockHead, MediaKind, RequestBlock } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import type { Extensions } from './extensions.ts';
import { RESPONSES } from './facts.ts';

const NOT_KNOWN = 'should be a text, an image or a file: this provider takes no other parts';

/** Throws `GatewayError` (`invalid_value`) that names the part. @param path where the content stands */
export function readContent(content: unknown, path: string, extensions: Extensions): RequestBlock[] {
  if (typeof content === 'string') return [made({ type: 'text' }, content, path)];
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of parts');
  return content.map((value, position) => {
    const at = `${path}[${position}]`;
    const part = asRecord(value);
    const type = asString(part?.type);
    if (part === null || type === null) throw invalidValue(at, 'should be an object with a type');
    return readPart(type, part, at, extensions);
  });
}

/** A block as it was read. */
export function made(head: BlockHead, text: string, at: string): RequestBlock {
  return { head, text, attached: [], at, cache: null };
}

/** Throws `GatewayError` (`invalid_value`) for anything but a string. */
export function textAt(value: unknown, at: string): string {
  const text = asString(value);
  if (text === null) throw invalidValue(at, 'should be a string');
  return text;
}

function readPart(type: string, part: JsonRecord, at: string, extensions: Extensions): RequestBlock {
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return made({ type: 'text' }, textAt(part.text, at), at);
    case 'refusal':
      return made({ type }, textAt(part.refusal, at), at);
    case 'input_image':
      if (part.detail !== 'auto') extensions.add('input_image.detail', part.detail);
      return media('image', null, part.image_url, part.file_id, `${at}.image_url`);
    case 'input_file': {
      const name = asString(part.filename);
      if (typeof part.file_url === 'string') return media('file', name, part.file_url, null, `${at}.file_url`);
      return media('file', name, part.file_data, part.file_id, `${at}.file_data`);
    }
    case 'input_audio': {
      const { data, format } = asRecord(part.input_audio) ?? {};
      const mediaType = `audio/${asString(format) ?? 'wav'}`;
      const where = `${at}.input_audio.data`;
      return made({ type: 'media', kind: 'audio', mediaType, name: null, from: 'data' }, textAt(data, where), where);
    }
    default:
      return made({ type: 'foreign', of: RESPONSES, name: type, value: part, refusal: NOT_KNOWN }, '', at);
  }
}

/** An address, a data URL, or the id of a file that OpenAI keeps. */
function media(kind: MediaKind, name: string | null, value: unknown, fileId: unknown, at: string): RequestBlock {
  if (typeof value !== 'string' && typeof fileId === 'string') {
    return made({ type: 'file-id', kind, of: RESPONSES }, fileId, at);
  }
  const url = textAt(value, at);
  if (/^https?:\/\//i.test(url)) return made({ type: 'media', kind, mediaType: null, name, from: 'url' }, url, at);
  // Split by index: a regular expression over megabytes of base64 would copy them again.
  const comma = url.indexOf(',');
  const mediaType = /^data:([\w.+/-]+);base64$/i.exec(url.slice(0, Math.max(comma, 0)))?.[1];
  if (mediaType === undefined) throw invalidValue(at, 'should be an http(s) address or a base64 data URL');
  return made({ type: 'media', kind, mediaType, name, from: 'data' }, url.slice(comma + 1), at);
}
