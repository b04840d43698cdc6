/**
 * What a dialect must be able to do: a translator between OpenAI's chat completions, which clients speak, and one
 * provider's API. Translators are pure: bytes and plain objects in and out, no sockets, no clocks, no policy.
 *
 * Each dialect is a folder with the same files: request, response, stream, errors, index.
 */
import type { ChatOutline, ChatRequest, FinishReason } from '../wire/chat-completion.ts';
import type { SseEvent } from '../wire/sse.ts';

/** What a translator is given to make the upstream request. */
export interface TranslationInput {
  readonly outline: ChatOutline;
  /** All of it, for dialects that write it anew. Throws `GatewayError` (400) where it turns out not to be JSON. */
  readonly whole: () => ChatRequest;
  /** The bytes that it was read from, for dialects that need not change them. */
  readonly bytes: Buffer;
  /** The model's name at the provider. */
  readonly model: string;
  /** Used where the dialect requires a limit and the client gave none. */
  readonly maxTokens: number | null;
}

/** A POST below the provider's base URL. */
export interface UpstreamRequest {
  /** Path below the base URL, with its leading slash. */
  readonly path: string;
  /** The dialect's own; those that every provider gets alike (encoding, user agent, ids) are the sender's to add. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Parameters of the client's that this dialect cannot express; named to the client in `x-headgate-dropped-params`. */
  readonly droppedParams: readonly string[];
}

/** Tokens as the provider counted them; null where it did not say. `input` includes what came from or went to a cache. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
}

/** An error in a provider's own words, made readable. */
export interface UpstreamError {
  /** The HTTP status, or the one that an in-band error's type stands for; null where nothing tells. */
  readonly status: number | null;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  /** Money or quota has run out: no retry on this key helps for minutes. */
  readonly quota: boolean;
  /** A wait that stands in the body (Gemini's RetryInfo); headers are read by the caller. */
  readonly retryAfterMs: number | null;
}

/** A whole answer, translated. */
export interface TranslatedResponse {
  /** The client's body, in OpenAI's dialect. */
  readonly body: Buffer;
  /**
   * Neither content nor a finish reason of length, content_filter or tool_calls: a failed attempt though it said 200.
   */
  readonly empty: boolean;
  readonly finishReason: FinishReason | null;
  readonly usage: Usage | null;
}

/** One step of a stream, from one upstream event. */
export interface StreamStep {
  /**
   * `metadata`: nothing yet worth committing to (role, ping, usage). `content`: text, reasoning, refusal, tool call.
   * `finish`: carries a finish reason (commits if that is not `stop`). `terminal`: the piece that makes the stream
   * whole. `error`: the provider's error inside its 200. `comment`: not data; it does not reset the stall timer.
   */
  readonly kind: 'metadata' | 'content' | 'finish' | 'terminal' | 'error' | 'comment';
  /** Whole events in the client's dialect, maybe empty. Empty for `error`: how to tell the client is the caller's. */
  readonly bytes: Buffer;
  /** Set exactly when `kind` is `error`. */
  readonly error?: UpstreamError;
}

/** How an upstream stream stood when its bytes ended. */
export interface StreamEnd {
  /** Whether it may pass for a success: its terminal, or a finish reason, was seen. */
  readonly complete: boolean;
  /** What the client still lacks, terminal included (`[DONE]` where the provider sent none); empty if nothing. */
  readonly bytes: Buffer;
}

/** Translates one answer's events; holds that answer's state. */
export interface StreamTranslator {
  /** Throws on a payload that cannot be read (`UnreadableAnswerError`). */
  push(event: SseEvent): StreamStep;
  /** The upstream's bytes have ended. */
  end(): StreamEnd;
  /** Whether an event that lacks only its blank line is the terminal. */
  terminates(event: SseEvent): boolean;
  /** Everything that was asked for has its finish reason: nothing but usage and the terminal should follow. */
  readonly whole: boolean;
  readonly finishReason: FinishReason | null;
  readonly usage: Usage | null;
}

/** A 2xx whose payload is not what the dialect says. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
  /** Set where the payload is the provider's error, sent with a 200. */
  readonly error: UpstreamError | null;

  constructor(message: string, details: { readonly error?: UpstreamError } = {}) {
    super(message);
    this.error = details.error ?? null;
  }
}

/** What a translator may know of the request when it reads the answer. */
export interface AnswerContext {
  /** The model's name that the client asked for. */
  readonly model: string;
  /** The client wants the extra usage chunk (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
  /** For `created` where the provider gives none, in unix seconds. */
  readonly createdAt: number;
  /** How many answers were asked for (`n`); 1 if left out. */
  readonly choices?: number;
}

export interface Translator {
  /** Throws `GatewayError` (400) for what the dialect cannot express and must not drop. */
  request(input: TranslationInput, apiKey: string): UpstreamRequest;
  /** Throws `UnreadableAnswerError`. */
  response(body: Buffer, context: AnswerContext): TranslatedResponse;
  stream(context: AnswerContext): StreamTranslator;
  /** Reads the body of an answer with an error status; never throws, whatever the body is. */
  error(status: number, body: Buffer): UpstreamError;
}
