/**
 * Types of Anthropic's Messages API, with only what the gateway writes. Everything that it reads comes as `unknown` and
 * goes through the guards of `json.ts`. Source: docs.claude.com/en/api/messages, version 2023-06-01.
 */
import type { JsonRecord } from '../shared/json.ts';

/** The request up to here is to be kept for others that begin alike. */
export interface CacheControl {
  readonly type: 'ephemeral';
  /** Such as `5m`. */
  readonly ttl?: string;
}

export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
  readonly cache_control?: CacheControl;
}

interface ImageBlock {
  readonly type: 'image';
  readonly source:
    | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
    | { readonly type: 'url'; readonly url: string };
  readonly cache_control?: CacheControl;
}

interface DocumentBlock {
  readonly type: 'document';
  readonly source:
    | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
    | { readonly type: 'url'; readonly url: string };
  readonly title?: string;
  readonly cache_control?: CacheControl;
}

/** What a tool's result may hold. */
export type ResultPart = TextBlock | ImageBlock | DocumentBlock;

interface ToolUseBlock {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: JsonRecord;
  readonly cache_control?: CacheControl;
}

/** What a tool gave back. */
export interface ToolResultBlock {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content?: string | readonly ResultPart[];
  readonly is_error?: true;
  readonly cache_control?: CacheControl;
}

type ThoughtBlock =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string };

export type ContentBlock = ResultPart | ToolUseBlock | ToolResultBlock | ThoughtBlock;

/** One turn. The roles alternate. */
export interface MessageTurn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly ContentBlock[];
}

export interface MessageTool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: JsonRecord;
  readonly strict?: true;
  readonly cache_control?: CacheControl;
}

export type MessageToolChoice =
  | { readonly type: 'none' }
  | { readonly type: 'auto' | 'any'; readonly disable_parallel_tool_use?: true }
  | { readonly type: 'tool'; readonly name: string; readonly disable_parallel_tool_use?: true };

export interface MessagesRequest {
  readonly model: string;
  /** Required here; optional in OpenAI's dialect. */
  readonly max_tokens: number;
  readonly system?: string | readonly TextBlock[];
  readonly messages: readonly MessageTurn[];
  readonly stop_sequences?: readonly string[];
  readonly stream?: true;
  /** 0..1. */
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly tools?: readonly MessageTool[];
  readonly tool_choice?: MessageToolChoice;
  readonly thinking?: JsonRecord;
  readonly output_config?: JsonRecord;
  readonly metadata?: JsonRecord;
  readonly service_tier?: string;
  readonly cache_control?: CacheControl;
}

/** Input tokens are counted without those that were read from or written to a cache. */
export interface MessageUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens_details: { readonly thinking_tokens: number };
  readonly cache_creation?: { readonly ephemeral_5m_input_tokens: number; readonly ephemeral_1h_input_tokens: number };
  readonly server_tool_use?: { readonly web_search_requests: number; readonly web_fetch_requests: number };
  readonly service_tier?: 'standard' | 'priority' | 'batch';
}

/** A block of an answer. */
export type AnswerBlock =
  | { readonly type: 'text'; readonly text: string; readonly citations?: readonly unknown[] }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | {
      readonly type: 'tool_use' | 'server_tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: JsonRecord;
    }
  /** As its provider made it. */
  | JsonRecord;

/** Why an answer ended. */
export interface MessageStop {
  readonly stop_reason: string | null;
  readonly stop_sequence: string | null;
}

/** A whole answer. */
export interface MessageAnswer extends MessageStop {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly AnswerBlock[];
  readonly usage: MessageUsage;
}

export type AnswerDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'citations_delta'; readonly citation: unknown };

/** An event of a streamed answer. */
export type AnswerEvent =
  | { readonly type: 'message_start'; readonly message: MessageAnswer }
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: AnswerBlock }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: AnswerDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | { readonly type: 'message_delta'; readonly delta: MessageStop; readonly usage: MessageUsage }
  | { readonly type: 'message_stop' };
