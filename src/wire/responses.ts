/**
 * Types of OpenAI's Responses API, with only what the gateway writes. Everything that it reads comes as `unknown` and
 * goes through the guards of `json.ts`. Source: the types of the `openai` package, 7.57.
 */
import type { JsonRecord } from '../shared/json.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** A part of a message. */
export type MessagePart =
  | {
      readonly type: 'output_text';
      readonly annotations: readonly unknown[];
      readonly logprobs: readonly unknown[];
      readonly text: string;
    }
  | { readonly type: 'refusal'; readonly refusal: string };

export interface SummaryPart {
  readonly type: 'summary_text';
  readonly text: string;
}

export interface ThoughtPart {
  readonly type: 'reasoning_text';
  readonly text: string;
}

/** An item of an answer. */
export type OutputItem =
  | {
      readonly id: string;
      readonly type: 'message';
      readonly status: ItemStatus;
      readonly role: 'assistant';
      readonly content: readonly MessagePart[];
    }
  | {
      readonly id: string;
      readonly type: 'reasoning';
      readonly status: ItemStatus;
      readonly summary: readonly SummaryPart[];
      readonly content?: readonly ThoughtPart[];
      readonly encrypted_content?: string;
    }
  | (CalledTool & { readonly type: 'function_call'; readonly arguments: string })
  | (CalledTool & { readonly type: 'custom_tool_call'; readonly input: string })
  /** As its provider made it. */
  | JsonRecord;

interface CalledTool {
  readonly id: string;
  readonly status: ItemStatus;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
}

/** All five fields are required by clients. */
export interface ResponseUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

/** A whole answer, finished or not. The other fields repeat the request. */
export interface ResponseObject extends JsonRecord {
  readonly id: string;
  readonly object: 'response';
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly OutputItem[];
  readonly usage: ResponseUsage | null;
}

interface ItemPlace {
  readonly item_id: string;
  readonly output_index: number;
}

type TextPlace = ItemPlace & { readonly content_index: number };
type SummaryPlace = ItemPlace & { readonly summary_index: number };

/** An event of a streamed answer, but for its number. */
export type ResponseEvent =
  | {
      readonly type:
        | 'response.created'
        | 'response.in_progress'
        | 'response.completed'
        | 'response.incomplete'
        | 'response.failed';
      readonly response: JsonRecord;
    }
  | {
      readonly type: 'response.output_item.added' | 'response.output_item.done';
      readonly output_index: number;
      readonly item: OutputItem;
    }
  | ({
      readonly type: 'response.content_part.added' | 'response.content_part.done';
      readonly part: MessagePart | ThoughtPart;
    } & TextPlace)
  | ({
      readonly type: 'response.output_text.delta';
      readonly delta: string;
      readonly logprobs: readonly unknown[];
    } & TextPlace)
  | ({
      readonly type: 'response.output_text.done';
      readonly text: string;
      readonly logprobs: readonly unknown[];
    } & TextPlace)
  | ({ readonly type: 'response.refusal.delta'; readonly delta: string } & TextPlace)
  | ({ readonly type: 'response.refusal.done'; readonly refusal: string } & TextPlace)
  | ({ readonly type: 'response.reasoning_text.delta'; readonly delta: string } & TextPlace)
  | ({ readonly type: 'response.reasoning_text.done'; readonly text: string } & TextPlace)
  | ({
      readonly type: 'response.reasoning_summary_part.added' | 'response.reasoning_summary_part.done';
      readonly part: SummaryPart;
    } & SummaryPlace)
  | ({ readonly type: 'response.reasoning_summary_text.delta'; readonly delta: string } & SummaryPlace)
  | ({ readonly type: 'response.reasoning_summary_text.done'; readonly text: string } & SummaryPlace)
  | ({
      readonly type: 'response.function_call_arguments.delta' | 'response.custom_tool_call_input.delta';
      readonly delta: string;
    } & ItemPlace)
  | ({
      readonly type: 'response.function_call_arguments.done';
      readonly name: string;
      readonly arguments: string;
    } & ItemPlace)
  | ({ readonly type: 'response.custom_tool_call_input.done'; readonly input: string } & ItemPlace);
