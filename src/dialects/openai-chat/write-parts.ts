/** Writes what a user says. What cannot be expressed is refused with its place. */
import { asRecord } from '../../shared/json.ts';
import type { ChatPart } from '../../wire/chat-request.ts';
import { isText, joinedText } from '../block-texts.ts';
import { OPENAI } from '../families.ts';
import type { BlockHead, RequestBlock } from '../hub.ts';
import { dataUrl, fileName } from '../media-values.ts';
import { unsupported } from '../refusal.ts';
import { CHAT } from './facts.ts';

/**
 * Texts alone become one, because some servers take nothing but a string (DeepSeek); those that take a list join it in
 * the same way. Throws `GatewayError` (400).
 */
export function writeContent(blocks: readonly RequestBlock[]): string | readonly ChatPart[] {
  if (blocks.every(isText)) return joinedText(blocks);
  return blocks.flatMap(writePart);
}

function writePart({ head, text, at }: RequestBlock): ChatPart[] {
  switch (head.type) {
    case 'text':
    case 'refusal':
      return text === '' ? [] : [{ type: 'text', text }];
    case 'media':
      return [media(head, text, at)];
    case 'file-id':
      // Images have no such field.
      if (head.of === OPENAI && head.kind === 'file') return [{ type: 'file', file: { file_id: text } }];
      throw unsupported(at, 'should be the file itself for this provider: it knows no such id');
    case 'foreign': {
      const part = head.of === CHAT ? asRecord(head.value) : null;
      if (part === null) throw unsupported(at, head.refusal ?? 'is not known to this provider');
      // As the client sent it: of a kind that the type does not list.
      return [part as unknown as ChatPart];
    }
    default:
      throw unsupported(at, `should be no ${head.type} for this provider`);
  }
}

function media(head: Extract<BlockHead, { type: 'media' }>, text: string, at: string): ChatPart {
  const { kind, mediaType, name, from } = head;
  switch (kind) {
    case 'image':
      return { type: 'image_url', image_url: { url: from === 'url' ? text : dataUrl(mediaType ?? 'image/png', text) } };
    case 'audio': {
      const format = audioFormat(mediaType ?? '');
      if (from !== 'data' || format === null) break;
      return { type: 'input_audio', input_audio: { data: text, format } };
    }
    case 'file':
      if (from !== 'data') break;
      return { type: 'file', file: file(name, mediaType ?? 'application/pdf', text) };
    case 'video':
      break;
    default:
      kind satisfies never;
  }
  throw unsupported(at, 'should be an image, or the data of a wav, an mp3 or a file, for this provider');
}

function file(name: string | null, mediaType: string, base64: string): { filename: string; file_data: string } {
  return { filename: fileName(name, mediaType), file_data: dataUrl(mediaType, base64) };
}

function audioFormat(mediaType: string): 'wav' | 'mp3' | null {
  if (/^audio\/(?:x-|vnd\.)?wave?$/.test(mediaType)) return 'wav';
  return /^audio\/(?:mp3|mpeg)$/.test(mediaType) ? 'mp3' : null;
}
