/**
 * Types of a request of Gemini's `generateContent`, with only the fields that the gateway writes. Source: the reference at
 * ai.google.dev/api/generate-content, and the types of `@google/genai`.
 */
import type { JsonRecord } from '../shared/json.ts';

interface Blob {
  readonly mimeType: string;
  /** Base64. */
  readonly data: string;
}

interface FileData {
  readonly mimeType: string;
  readonly fileUri: string;
}

/** A part of what a tool gives back beside its text. */
export type MediaPart = { readonly inlineData: Blob } | { readonly fileData: FileData };

/** What a tool gave. */
export interface FunctionResponse {
  readonly id: string;
  readonly name: string;
  readonly response: { readonly output: string } | { readonly error: string };
  readonly parts?: readonly MediaPart[];
}

interface FunctionCall {
  readonly id: string;
  readonly name: string;
  readonly args: JsonRecord;
}

/** What a signature may stand beside. */
interface Signed {
  readonly thoughtSignature?: string;
}

/** A piece of a turn. */
export type ContentPart =
  | (Signed & { readonly text: string; readonly thought?: true })
  | (Signed & { readonly functionCall: FunctionCall })
  | { readonly functionResponse: FunctionResponse }
  | MediaPart;

/** A turn. */
export interface Content {
  readonly role: 'user' | 'model';
  readonly parts: readonly ContentPart[];
}

/** A tool that the client offers. */
export interface FunctionDeclaration {
  readonly name: string;
  readonly description?: string;
  readonly parametersJsonSchema?: JsonRecord;
}

/** Which tools the model may or must call. */
export interface FunctionCallingConfig {
  readonly mode: 'AUTO' | 'ANY' | 'NONE' | 'VALIDATED';
  readonly allowedFunctionNames?: readonly string[];
}

/** How much the model thinks, as a level or in tokens. */
export interface ThinkingConfig {
  readonly includeThoughts?: boolean;
  /** Not both of these. */
  readonly thinkingBudget?: number;
  readonly thinkingLevel?: string;
}

/** The parameters of an answer. */
export interface GenerationConfig {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly maxOutputTokens?: number;
  readonly stopSequences?: readonly string[];
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly responseMimeType?: 'application/json';
  readonly responseJsonSchema?: JsonRecord;
  readonly thinkingConfig?: ThinkingConfig;
}

/** The body of a request. */
export interface GenerateRequest {
  readonly contents: readonly Content[];
  readonly systemInstruction?: { readonly parts: readonly { readonly text: string }[] };
  readonly tools?: readonly { readonly functionDeclarations: readonly FunctionDeclaration[] }[];
  readonly toolConfig?: { readonly functionCallingConfig: FunctionCallingConfig };
  readonly generationConfig?: GenerationConfig;
  readonly serviceTier?: string;
  /** As a client of Google's compatible API sends them. */
  readonly cachedContent?: string;
  readonly safetySettings?: readonly unknown[];
}
