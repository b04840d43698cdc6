/**
 * The neutral form between two dialects that differ: a request, an answer, and the events of a streamed answer. It is
 * made to survive what the wire does, in any of the dialects:
 *
 * - A finish is not the end: token counts, signatures and citations may follow it (Bedrock, Gemini, the last chunk of
 *   OpenAI's chat).
 * - Pieces of several blocks may interleave (OpenAI's tool calls), and a block may come whole in one piece (Gemini).
 * - Input of tools is JSON text as it came, never a tree: numbers above 2^53 and texts that were cut off stay as they are.
 * - Only the dialect that made a signature or an extension can read it: it says whose it is, and no other writer takes it.
 *
 * A block is its head, which is known when it opens, its text, and what was attached. So the events of a stream, put
 * together, are the answer (`hub-answer.ts`), and the two cannot say different things.
 *
 * A long text of a request may be a head and a mark that stands for bytes (`wire/long-strings.ts`): writers move texts
 * and never read beyond the head.
 */
import type { DroppedReasoning, ServedTier, ServerToolUses } from '../shared/events.ts';

/**
 * What an answer used, as the provider counted it. `input` and `output` hold all tokens; the other counts are parts of them.
 * All from 0; what is missing is 0, or was not told.
 */
export interface Usage {
  /** Tokens read from a cache or written to it too. */
  readonly input: number;
  /** Tokens of reasoning too. */
  readonly output: number;
  readonly cacheRead: number;
  /** For whatever time. */
  readonly cacheWrite: number;
  readonly reasoning: number;
  /** Those of `cacheWrite` that are kept for an hour; the others are kept for five minutes, or as the provider wants. */
  readonly cacheWrite1h?: number;
  readonly inputAudio?: number;
  readonly outputAudio?: number;
  /** Those of `cacheRead` that are audio. */
  readonly cachedAudio?: number;
  readonly inputImage?: number;
  readonly outputImage?: number;
  /** Uses of tools that the provider ran. */
  readonly serverTools?: ServerToolUses;
  /** How the request was served, which may differ from what was asked for. */
  readonly tier?: ServedTier;
  /** Anthropic's `fast`, which may be served in any tier. */
  readonly speed?: 'fast';
  /** Where Anthropic has served it, if it was not to leave that country: another price. */
  readonly geo?: 'us';
}

/** What a medium is; `file`: a document, or what is not known. */
export type MediaKind = 'image' | 'audio' | 'video' | 'file';

/** What a block is. `text` of the block is named beside each kind. */
export type BlockHead =
  /** Its text. */
  | { readonly type: 'text' }
  /** Why the model refuses. */
  | { readonly type: 'refusal' }
  /** What it thought: as it was, or a summary; `hidden`: only its signature is shown, and the text is empty. */
  | { readonly type: 'reasoning'; readonly form: 'raw' | 'summary' | 'hidden' }
  /**
   * Of a tool: the input, JSON as text. `by` says who runs it: the client, or the provider itself. The id is unique in a
   * conversation: where a provider gives none, its reader makes one.
   */
  | { readonly type: 'call'; readonly callId: string; readonly name: string; readonly by: 'client' | 'provider' }
  /** Base64 or an address, as `from` says. What was not said (its media type, the name of a file) is null. */
  | {
      readonly type: 'media';
      readonly kind: MediaKind;
      readonly mediaType: string | null;
      readonly name: string | null;
      readonly from: 'data' | 'url';
    }
  /** The id of a file that was uploaded: only at providers of the family `of` does it mean something. */
  | { readonly type: 'file-id'; readonly kind: MediaKind; readonly of: string }
  /** Empty: what a tool gave back is blocks of its own. `name` is null where only the call says it. */
  | {
      readonly type: 'result';
      readonly callId: string;
      readonly name: string | null;
      readonly content: readonly RequestBlock[];
      readonly isError: boolean;
    }
  /** Empty: a block that only the dialect `of` knows, under its name there. `refusal` is as that of an extension. */
  | {
      readonly type: 'foreign';
      readonly of: string;
      readonly name: string;
      readonly value: unknown;
      readonly refusal: string | null;
    };

/** What belongs to a block and is no text of it. Only the dialect `of` can read `data`. */
export type Attachment =
  /** Proof that the model thought or called so; `redacted`: the thought itself, readable by its provider alone. */
  | { readonly type: 'signature' | 'redacted'; readonly of: string; readonly data: string }
  /** Where a text comes from: JSON as it came. */
  | { readonly type: 'citation'; readonly of: string; readonly data: string };

export interface Block {
  readonly head: BlockHead;
  readonly text: string;
  readonly attached: readonly Attachment[];
}

/** The request up to here, what bears the mark included, is to be kept for requests that begin alike. */
export interface CacheMark {
  /** For how long, in Anthropic's words such as `5m`; null: as long as the provider wants. */
  readonly ttl: string | null;
  /** The client's own name of the field. Default: `cache_control`. */
  readonly at?: string;
}

/** A block of a request. */
export interface RequestBlock extends Block {
  /** Where the client wrote its text, such as `messages[1].content`: errors name it. */
  readonly at: string;
  /** Null: the client did not mark it. */
  readonly cache: CacheMark | null;
}

/** What a message of one side says. System texts stand where they were: a writer moves them where its dialect wants. */
export interface Message {
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  readonly blocks: readonly RequestBlock[];
}

/** A tool that the client runs. `schema` is a JSON schema; null for a tool without input. */
export interface Tool {
  readonly name: string;
  readonly description: string | null;
  readonly schema: Readonly<Record<string, unknown>> | null;
  /** The input must follow the schema exactly. */
  readonly isStrict: boolean;
  /** Null: the client did not mark it. */
  readonly cache: CacheMark | null;
}

export type ToolChoice =
  | { readonly type: 'auto' | 'required' | 'none' }
  | { readonly type: 'tool'; readonly name: string };

/** What a client asks for that not every target can do. Its words are passed on, also those that are not known here. */
export interface Wish<Value> {
  readonly value: Value;
  /** Where the client wrote it, such as `text.format`: errors and headers name that. */
  readonly at: string;
}

/** What the answer must be besides a text: a JSON object of any kind, or one that a schema describes. */
export type AnswerFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'schema';
      readonly schema: Readonly<Record<string, unknown>>;
      /** Null: the client gave none. */
      readonly name: string | null;
      readonly description: string | null;
      /** Whether the answer must follow the schema exactly; null: the client did not say. */
      readonly isStrict: boolean | null;
    };

/** Parameters that two dialects have at least, under names of their own. Null: the client did not say. */
export interface Wishes {
  readonly format: Wish<AnswerFormat> | null;
  /** How much the answer is worth: a word such as `high`. */
  readonly effort: Wish<string> | null;
  /** How the model thinks before it answers, in the form of Anthropic and of the servers that are compatible with it. */
  readonly thinking: Wish<Readonly<Record<string, unknown>>> | null;
  /** Which summary of its thoughts is shown: a word such as `auto`. */
  readonly summary: Wish<string> | null;
  readonly topK: Wish<number> | null;
  /** The end user, by an id that says nothing of him. */
  readonly user: Wish<string> | null;
  /** How long the answer is: a word such as `low`. */
  readonly verbosity: Wish<string> | null;
  /** In OpenAI's words. */
  readonly serviceTier: Wish<string> | null;
  /** The whole request is to be kept, as by a mark at its end. */
  readonly cache: Wish<CacheMark> | null;
}

/** A parameter that only the dialect or the family `of` knows, under its name there. */
export interface Extension {
  readonly of: string;
  readonly name: string;
  readonly value: unknown;
  /** Why a target without it must refuse the request: completes "field …"; null if it may be left out. */
  readonly refusal: string | null;
  /** Where the client wrote it, if it has another name in the client's dialect: errors and headers name that. */
  readonly at?: string;
  /** It is a tool that no client runs, of this type: the configuration may allow to leave it out. */
  readonly tool?: string;
}

/** A conversation, and what is wanted of the answer. Null: the client did not say. */
export interface HubRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | null;
  /** Whether several tools may be called at once. */
  readonly parallelCalls: boolean | null;
  readonly maxTokens: number | null;
  /** 0..2. */
  readonly temperature: number | null;
  /** 0..1. */
  readonly topP: number | null;
  readonly stopSequences: readonly string[];
  /** Where the client wrote them. Default: `stop_sequences`. */
  readonly stopsAt?: string;
  readonly stream: boolean;
  readonly wishes: Wishes;
  readonly extensions: readonly Extension[];
}

/**
 * Why an answer ended. `pause`: the provider wants to be asked to go on. `error`: the model made what cannot be read, such
 * as a call without sense. `other`: a word that the reader does not know.
 */
export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'context-length'
  | 'calls'
  | 'filtered'
  | 'pause'
  | 'error'
  | 'other';

export interface Finish {
  readonly reason: FinishReason;
  /** The provider's own word. */
  readonly raw: string;
  readonly stopSequence: string | null;
}

/** A whole answer. */
export interface HubAnswer {
  /** The provider's own id and name of the model; null where it gave none. */
  readonly id: string | null;
  readonly model: string | null;
  readonly blocks: readonly Block[];
  /** Null if it says none. */
  readonly finish: Finish | null;
  readonly usage: Usage | null;
  /** As in `AnswerFacts`. */
  readonly reasoningDropped?: readonly DroppedReasoning[];
}

/**
 * A piece of a streamed answer. Order: `start` first; `open` before the pieces of its block, `close` after them; `end`
 * last, if the provider says that nothing follows. Blocks are numbered from 0 in the order in which they open; several may
 * be open. `finish` comes once at most, and anything may follow it but a start. `usage` counts everything so far and
 * replaces what was counted before.
 */
export type HubEvent =
  | { readonly type: 'start'; readonly id: string | null; readonly model: string | null }
  | { readonly type: 'open'; readonly block: number; readonly head: BlockHead }
  | { readonly type: 'delta'; readonly block: number; readonly text: string }
  | { readonly type: 'attach'; readonly block: number; readonly attachment: Attachment }
  | { readonly type: 'close'; readonly block: number }
  | { readonly type: 'finish'; readonly finish: Finish }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'end' };
