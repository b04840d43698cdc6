/**
 * Types of a request of OpenAI's Responses API, with only what the gateway writes. Source: the types of the `openai`
 * package, 7.57.
 */
import type { JsonRecord } from '../shared/json.ts';

/** A part of what a user says, or of what a tool gave back. */
export type InputPart =
  | { readonly type: 'input_text'; readonly text: string }
  /** An address, or a data URL. */
  | { readonly type: 'input_image'; readonly image_url: string; readonly detail: 'auto' }
  | { readonly type: 'input_image'; readonly file_id: string; readonly detail: 'auto' }
  /** A data URL. */
  | { readonly type: 'input_file'; readonly filename: string; readonly file_data: string }
  | { readonly type: 'input_file'; readonly file_url: string }
  | { readonly type: 'input_file'; readonly file_id: string };

/** A part of what the model has said. */
export type SaidPart =
  | { readonly type: 'output_text'; readonly text: string }
  | { readonly type: 'refusal'; readonly refusal: string };

export type InputItem =
  | {
      readonly type: 'message';
      readonly role: 'system' | 'developer' | 'user';
      readonly content: string | readonly InputPart[];
    }
  | { readonly type: 'message'; readonly role: 'assistant'; readonly content: string | readonly SaidPart[] }
  | { readonly type: 'function_call'; readonly call_id: string; readonly name: string; readonly arguments: string }
  | {
      readonly type: 'function_call_output';
      readonly call_id: string;
      readonly output: string | readonly InputPart[];
    }
  | {
      readonly type: 'reasoning';
      readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[];
      readonly content?: readonly { readonly type: 'reasoning_text'; readonly text: string }[];
      readonly encrypted_content: string;
    };

export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  readonly parameters: JsonRecord;
  /** Default there: true. */
  readonly strict: boolean;
}

type ResponsesToolChoice = 'auto' | 'required' | 'none' | { readonly type: 'function'; readonly name: string };

/** What the answer must be. */
export type ResponsesFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly description?: string;
      readonly schema: JsonRecord;
      readonly strict?: boolean;
    };

export interface ResponsesRequest extends JsonRecord {
  readonly model: string;
  readonly instructions?: string;
  readonly input: readonly InputItem[];
  readonly tools?: readonly FunctionTool[];
  readonly tool_choice?: ResponsesToolChoice;
  readonly parallel_tool_calls?: boolean;
  readonly max_output_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly text?: { readonly format?: ResponsesFormat; readonly verbosity?: string };
  readonly reasoning?: { readonly effort?: string; readonly summary?: string };
  readonly service_tier?: string;
  readonly user?: string;
  readonly store: false;
  readonly include?: readonly ['reasoning.encrypted_content'];
  readonly stream?: true;
}
