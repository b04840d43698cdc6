/**
 * Writes the blocks of one message. Empty texts are left out, because Anthropic refuses them. The texts of an assistant's
 * message become one, as Anthropic's own OpenAI layer does it. What cannot be expressed is refused with its place.
 */
import { asRecord } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import type { ContentBlock, ImageBlock, TextBlock, ToolUseBlock } from '../../wire/messages.ts';
import type { BlockHead, RequestBlock } from '../hub.ts';
import { invalidValue, unsupported } from '../refusal.ts';

/** Throws `GatewayError` (400). */
export function writeBlocks(blocks: readonly RequestBlock[], role: 'user' | 'assistant'): ContentBlock[] {
  if (role === 'user') return blocks.flatMap(writeBlock);
  const text = joinedText(blocks);
  return [...textBlocks(text), ...blocks.filter((block) => !isText(block)).flatMap(writeBlock)];
}

/** The texts of a message in one, with LF between them. */
export function joinedText(blocks: readonly RequestBlock[]): string {
  return blocks
    .filter((block) => isText(block) && block.text !== '')
    .map(({ text }) => text)
    .join('\n');
}

function isText({ head: { type } }: RequestBlock): boolean {
  return type === 'text' || type === 'refusal';
}

function writeBlock(block: RequestBlock): ContentBlock[] {
  const { head, text, at } = block;
  switch (head.type) {
    case 'call':
      return [toolUse(head, text, at)];
    case 'result':
      return [toolResult(head)];
    default:
      return writePart(block);
  }
}

/** What may stand in a tool's result too. */
function writePart({ head, text, at }: RequestBlock): (TextBlock | ImageBlock)[] {
  switch (head.type) {
    case 'text':
    case 'refusal':
      return textBlocks(text);
    case 'media':
      return [image(head, text, at)];
    case 'foreign':
      throw unsupported(at, head.refusal ?? 'is not known to this provider');
    default:
      throw unsupported(at, `should be no ${head.type} for this provider`);
  }
}

function textBlocks(text: string): TextBlock[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function image(head: Extract<BlockHead, { type: 'media' }>, text: string, at: string): ImageBlock {
  if (head.kind !== 'image') throw unsupported(at, 'should be an image for this provider');
  if (head.from === 'url') return { type: 'image', source: { type: 'url', url: text } };
  return { type: 'image', source: { type: 'base64', media_type: head.mediaType ?? 'image/png', data: text } };
}

function toolUse({ callId, name }: Extract<BlockHead, { type: 'call' }>, text: string, at: string): ToolUseBlock {
  // Without arguments, some clients send an empty string and others send {}.
  const input = asRecord(parseBounded(text || '{}'));
  if (input === null) throw invalidValue(at, 'should be a JSON object, as text');
  return { type: 'tool_use', id: toolId(callId), name, input };
}

function toolResult({ callId, content: blocks, isError }: Extract<BlockHead, { type: 'result' }>): ContentBlock {
  const content = blocks.flatMap(writePart);
  const first = content[0];
  return {
    type: 'tool_result',
    tool_use_id: toolId(callId),
    ...(first === undefined ? {} : { content: content.length === 1 && first.type === 'text' ? first.text : content }),
    ...(isError ? { is_error: true } : {}),
  };
}

/** Replaces the characters that Anthropic refuses. The history may hold calls of providers that allow more. */
function toolId(id: string): string {
  return id.replace(/[^\w-]/g, '_');
}
