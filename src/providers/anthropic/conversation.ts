/**
 * Translates OpenAI's list of messages to Anthropic's system prompt and alternating turns. All system and developer
 * messages, at any position, become the one system prompt. Neighbouring messages of one role become one turn, with tool
 * results first. Empty texts are left out, because Anthropic refuses them.
 *
 * A message that cannot be translated is refused with its position, never skipped: an answer to half a conversation is
 * useless.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import type { ContentBlock, MessageTurn, ToolUseBlock } from '../../wire/messages.ts';
import { contentParts, textOf } from './content.ts';
import { invalidValue } from './refusal.ts';

interface Conversation {
  /** Null if there is no system or developer text. */
  readonly system: string | null;
  readonly turns: readonly MessageTurn[];
}

/** Translates the messages. Throws `GatewayError` (`invalid_value`) that names the message and its field. */
export function makeConversation(messages: readonly unknown[]): Conversation {
  const system: string[] = [];
  const turns: { role: MessageTurn['role']; content: ContentBlock[] }[] = [];
  const append = (role: MessageTurn['role'], blocks: readonly ContentBlock[]) => {
    if (blocks.length === 0) return;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: [...blocks] });
  };

  for (const [position, value] of messages.entries()) {
    const path = `messages[${position}]`;
    const message = asRecord(value);
    if (message === null) throw invalidValue(path, 'should be an object');
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(textOf(message.content, `${path}.content`));
        break;
      case 'user':
        append('user', contentParts(message.content, `${path}.content`));
        break;
      case 'assistant':
        append('assistant', assistantBlocks(message, path));
        break;
      case 'tool':
        append('user', [toolResult(message, path)]);
        break;
      default:
        throw invalidValue(`${path}.role`, 'should be system, developer, user, assistant or tool');
    }
  }
  if (turns.length === 0)
    throw invalidValue('messages', 'should hold at least one user or assistant message with content');

  const prompt = system.filter((text) => text !== '').join('\n');
  return { system: prompt === '' ? null : prompt, turns: turns.map(resultsFirst) };
}

function assistantBlocks(message: JsonRecord, path: string): ContentBlock[] {
  if (message.function_call !== undefined && message.function_call !== null) {
    throw invalidValue(`${path}.function_call`, 'is not supported here: use tool_calls');
  }
  const { content, tool_calls: calls } = message;
  const text = content === null || content === undefined ? '' : textOf(content, `${path}.content`);
  const blocks: ContentBlock[] = text === '' ? [] : [{ type: 'text', text }];
  if (calls === null || calls === undefined) return blocks;
  if (!Array.isArray(calls)) throw invalidValue(`${path}.tool_calls`, 'should be an array');
  return [...blocks, ...calls.map((call, position) => toolUse(call, `${path}.tool_calls[${position}]`))];
}

function toolUse(value: unknown, path: string): ToolUseBlock {
  const call = asRecord(value);
  const called = asRecord(call?.function);
  const id = asString(call?.id);
  const name = asString(called?.name);
  if (id === null) throw invalidValue(`${path}.id`, 'should be a string');
  if (name === null) throw invalidValue(`${path}.function.name`, 'should be a string');
  // Without arguments, some clients send an empty string and others send {}.
  const input = asRecord(parseBounded(asString(called?.arguments) || '{}'));
  if (input === null) throw invalidValue(`${path}.function.arguments`, 'should be a JSON object, as text');
  return { type: 'tool_use', id: toolId(id), name, input };
}

function toolResult(message: JsonRecord, path: string): ContentBlock {
  const id = asString(message.tool_call_id);
  if (id === null) throw invalidValue(`${path}.tool_call_id`, 'should be a string');
  const content = contentParts(message.content, `${path}.content`);
  const first = content[0];
  return {
    type: 'tool_result',
    tool_use_id: toolId(id),
    ...(first === undefined ? {} : { content: content.length === 1 && first.type === 'text' ? first.text : content }),
  };
}

/** Replaces the characters that Anthropic refuses. The history may hold calls of providers that allow more. */
function toolId(id: string): string {
  return id.replace(/[^\w-]/g, '_');
}

/** Puts the tool results first in a turn, as Anthropic requires. */
function resultsFirst(turn: MessageTurn): MessageTurn {
  const isResult = (block: ContentBlock) => block.type === 'tool_result';
  if (!turn.content.some(isResult)) return turn;
  const others = turn.content.filter((block) => !isResult(block));
  return { role: turn.role, content: [...turn.content.filter(isResult), ...others] };
}
