/**
 * Writes a whole answer as a chat completion. Texts are joined; reasoning becomes `reasoning_content`. Blocks that this
 * dialect cannot express (the provider's own tools, signatures) are left out.
 */
import type { ChatCompletion, ChatFinishReason, ToolCall } from '../../wire/chat-completion.ts';
import type { Block, HubAnswer } from '../hub.ts';
import type { AnswerContext } from '../types.ts';
import { answerId, finishReason, writeUsage } from './write-facts.ts';

/** An object of OpenAI's form. */
export function writeAnswer({ id, model, blocks, finish, usage }: HubAnswer, context: AnswerContext): ChatCompletion {
  const text = joined(blocks, 'text');
  const refusal = joined(blocks, 'refusal');
  const reasoning = joined(blocks, 'reasoning');
  const calls = blocks.flatMap(toolCall);
  const reason: ChatFinishReason = finish === null ? 'stop' : finishReason(finish);
  return {
    id: answerId(id, context),
    object: 'chat.completion',
    created: context.createdAt,
    model: model ?? context.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' ? null : text,
          refusal: refusal === '' ? null : refusal,
          ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: reason,
      },
    ],
    usage: writeUsage(usage),
  };
}

function joined(blocks: readonly Block[], type: 'text' | 'refusal' | 'reasoning'): string {
  return blocks
    .filter(({ head }) => head.type === type)
    .map(({ text }) => text)
    .join('');
}

function toolCall({ head, text }: Block): ToolCall[] {
  if (head.type !== 'call' || head.by !== 'client') return [];
  return [{ id: head.callId, type: 'function', function: { name: head.name, arguments: text } }];
}
