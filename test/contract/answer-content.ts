/** What official clients read in an answer, in words that two dialects have in common. */
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { asArray, asRecord, asString, type JsonRecord } from '../../src/shared/json.ts';

/** The content of an answer, independent of its dialect. */
export interface AnswerContent {
  readonly id: string;
  readonly model: string;
  /** Its texts, or with what words it refuses. */
  readonly content: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  /** In OpenAI's words. */
  readonly finish: string | undefined;
  readonly input: number;
  readonly output: number;
}

const finishReasons: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

/** What the official client of Anthropic has read. */
export function contentOfMessage(message: Anthropic.Message): AnswerContent {
  const { usage, content } = message;
  const texts = content.flatMap((block) => (block.type === 'text' ? block.text : []));
  const thoughts = content.flatMap((block) => (block.type === 'thinking' ? block.thinking : []));
  const calls = content.flatMap((block) => (block.type === 'tool_use' ? block : []));
  return {
    id: message.id,
    model: message.model,
    content: texts.join(''),
    reasoning: thoughts.join(''),
    calls: calls.map(({ id, name, input }) => ({ id, name, input })),
    finish: finishReasons[message.stop_reason ?? ''],
    input: usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0),
    output: usage.output_tokens,
  };
}

/** What the official client of OpenAI has read. @param reasoning by chunks, where it does not put it together */
export function contentOfCompletion(completion: OpenAI.ChatCompletion, reasoning?: string): AnswerContent {
  const { id, model, choices, usage } = completion;
  const choice = choices[0];
  const message = asRecord(choice?.message) ?? {};
  const calls = (choice?.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? call : []));
  const refusal = choice?.message.refusal ?? '';
  return {
    id,
    model,
    content: textOf(message) + refusal,
    reasoning: reasoning ?? reasoningOf(message),
    calls: calls.map((call) => ({
      id: call.id,
      name: call.function.name,
      input: JSON.parse(call.function.arguments),
    })),
    finish: finishOf(choice?.finish_reason, calls.length > 0, refusal),
    input: usage?.prompt_tokens ?? 0,
    output: outputOf(usage),
  };
}

/** What the official client of OpenAI has read, chunk by chunk, put together without any code under test. */
export function contentOfChunks(chunks: readonly OpenAI.ChatCompletionChunk[]): AnswerContent {
  const choices = chunks.flatMap((chunk) => chunk.choices.filter(({ index }) => index === 0));
  const deltas = choices.map(({ delta }) => asRecord(delta) ?? {});
  const calls: { id: string; name: string; input: string }[] = [];
  for (const { index, id, function: called } of choices.flatMap(({ delta }) => delta.tool_calls ?? [])) {
    calls[index] ??= { id: id ?? '', name: called?.name ?? '', input: '' };
    calls[index].input += called?.arguments ?? '';
  }
  const refusal = deltas.map((delta) => asString(delta.refusal) ?? '').join('');
  const finish = choices.flatMap(({ finish_reason: reason }) => reason ?? [])[0];
  const usage = chunks.flatMap((chunk) => chunk.usage ?? []).at(-1);
  return {
    id: chunks.find(({ id }) => id !== '')?.id ?? '',
    model: chunks.find(({ model }) => model !== '')?.model ?? '',
    content: deltas.map(textOf).join('') + refusal,
    reasoning: deltas.map(reasoningOf).join(''),
    calls: calls.map((call) => ({ ...call, input: JSON.parse(call.input) })),
    finish: finishOf(finish, calls.length > 0, refusal),
    input: usage?.prompt_tokens ?? 0,
    output: outputOf(usage),
  };
}

/** OpenAI says `stop` of a refusal in words, and some say it after calls. */
function finishOf(reason: string | undefined, hasCalls: boolean, refusal: string): string | undefined {
  if (reason !== 'stop') return reason;
  return hasCalls ? 'tool_calls' : refusal === '' ? 'stop' : 'content_filter';
}

/** Some count reasoning only in the total. */
function outputOf(usage: OpenAI.CompletionUsage | undefined): number {
  const { prompt_tokens: prompt = 0, completion_tokens: completion = 0, total_tokens: total = 0 } = usage ?? {};
  return Math.max(completion, total - prompt);
}

/** Mistral sends parts, which OpenAI's types do not have. */
function textOf({ content }: JsonRecord): string {
  const parts = asArray(content).map(asRecord);
  const texts = parts.flatMap((part) => (part?.type === 'text' ? (asString(part.text) ?? []) : []));
  return asString(content) ?? texts.join('');
}

/** In whichever field it stands: OpenAI's types have none. */
function reasoningOf({ content, reasoning_content, reasoning }: JsonRecord): string {
  const thoughts = asArray(content).flatMap((part) => asArray(asRecord(part)?.thinking));
  const texts = thoughts.map((thought) => asString(asRecord(thought)?.text) ?? '');
  return asString(reasoning_content) || asString(reasoning) || texts.join('');
}
