/** Writes images, documents, videos and sounds: as their bytes, since Bedrock fetches no addresses. */
import type { ConverseMedia } from '../../wire/converse.ts';
import type { BlockHead } from '../hub.ts';
import { unsupported } from '../refusal.ts';

type Media = Extract<BlockHead, { type: 'media' }>;
type Kind = 'image' | 'document' | 'video' | 'audio';

/** By media type: what it is to Bedrock, and its word for the format. */
const formats: ReadonlyMap<string, readonly [Kind, string]> = new Map([
  ['image/png', ['image', 'png']],
  ['image/jpeg', ['image', 'jpeg']],
  ['image/jpg', ['image', 'jpeg']],
  ['image/gif', ['image', 'gif']],
  ['image/webp', ['image', 'webp']],
  ['application/pdf', ['document', 'pdf']],
  ['text/csv', ['document', 'csv']],
  ['application/msword', ['document', 'doc']],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', ['document', 'docx']],
  ['application/vnd.ms-excel', ['document', 'xls']],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', ['document', 'xlsx']],
  ['text/html', ['document', 'html']],
  ['text/plain', ['document', 'txt']],
  ['text/markdown', ['document', 'md']],
  ['video/mp4', ['video', 'mp4']],
  ['video/quicktime', ['video', 'mov']],
  ['video/x-matroska', ['video', 'mkv']],
  ['video/webm', ['video', 'webm']],
  ['video/x-flv', ['video', 'flv']],
  ['video/mpeg', ['video', 'mpeg']],
  ['video/x-ms-wmv', ['video', 'wmv']],
  ['video/3gpp', ['video', 'three_gp']],
  ['audio/mpeg', ['audio', 'mp3']],
  ['audio/mp3', ['audio', 'mp3']],
  ['audio/wav', ['audio', 'wav']],
  ['audio/x-wav', ['audio', 'wav']],
  ['audio/ogg', ['audio', 'ogg']],
  ['audio/opus', ['audio', 'opus']],
  ['audio/flac', ['audio', 'flac']],
  ['audio/aac', ['audio', 'aac']],
  ['audio/mp4', ['audio', 'm4a']],
  ['audio/webm', ['audio', 'webm']],
]);

/** Documents by the ending of a file's name. */
const documents = new Set(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']);

/** In characters: fewer than stand in place of a longer text (`wire/long-strings.ts`), so that no more is added to it. */
const LONGEST_NAME = 100;

/** Writes the media of one request: two documents of one name are refused. */
export class MediaWriter {
  /** In lower case. */
  readonly #names = new Set<string>();
  /** The last number that stands behind a name. */
  #number = 1;

  /** Throws `GatewayError` (400). */
  media(head: Media, data: string, at: string): ConverseMedia {
    if (head.from === 'url') {
      throw unsupported(at, 'should be the data itself for this provider: it fetches nothing from an address');
    }
    const [kind, format] = formatOf(head) ?? [];
    if (kind === undefined || format === undefined) {
      throw unsupported(at, 'should be of a media type that this provider takes, such as image/png or application/pdf');
    }
    const source = { bytes: data };
    switch (kind) {
      case 'image':
        return { image: { format, source } };
      case 'video':
        return { video: { format, source } };
      case 'audio':
        return { audio: { format, source } };
      case 'document':
        return { document: { format, name: this.#nameOf(head.name), source } };
      default:
        return kind satisfies never;
    }
  }

  /** Letters, digits, single blanks, hyphens and brackets are taken, and the model reads it. */
  #nameOf(given: string | null): string {
    const plain = (given ?? '')
      .replace(/\.\w{1,8}$/, '')
      .replace(/[^A-Za-z0-9\-()[\] ]/g, '-')
      .replace(/ +/g, ' ')
      .slice(0, LONGEST_NAME)
      .trim();
    const wanted = plain === '' ? 'document' : plain;
    let name = wanted;
    while (this.#names.has(name.toLowerCase())) {
      this.#number += 1;
      name = `${wanted} ${this.#number}`;
    }
    this.#names.add(name.toLowerCase());
    return name;
  }
}

/** An image without a type is taken for a PNG, as elsewhere. */
function formatOf({ kind, mediaType, name }: Media): readonly [Kind, string] | null {
  const known = formats.get(mediaType?.toLowerCase() ?? '');
  if (known !== undefined) return known;
  if (mediaType !== null) return null;
  const ending = /\.(\w{1,8})$/.exec(name ?? '')?.[1]?.toLowerCase() ?? '';
  if (kind === 'file' && documents.has(ending)) return ['document', ending];
  return kind === 'image' ? ['image', 'png'] : null;
}
