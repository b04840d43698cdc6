/**
 * Translates the content of one message: a string, or parts of text and images. Image URLs go to the provider unchanged
 * and are never fetched here: a client must not be able to make the gateway call any address.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { ImageBlock, TextBlock } from '../../wire/messages.ts';
import { invalidValue } from './refusal.ts';

/** The blocks of a user message or a tool result, without empty texts. Throws `GatewayError` with `path` in it. */
export function contentParts(content: unknown, path: string): (TextBlock | ImageBlock)[] {
  if (typeof content === 'string') return textBlocks(content);
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of parts');
  return content.flatMap((value, position): (TextBlock | ImageBlock)[] => {
    const part = asRecord(value);
    const text = partText(part);
    if (text !== null) return textBlocks(text);
    if (part?.type === 'image_url') return [image(part, `${path}[${position}].image_url`)];
    throw invalidValue(`${path}[${position}]`, 'should be a text or an image_url: this provider takes no other parts');
  });
}

/** The text of a system or assistant message, its parts joined with LF. Throws `GatewayError` with `path` in it. */
export function textOf(content: unknown, path: string): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of text parts');
  const texts = content.map((value, position) => {
    const text = partText(asRecord(value));
    if (text === null) throw invalidValue(`${path}[${position}]`, 'should be a text');
    return text;
  });
  return texts.filter((text) => text !== '').join('\n');
}

function textBlocks(text: string): TextBlock[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function partText(part: JsonRecord | null): string | null {
  if (part?.type === 'text') return asString(part.text);
  return part?.type === 'refusal' ? asString(part.refusal) : null;
}

function image(part: JsonRecord, path: string): ImageBlock {
  const url = asString(asRecord(part.image_url)?.url) ?? asString(part.image_url);
  if (url === null) throw invalidValue(`${path}.url`, 'should be a string');
  if (/^https?:\/\//i.test(url)) return { type: 'image', source: { type: 'url', url } };
  // Split by index: a regular expression over megabytes of base64 would copy them again.
  const comma = url.indexOf(',');
  const mediaType = /^data:([\w.+/-]+);base64$/i.exec(url.slice(0, Math.max(comma, 0)))?.[1];
  if (mediaType === undefined) throw invalidValue(`${path}.url`, 'should be an http(s) address or a base64 data URL');
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: url.slice(comma + 1) } };
}
