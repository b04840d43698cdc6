/**
 * Reads the content of a message, of a tool's result and of the system prompt. What is not valid is refused with its
 * place, never skipped. Addresses of images are never fetched here: a client must not be able to make the gateway call
 * any address.
 *
 * The input of a tool is a tree here and JSON text in the neutral form; numbers in it that a double cannot hold (an id above
 * 2^53) keep their digits (`wire/exact-json.ts`).
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { asExactRecord } from '../../wire/exact-json.ts';
import { requestBlock } from '../block-texts.ts';
import type { RequestBlock } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { textOfInput } from '../tool-input.ts';
import { cacheMark } from '../wishes.ts';
import type { Extensions } from './extensions.ts';
import { MESSAGES } from './facts.ts';
import { attachments, headOf, textIn } from './read-block.ts';
import { unsealed } from './sealed-thought.ts';

/** What is read of each kind of block. */
const known = new Map(
  Object.entries({
    text: ['text', 'citations'],
    image: ['source'],
    document: ['source', 'title'],
    thinking: ['thinking', 'signature'],
    redacted_thinking: ['data'],
    tool_use: ['id', 'name', 'input'],
    server_tool_use: ['id', 'name', 'input'],
    tool_result: ['tool_use_id', 'content', 'is_error'],
    tool_reference: ['tool_name'],
  }).map(([type, fields]) => [type, new Set(['type', 'cache_control', ...fields])]),
);

/** What a provider did by itself: the text that came of it follows. */
const isOfProvider = /^mcp_tool_use$|_tool_result$/;

const NOT_KNOWN = 'should be of a kind that every provider takes: text, image, document, tool_use or tool_result';

/** Throws `GatewayError` (`invalid_value`) that names the block. @param path where the content stands */
export function readContent(content: unknown, path: string, extensions: Extensions): RequestBlock[] {
  if (typeof content === 'string') return [requestBlock({ type: 'text' }, content, path)];
  if (!Array.isArray(content)) throw invalidValue(path, 'should be a string or an array of blocks');
  return content.flatMap((value, position) => {
    const at = `${path}[${position}]`;
    const block = asRecord(value);
    const type = asString(block?.type);
    if (block === null || type === null) throw invalidValue(at, 'should be an object with a type');
    const fields = known.get(type);
    if (fields !== undefined) extensions.addRest(block, fields, type);
    return marked(readBlock(type, block, at, extensions), cacheMark(block.cache_control));
  });
}

/** A block that was taken apart bears its mark at its end. */
function marked(blocks: RequestBlock[], cache: RequestBlock['cache']): RequestBlock[] {
  const last = blocks.at(-1);
  return cache === null || last === undefined ? blocks : [...blocks.slice(0, -1), { ...last, cache }];
}

function readBlock(type: string, block: JsonRecord, at: string, extensions: Extensions): RequestBlock[] {
  switch (type) {
    case 'text':
      return [requestBlock({ type }, text(block.text, at), at, asArray(block.citations).map(attachments.citation))];
    case 'thinking':
    case 'redacted_thinking':
      return [requestBlock(headOf(block), textIn(block), at, attachments.of(block).map(unsealed))];
    case 'tool_use':
    case 'server_tool_use':
      return [call(block, at)];
    case 'tool_result':
      return [result(block, at, extensions)];
    case 'image':
      return [media('image', block, `${at}.source`) ?? foreign(block, at)];
    case 'document':
      return document(block, at, extensions);
    case 'tool_reference':
      return [reference(block, at)];
    default:
      return [foreign(block, at)];
  }
}

function call(block: JsonRecord, at: string): RequestBlock {
  text(block.id, `${at}.id`);
  text(block.name, `${at}.name`);
  const input = asExactRecord(block.input);
  if (input === null) throw invalidValue(`${at}.input`, 'should be an object');
  return requestBlock(headOf(block), textOfInput(input), `${at}.input`);
}

function result(block: JsonRecord, at: string, extensions: Extensions): RequestBlock {
  const callId = text(block.tool_use_id, `${at}.tool_use_id`);
  const path = `${at}.content`;
  const blocks = readContent(block.content ?? [], path, extensions);
  return requestBlock(
    { type: 'result', callId, name: null, content: blocks, isError: block.is_error === true },
    '',
    path,
  );
}

/**
 * What a search for tools has found, as a text: other targets have got all tools already. A refusal would be the end of the
 * conversation, which keeps the result.
 */
function reference({ type, tool_name: name }: JsonRecord, at: string): RequestBlock {
  return requestBlock({ type: 'text' }, JSON.stringify({ type, tool_name: text(name, `${at}.tool_name`) }), at);
}

/** A text that is sent as a document is a text. */
function document(block: JsonRecord, at: string, extensions: Extensions): RequestBlock[] {
  const source = asRecord(block.source);
  const path = `${at}.source`;
  if (source?.type === 'text' || source?.type === 'content') extensions.add('document.title', block.title);
  if (source?.type === 'text')
    return [requestBlock({ type: 'text' }, text(source.data, `${path}.data`), `${path}.data`)];
  if (source?.type === 'content') return readContent(source.content, `${path}.content`, extensions);
  return [media('file', block, path) ?? foreign(block, at)];
}

/** Null for a source of another kind. */
function media(kind: 'image' | 'file', { source: value, title: name }: JsonRecord, path: string): RequestBlock | null {
  const source = asRecord(value);
  const title = asString(name);
  switch (source?.type) {
    case 'base64': {
      const mediaType = asString(source.media_type);
      if (mediaType === null) throw invalidValue(`${path}.media_type`, 'should be a string');
      const at = `${path}.data`;
      return requestBlock({ type: 'media', kind, mediaType, name: title, from: 'data' }, text(source.data, at), at);
    }
    case 'url': {
      const at = `${path}.url`;
      const url = text(source.url, at);
      if (!/^https?:\/\//i.test(url)) throw invalidValue(at, 'should be an http(s) address');
      return requestBlock({ type: 'media', kind, mediaType: null, name: title, from: 'url' }, url, at);
    }
    case 'file': {
      const at = `${path}.file_id`;
      return requestBlock({ type: 'file-id', kind, of: MESSAGES }, text(source.file_id, at), at);
    }
    default:
      return null;
  }
}

function foreign(block: JsonRecord, at: string): RequestBlock {
  const head = headOf(block);
  if (head.type !== 'foreign') return requestBlock(head, '', at);
  return requestBlock({ ...head, refusal: isOfProvider.test(head.name) ? null : NOT_KNOWN }, '', at);
}

function text(value: unknown, at: string): string {
  const found = asString(value);
  if (found === null) throw invalidValue(at, 'should be a string');
  return found;
}
