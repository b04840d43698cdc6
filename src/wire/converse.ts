/**
 * Types of Bedrock's Converse API, with only what the gateway writes. The model stands in the path, and so does whether the
 * answer is streamed. Source: the types of @aws-sdk/client-bedrock-runtime 3.1164.0, November 2026.
 */
import type { JsonRecord } from '../shared/json.ts';

/** The request up to here is to be kept for others that begin alike. */
export interface CachePoint {
  readonly cachePoint: {
    readonly type: 'default';
    /** Such as `5m`. */
    readonly ttl?: string;
  };
}

interface ConverseText {
  readonly text: string;
}

/** Base64. */
interface Bytes {
  readonly bytes: string;
}

/** An image, a video, audio or a document. */
export type ConverseMedia =
  | { readonly image: { readonly format: string; readonly source: Bytes } }
  | { readonly video: { readonly format: string; readonly source: Bytes } }
  | { readonly audio: { readonly format: string; readonly source: Bytes } }
  | { readonly document: { readonly format: string; readonly name: string; readonly source: Bytes } };

/** What a tool's result may hold. */
export type ConversePart = ConverseText | ConverseMedia;

interface ConverseCall {
  readonly toolUse: { readonly toolUseId: string; readonly name: string; readonly input: JsonRecord };
}

/** What a tool gave back. */
export interface ConverseResult {
  readonly toolResult: {
    readonly toolUseId: string;
    readonly content: readonly ConversePart[];
    readonly status?: 'error';
  };
}

interface ConverseThought {
  readonly reasoningContent:
    | { readonly reasoningText: { readonly text: string; readonly signature: string } }
    | { readonly redactedContent: string };
}

/** A piece of a turn. */
export type ConverseBlock = ConversePart | ConverseCall | ConverseResult | ConverseThought;

/** One turn. The roles alternate. */
export interface ConverseTurn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly (ConverseBlock | CachePoint)[];
}

/** A tool that the client offers. */
export interface ConverseTool {
  readonly toolSpec: {
    readonly name: string;
    readonly description?: string;
    readonly inputSchema: { readonly json: JsonRecord };
    readonly strict?: true;
  };
}

/** Which tools the model may or must call. */
export type ConverseToolChoice =
  | { readonly auto: JsonRecord }
  | { readonly any: JsonRecord }
  | { readonly tool: { readonly name: string } };

/** The body of a request. */
export interface ConverseRequest {
  readonly system?: readonly (ConverseText | CachePoint)[];
  readonly messages: readonly ConverseTurn[];
  readonly inferenceConfig?: {
    readonly maxTokens?: number;
    /** 0..1. */
    readonly temperature?: number;
    readonly topP?: number;
    readonly stopSequences?: readonly string[];
  };
  readonly toolConfig?: {
    readonly tools: readonly (ConverseTool | CachePoint)[];
    readonly toolChoice?: ConverseToolChoice;
  };
  readonly outputConfig?: {
    readonly effort?: string;
    readonly textFormat?: {
      readonly type: 'json_schema';
      /** `schema`: JSON as text. */
      readonly structure: {
        readonly jsonSchema: { readonly schema: string; readonly name?: string; readonly description?: string };
      };
    };
  };
  readonly serviceTier?: { readonly type: string };
  /** What only its model knows. */
  readonly additionalModelRequestFields?: JsonRecord;
  /** Where in the model's own answer stands what is wanted of it: JSON pointers. */
  readonly additionalModelResponseFieldPaths?: readonly string[];
}
