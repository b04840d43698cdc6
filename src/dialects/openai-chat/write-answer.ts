/**
 * Writes a whole answer as a chat completion. Texts are joined; reasoning becomes `reasoning_content`, and what its provider
 * has signed stands in `reasoning_details`, too (`thoughts.ts`). Blocks that this dialect cannot express (the provider's own
 * tools) are left out.
 */
import type { ChatCompletion, ChatFinishReason, ReasoningDetail, ToolCall } from '../../wire/chat-completion.ts';
import { isSaidByOpenai } from '../block-texts.ts';
import { isEncrypted } from '../encrypted-thought.ts';
import { MESSAGES } from '../families.ts';
import type { Attachment, Block, BlockHead, HubAnswer } from '../hub.ts';
import { servedTier } from '../openai-tiers.ts';
import type { AnswerContext } from '../types.ts';
import { writeThought } from './thoughts.ts';
import { answerId, finishReason, writeUsage } from './write-facts.ts';

/** An object of OpenAI's form. */
export function writeAnswer({ id, model, blocks, finish, usage }: HubAnswer, context: AnswerContext): ChatCompletion {
  const text = joined(blocks, 'text');
  const refusal = joined(blocks, 'refusal');
  const reasoning = joined(blocks, 'reasoning');
  const details = blocks.flatMap(thoughtsOf);
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
          ...(details.length === 0 ? {} : { reasoning_details: details }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: reason,
      },
    ],
    usage: writeUsage(usage),
    ...servedTier(usage),
  };
}

/** Whether this dialect has words for a part of an answer. Of proofs it has Anthropic's and OpenAI's. */
export function says(part: BlockHead | Attachment): boolean {
  if ('data' in part) return isEncrypted(part) || (part.of === MESSAGES && part.type !== 'citation');
  return isSaidByOpenai(part);
}

function joined(blocks: readonly Block[], type: 'text' | 'refusal' | 'reasoning'): string {
  return blocks
    .filter(({ head }) => head.type === type)
    .map(({ text }) => text)
    .join('');
}

function thoughtsOf({ head, text, attached }: Block, index: number): ReasoningDetail[] {
  return head.type === 'reasoning' ? attached.flatMap((each) => writeThought(text, index, each)) : [];
}

function toolCall({ head, text }: Block): ToolCall[] {
  if (head.type !== 'call' || head.by !== 'client') return [];
  return [{ id: head.callId, type: 'function', function: { name: head.name, arguments: text } }];
}
