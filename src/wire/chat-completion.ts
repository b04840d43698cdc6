/**
 * Types of OpenAI's chat completion, with only the fields that the gateway reads or writes. All other fields pass
 * through unchanged. Source: the `openai/openai-openapi` description.
 */

import type { Bytes } from './pieced-bytes.ts';

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/** A request body after validation: these fields have these types. All other fields are as the client sent them. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly unknown[];
  readonly stream?: boolean | null;
  readonly [field: string]: unknown;
}

/** A whole request, whose long strings may be cut: what is made of it becomes bytes by `encode`, with them. */
export interface WholeRequest {
  readonly tree: ChatRequest;
  encode(made: object): Bytes;
}

/** The fields that routing needs. For a request whose long strings were not read, nothing else is known. */
export interface ChatOutline {
  readonly model: string;
  readonly stream?: boolean | null;
  readonly stream_options?: unknown;
  readonly n?: unknown;
  readonly stop?: unknown;
  /** What the client says of requests that have a prefix in common; null if nothing, or nothing that can be used. */
  readonly sessionKey: string | null;
}

export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
}

export interface ChatCompletion {
  readonly id: string;
  readonly object: 'chat.completion';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: {
      readonly role: 'assistant';
      readonly content: string | null;
      readonly refusal: string | null;
      readonly reasoning_content?: string;
      readonly tool_calls?: readonly ToolCall[];
    };
    readonly logprobs: null;
    readonly finish_reason: FinishReason;
  }[];
  readonly usage: CompletionUsage;
}

/** A piece of a streamed tool call. Only the first piece has id, type and name; arguments are concatenated by index. */
export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments?: string };
}

export interface ChatCompletionChunk {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: {
      readonly role?: 'assistant';
      readonly content?: string | null;
      readonly refusal?: string | null;
      readonly reasoning_content?: string;
      readonly tool_calls?: readonly ToolCallDelta[];
    };
    readonly logprobs: null;
    readonly finish_reason: FinishReason | null;
  }[];
  readonly usage?: CompletionUsage | null;
}
