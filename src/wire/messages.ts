/**
 * Types of Anthropic's Messages API, with only what the gateway writes. Everything that it reads comes as `unknown` and
 * goes through the guards of `json.ts`. Source: docs.claude.com/en/api/messages, version 2023-06-01.
 */
import type { JsonRecord } from '../shared/json.ts';

export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

export interface ImageBlock {
  readonly type: 'image';
  readonly source:
    | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
    | { readonly type: 'url'; readonly url: string };
}

export interface ToolUseBlock {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: JsonRecord;
}

interface ToolResultBlock {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content?: string | readonly (TextBlock | ImageBlock)[];
  readonly is_error?: true;
}

export type ContentBlock = TextBlock | ImageBlock | ToolUseBlock | ToolResultBlock;

/** One turn. The roles alternate. */
export interface MessageTurn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly ContentBlock[];
}

export interface MessageTool {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: JsonRecord;
}

export type MessageToolChoice =
  | { readonly type: 'none' }
  | { readonly type: 'auto' | 'any'; readonly disable_parallel_tool_use?: true }
  | { readonly type: 'tool'; readonly name: string; readonly disable_parallel_tool_use?: true };

export interface MessagesRequest {
  readonly model: string;
  /** Required here; optional in OpenAI's dialect. */
  readonly max_tokens: number;
  readonly system?: string;
  readonly messages: readonly MessageTurn[];
  readonly stop_sequences?: readonly string[];
  readonly stream?: true;
  /** 0..1. */
  readonly temperature?: number;
  readonly top_p?: number;
  readonly tools?: readonly MessageTool[];
  readonly tool_choice?: MessageToolChoice;
  readonly thinking?: JsonRecord;
}
