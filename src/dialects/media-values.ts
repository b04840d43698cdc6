/**
 * Images and files as OpenAI's dialects send them: an address, a data URL, or base64 alone. Addresses are never
 * fetched here: a client must not be able to make the gateway call any address.
 */
import type { BlockHead, MediaKind } from './hub.ts';
import { invalidValue } from './refusal.ts';

type Media = Extract<BlockHead, { type: 'media' }>;

interface ReadMedia {
  readonly head: Media;
  /** The address, or the base64. */
  readonly text: string;
}

/** What stands before the comma of a data URL, in characters. */
const LONGEST_HEAD = 1024;

/** An address or a data URL. Throws `GatewayError` (`invalid_value`). @param name of the file; null for none */
export function mediaIn(kind: MediaKind, name: string | null, url: string, at: string): ReadMedia {
  if (/^https?:\/\//i.test(url)) {
    return { head: { type: 'media', kind, mediaType: null, name, from: 'url' }, text: url };
  }
  // Split by index: a regular expression over megabytes of base64 would copy them again.
  const comma = url.indexOf(',');
  // Parameters of the type (a charset, a name) are left out.
  const head = url.slice(0, Math.min(Math.max(comma, 0), LONGEST_HEAD));
  const mediaType = /^data:([\w.+/-]+)(?:;[^;,]*)*;base64$/i.exec(head)?.[1];
  if (mediaType === undefined) throw invalidValue(at, 'should be an http(s) address or a base64 data URL');
  return { head: { type: 'media', kind, mediaType, name, from: 'data' }, text: url.slice(comma + 1) };
}

/** A file, whose base64 may stand alone: then it is a PDF, as far as its name does not say otherwise. */
export function fileIn(name: string | null, data: string, at: string): ReadMedia {
  if (/^(?:data:|https?:\/\/)/i.test(data)) return mediaIn('file', name, data, at);
  if (!/^[\w+/=\r\n]/.test(data)) throw invalidValue(at, 'should be base64 or a base64 data URL');
  const ending = /\.(\w{1,8})$/.exec(name ?? '')?.[1]?.toLowerCase() ?? 'pdf';
  const mediaType = ending === 'pdf' ? 'application/pdf' : null;
  return { head: { type: 'media', kind: 'file', mediaType, name, from: 'data' }, text: data };
}

/** Data as an address, as OpenAI's dialects send it. */
export function dataUrl(mediaType: string, base64: string): string {
  return `data:${mediaType};base64,${base64}`;
}

/** OpenAI wants a name, and tells by it what the file is. @param name null for none */
export function fileName(name: string | null, mediaType: string): string {
  return name ?? `file.${/\/(\w+)$/.exec(mediaType)?.[1] ?? 'bin'}`;
}
