/** Writes an image, a sound, a video or a file: its data, or its address, which Google fetches itself. */
import type { MediaPart } from '../../wire/generate-content.ts';
import type { BlockHead, MediaKind } from '../hub.ts';

/** Types by the ending of an address, where the client said none: Google wants one. */
const byEnding: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['mp3', 'audio/mp3'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
]);

const byKind: Readonly<Record<MediaKind, string>> = {
  image: 'image/jpeg',
  audio: 'audio/wav',
  video: 'video/mp4',
  file: 'application/pdf',
};

/** @param text base64 or an address */
export function mediaPart({ kind, mediaType, from }: Extract<BlockHead, { type: 'media' }>, text: string): MediaPart {
  if (from === 'data') return { inlineData: { mimeType: mediaType ?? byKind[kind], data: text } };
  const ending = /\.(\w{3,4})(?:[?#]|$)/.exec(text)?.[1]?.toLowerCase() ?? '';
  return { fileData: { mimeType: mediaType ?? byEnding.get(ending) ?? byKind[kind], fileUri: text } };
}
