/**
 * Types of a chat completion request, with only what the gateway writes. Source: the `openai/openai-openapi` description.
 */
import type { JsonRecord } from '../shared/json.ts';
import type { ToolCall } from './chat-completion.ts';

/** A part of what a user says. */
export type ChatPart =
  | { readonly type: 'text'; readonly text: string }
  /** An address, or a data URL. */
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
  | { readonly type: 'input_audio'; readonly input_audio: { readonly data: string; readonly format: 'wav' | 'mp3' } }
  /** A data URL. */
  | { readonly type: 'file'; readonly file: { readonly filename: string; readonly file_data: string } }
  | { readonly type: 'file'; readonly file: { readonly file_id: string } };

/** A call as history, with what its provider wants back unchanged. */
export type AskedToolCall = Omit<ToolCall, 'extra_content'> & { readonly extra_content?: unknown };

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly refusal?: string;
  /** What the model thought, of servers that want it back. */
  readonly reasoning_content?: string;
  readonly reasoning?: string;
  readonly tool_calls?: readonly AskedToolCall[];
}

export interface ToolMessage {
  readonly role: 'tool';
  readonly tool_call_id: string;
  readonly content: string;
}

export type ChatMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string | readonly ChatPart[] }
  | AssistantMessage
  | ToolMessage;

export interface ChatTool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: JsonRecord;
    readonly strict?: true;
  };
}

export type ChatToolChoice =
  | 'auto'
  | 'required'
  | 'none'
  | { readonly type: 'function'; readonly function: { readonly name: string } };

/** What the answer must be. */
export type ChatResponseFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly json_schema: {
        readonly name: string;
        readonly description?: string;
        readonly schema: JsonRecord;
        readonly strict?: boolean;
      };
    };

/** A whole request. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ChatTool[];
  readonly tool_choice?: ChatToolChoice;
  readonly parallel_tool_calls?: boolean;
  /** One of the two, never both. */
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  /** 0..2. */
  readonly temperature?: number;
  readonly top_p?: number;
  /** At most 4. */
  readonly stop?: readonly string[];
  readonly response_format?: ChatResponseFormat;
  readonly reasoning_effort?: string;
  readonly verbosity?: string;
  readonly service_tier?: string;
  readonly user?: string;
  readonly stream?: true;
  readonly stream_options?: { readonly include_usage: true };
}
