/** Writes what a whole completion and a stream have in common: the id, the finish reason and the token counts. */
import type { ChatFinishReason, CompletionUsage } from '../../wire/chat-completion.ts';
import type { Finish, Usage } from '../hub.ts';
import type { AnswerContext } from '../types.ts';

/** The provider's id of an answer, or one made here: without any, the official client leaves out the token counts. */
export function answerId(id: string | null, { requestId }: AnswerContext): string {
  return id || `chatcmpl-${requestId}`;
}

/** OpenAI's word for why an answer ended. */
export function finishReason({ reason }: Finish): ChatFinishReason {
  switch (reason) {
    case 'length':
    case 'context-length':
      return 'length';
    case 'calls':
      return 'tool_calls';
    case 'filtered':
      return 'content_filter';
    case 'stop':
    case 'stop-sequence':
    case 'pause':
    case 'error':
    case 'other':
      return 'stop';
    default:
      return reason satisfies never;
  }
}

/** Token counts in OpenAI's fields; all 0 if the provider sent none. */
export function writeUsage(usage: Usage | null): CompletionUsage {
  const { input, output, cacheRead, cacheWrite, reasoning, inputAudio, inputImage, outputAudio } = usage ?? none;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      ...(inputAudio === undefined ? {} : { audio_tokens: inputAudio }),
      ...(inputImage === undefined ? {} : { image_tokens: inputImage }),
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      ...(outputAudio === undefined ? {} : { audio_tokens: outputAudio }),
    },
  };
}

const none: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
