/** Writes what a user says, and what a tool gave back. What cannot be expressed is refused with its place. */
import type { InputPart } from '../../wire/responses-request.ts';
import { OPENAI } from '../families.ts';
import type { BlockHead, RequestBlock } from '../hub.ts';
import { dataUrl, fileName } from '../media-values.ts';
import { unsupported } from '../refusal.ts';

type Head<Type extends BlockHead['type']> = Extract<BlockHead, { type: Type }>;

/**
 * One text alone is the content; empty ones are left out. Throws `GatewayError` (400).
 *
 * @param dropped gets the names of what was left out
 */
export function writeContent(blocks: readonly RequestBlock[], dropped: Set<string>): string | readonly InputPart[] {
  const parts = blocks.flatMap((block) => writePart(block, dropped));
  const [first, ...others] = parts;
  return first?.type === 'input_text' && others.length === 0 ? first.text : parts;
}

function writePart({ head, text, at }: RequestBlock, dropped: Set<string>): InputPart[] {
  switch (head.type) {
    case 'text':
    case 'refusal':
      return text === '' ? [] : [{ type: 'input_text', text }];
    case 'media':
      return [media(head, text, at, dropped)];
    case 'file-id':
      return [fileId(head, text, at)];
    case 'foreign':
      throw unsupported(at, head.refusal ?? 'is not known to this provider');
    default:
      throw unsupported(at, `should be no ${head.type} for this provider`);
  }
}

/** A file that is an image is sent as one. */
function media(head: Head<'media'>, text: string, at: string, dropped: Set<string>): InputPart {
  const { kind, mediaType, name, from } = head;
  if (kind === 'image' || (kind === 'file' && mediaType?.startsWith('image/') === true)) {
    const image_url = from === 'url' ? text : dataUrl(mediaType ?? 'image/png', text);
    return { type: 'input_image', image_url, detail: 'auto' };
  }
  if (kind !== 'file') throw unsupported(at, 'should be an image or a file for this provider');
  if (from === 'url') {
    // The address names it.
    if (name !== null) dropped.add('filename');
    return { type: 'input_file', file_url: text };
  }
  const type = mediaType ?? 'application/pdf';
  return { type: 'input_file', filename: fileName(name, type), file_data: dataUrl(type, text) };
}

function fileId({ kind, of }: Head<'file-id'>, id: string, at: string): InputPart {
  if (of !== OPENAI) throw unsupported(at, 'should be the file itself for this provider: it knows no such id');
  return kind === 'image' ? { type: 'input_image', file_id: id, detail: 'auto' } : { type: 'input_file', file_id: id };
}
