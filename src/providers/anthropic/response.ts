/**
 * Translates a whole Anthropic message to a chat completion. Text blocks are joined; thinking becomes
 * `reasoning_content`. Blocks that OpenAI's dialect cannot express (the provider's own tools, signatures) are left out.
 */

import { asArray, asRecord, asString, parseJson } from '../../shared/json.ts';
import { MOST_OF_A_TREE } from '../../wire/bounded-json.ts';
import type { ChatCompletion, ToolCall } from '../../wire/chat-completion.ts';
import { JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import { asBytes, type ParsedText, parseWithoutLongStrings } from '../../wire/long-strings.ts';
import { inOneBuffer } from '../../wire/pieced-bytes.ts';
import { isOtherForm, withoutByteOrderMark } from '../../wire/whole-body.ts';
import { isEmpty } from '../answer-facts.ts';
import { type AnswerContext, type TranslatedResponse, UnreadableAnswerError } from '../types.ts';
import { completionUsage, finishReasonOf, usageOf } from './completion.ts';
import { readErrorPayload } from './errors.ts';

/**
 * Translates a 200. Throws `UnreadableAnswerError`; it holds the provider's error if the body is an error.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function readResponse(
  body: Buffer,
  context: AnswerContext,
  arrived: JsonDigest | null = null,
): TranslatedResponse {
  const json = withoutByteOrderMark(body);
  const digest = json.length < LARGE_BYTES ? null : (arrived ?? JsonDigest.of(json));
  if (digest !== null && digest.bytesOutsideStrings > MOST_OF_A_TREE) {
    throw new UnreadableAnswerError(`more than ${MOST_OF_A_TREE} bytes outside of strings`, { otherForm: true });
  }
  const { value, encode } = parsed(json, digest);
  const message = asRecord(value);
  if (message === null) {
    throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json, digest) });
  }
  const error = readErrorPayload(message);
  if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error });
  if (!Array.isArray(message.content)) {
    throw new UnreadableAnswerError('the answer has no content', { otherForm: true });
  }

  const { text, thinking, toolCalls } = readBlocks(message.content);
  const finishReason = finishReasonOf(message.stop_reason);
  const usage = usageOf(message.usage);
  const completion: ChatCompletion = {
    id: asString(message.id) ?? '',
    object: 'chat.completion',
    created: context.createdAt,
    model: asString(message.model) ?? context.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' ? null : text,
          refusal: null,
          ...(thinking === '' ? {} : { reasoning_content: thinking }),
          ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
        },
        logprobs: null,
        finish_reason: finishReason ?? 'stop',
      },
    ],
    usage: completionUsage(usage),
  };
  const facts = {
    hasParts: message.content.some(isPart),
    reason: asString(message.stop_reason),
    outputTokens: usage?.output ?? 0,
    hasStopSequences: context.hasStopSequences ?? false,
  };
  return {
    body: inOneBuffer(encode(completion)),
    empty: isEmpty(facts),
    finishReason,
    usage,
  };
}

/** Of a large answer, the texts are not read: they are moved as bytes. */
function parsed(json: Buffer, digest: JsonDigest | null): ParsedText {
  if (digest === null) return { value: parseJson(json.toString('utf8')), encode: asBytes };
  if (!digest.isWhole) return { value: undefined, encode: asBytes };
  return parseWithoutLongStrings({ bytes: json, longStrings: digest.longTexts });
}

/** A block of any kind, but for a text without a character. */
function isPart(value: unknown): boolean {
  const block = asRecord(value);
  return block !== null && (block.type !== 'text' || (asString(block.text) ?? '') !== '');
}

function readBlocks(content: unknown): { text: string; thinking: string; toolCalls: ToolCall[] } {
  let text = '';
  let thinking = '';
  const toolCalls: ToolCall[] = [];
  for (const block of asArray(content).map(asRecord)) {
    if (block?.type === 'text') text += asString(block.text) ?? '';
    else if (block?.type === 'thinking') thinking += asString(block.thinking) ?? '';
    else if (block?.type === 'tool_use') {
      const written = JSON.stringify(asRecord(block.input) ?? {});
      const called = { name: asString(block.name) ?? '', arguments: written };
      toolCalls.push({ id: asString(block.id) ?? '', type: 'function', function: called });
    }
  }
  return { text, thinking, toolCalls };
}
