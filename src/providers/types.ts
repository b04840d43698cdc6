/**
 * The interface of a dialect's translator, which converts between OpenAI's chat completions (the clients' dialect) and
 * one provider's API. Translators are pure: bytes and plain objects in and out, no sockets, no clocks, no policy.
 *
 * Each dialect is a folder with the same files: request, response, stream, errors, index.
 */
import type { ChatOutline, FinishReason, WholeRequest } from '../wire/chat-completion.ts';
import type { JsonDigest } from '../wire/json-digest.ts';
import type { Bytes } from '../wire/pieced-bytes.ts';
import type { ByteRange } from '../wire/request-scan.ts';
import type { SseEvent } from '../wire/sse.ts';
import type { ErrorSubject } from './error-subject.ts';

/** The input from which a translator makes the upstream request. */
export interface TranslationInput {
  readonly outline: ChatOutline;
  /** The whole request, for dialects that write a new body. */
  readonly whole: () => WholeRequest;
  /** The original bytes, for dialects that need not change them. */
  readonly bytes: Buffer;
  /** Where the model's name is in them, quotes included. */
  readonly modelAt: ByteRange;
  /** The model's name at the provider. */
  readonly model: string;
  /** Used if the dialect requires a limit and the client sent none. */
  readonly maxTokens: number | null;
}

/** A POST below the provider's base URL. */
export interface UpstreamRequest {
  /** Path below the base URL, with its leading slash. */
  readonly path: string;
  /** The dialect's own headers. The sender adds the headers that all providers get (encoding, user agent, ids). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
  /** The client's parameters that this dialect cannot express; listed in `x-headgate-dropped-params`. */
  readonly droppedParams: readonly string[];
}

/**
 * Tokens as the provider counted them; null without counts. `input` includes tokens read from or written to a cache.
 */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
}

/** A provider's error in a common shape, with the provider's own texts. */
export interface UpstreamError {
  /** The HTTP status, or the status that the type of an in-band error stands for; null if unknown. */
  readonly status: number | null;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  /** Money or quota has run out: no retry on this key helps for minutes. */
  readonly quota: boolean;
  /** What it is about; null where its words do not say. */
  readonly subject: ErrorSubject | null;
  /** A wait that stands in the body (Gemini's RetryInfo); headers are read by the caller. */
  readonly retryAfterMs: number | null;
}

/** A whole answer, translated. */
export interface TranslatedResponse {
  /** The client's body, in OpenAI's dialect. */
  readonly body: Buffer;
  /** Nothing explains why it has no content (`answer-facts.ts`). */
  readonly empty: boolean;
  readonly finishReason: FinishReason | null;
  readonly usage: Usage | null;
}

/** One step of a stream, from one upstream event. */
export interface StreamStep {
  /**
   * `metadata`: nothing yet worth committing to (role, ping, usage). `content`: text, reasoning, refusal, tool call.
   * `finish`: carries a finish reason. `terminal`: the piece that makes the stream whole. `error`: the provider's error
   * inside its 200. `comment`: not data; it does not reset the stall timer.
   */
  readonly kind: 'metadata' | 'content' | 'finish' | 'terminal' | 'error' | 'comment';
  /** Whole events in the client's dialect; may be empty. Empty for `error`: the caller reports it to the client. */
  readonly bytes: Buffer;
  /** Set exactly when `kind` is `error`. */
  readonly error?: UpstreamError;
}

/** The state of an upstream stream when its bytes have ended. */
export interface StreamEnd {
  /** Whether it counts as a success: its terminal or a finish reason was seen. */
  readonly complete: boolean;
  /** Bytes that the client still needs, with the terminal (`[DONE]` if the provider sent none); may be empty. */
  readonly bytes: Buffer;
  /** Whether its events were sound, but none was of this dialect. */
  readonly otherForm?: boolean;
}

/** Translates the events of one answer and holds the state of that answer. */
export interface StreamTranslator {
  /** Throws `UnreadableAnswerError` on a payload that cannot be read. */
  push(event: SseEvent): StreamStep;
  /** Called when the upstream's bytes have ended. */
  end(): StreamEnd;
  /** Whether an event that lacks only its blank line is the terminal. */
  terminates(event: SseEvent): boolean;
  /** Everything that was asked for has its finish reason: nothing but usage and the terminal should follow. */
  readonly whole: boolean;
  readonly finishReason: FinishReason | null;
  readonly usage: Usage | null;
  /** Whether nothing so far explains an answer without content (`answer-facts.ts`). */
  readonly empty: boolean;
}

/** A 2xx answer whose payload does not follow the dialect. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
  /** Set if the payload is the provider's error, sent with a 200; else null. */
  readonly error: UpstreamError | null;
  /** Whether the payload is sound, but of a form that the dialect does not have. */
  readonly otherForm: boolean;

  constructor(message: string, details: { readonly error?: UpstreamError; readonly otherForm?: boolean } = {}) {
    super(message);
    this.error = details.error ?? null;
    this.otherForm = details.otherForm ?? false;
  }
}

/** The facts about the request that a translator may use when it reads the answer. */
export interface AnswerContext {
  /** The model name that the client requested. */
  readonly model: string;
  /** Whether the client wants the extra usage chunk (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
  /** The value of `created` if the provider sends none, in unix seconds. */
  readonly createdAt: number;
  /** How many answers were asked for (`n`); 1 if left out. */
  readonly choices?: number;
  /** Whether the client named stop sequences. Default false. */
  readonly hasStopSequences?: boolean;
}

export interface Translator {
  /** Throws `GatewayError` (400) if the dialect cannot express something that must not be dropped. */
  request(input: TranslationInput, apiKey: string): UpstreamRequest;
  /** Throws `UnreadableAnswerError`. @param arrived the digest of a large body, if it was made while the body came */
  response(body: Buffer, context: AnswerContext, arrived?: JsonDigest | null): TranslatedResponse;
  stream(context: AnswerContext): StreamTranslator;
  /** Reads the body of an answer with an error status. Never throws, for any body. */
  error(status: number, body: Buffer): UpstreamError;
}
