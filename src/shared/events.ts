/**
 * Events of a worker, as plain objects. A worker adds each event to its own registry (`record`) and sends the same
 * object to the primary. Metrics, circuits, the ledger and the live view all read this one ordered stream.
 *
 * Events hold final label values from closed sets. Seconds are rounded to 2^-20 and money is whole nano-dollars, so that
 * sums are exact in any order (those of long times lie on a coarser grid). Events never hold text of a request.
 */
import type { EndpointLabel } from './endpoints.ts';
import type { ErrorCode } from './errors.ts';
import { pricedTools, tokenPriceKinds } from './prices.ts';

/** How one attempt ended; the label values of `llm_attempts_total`. */
export const attemptOutcomes = [
  'success',
  'rate_limited',
  'server_error',
  'client_error',
  'auth_error',
  'no_credentials',
  'connect_error',
  'timeout_connect',
  'timeout_headers',
  'timeout_first_content',
  'timeout_stall',
  'timeout_total',
  'stream_cut',
  'bad_response',
  'empty_response',
  'gateway_limit',
  'model_unavailable',
  'client_gone',
] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** How a committed stream ended; the label values of `llm_streams_total`. */
export const streamOutcomes = ['complete', 'client_gone', 'cut', 'stalled', 'error_event'] as const;
export type StreamOutcome = (typeof streamOutcomes)[number];

/** Why a request was rejected without an attempt; the label values of `llm_rejected_total`. */
export const rejectReasons = [
  'validation',
  'auth',
  'rate_limit',
  'budget',
  'overload',
  'body_too_large',
  'unknown_model',
  'no_target',
  'draining',
] as const;
export type RejectReason = (typeof rejectReasons)[number];

/**
 * Why a client's connection was closed: an idle one gave way to a new one (`idle`), or a new one found no place, in the
 * server or for its address. The label values of
 * `llm_connections_dropped_total`.
 */
export const connectionsDropped = ['idle', 'server', 'address'] as const;
export type ConnectionDropped = (typeof connectionsDropped)[number];

/** Why a session was served by another target than its own; the label values of `llm_session_moves_total`. */
export const sessionMoves = ['cooldown', 'circuit', 'failure'] as const;
export type SessionMove = (typeof sessionMoves)[number];

/**
 * Kinds of tokens; the label values of `llm_tokens_total`. `input` and `output` hold all that a provider counted, those read
 * from a cache and written to it too. What is between them and `estimated` are parts of these two: `cache_write_1h` is a part
 * of `cache_write`, and `cache_read_audio` of `cache_read`. `estimated` (output) and `estimated_input` are what a provider
 * did not count, told from the size of the texts: no part of the others.
 */
export const tokenTypes = [...tokenPriceKinds, 'estimated', 'estimated_input'] as const;
export type TokenCounts = { readonly [kind in (typeof tokenTypes)[number]]?: number };

/** The most of one count in one event: what a provider makes up must not spoil totals for ever. */
export const MOST_COUNTED = 1_000_000_000;

/** The most that one answer costs, in nano-dollars, for the same reason. */
export const MOST_NANO_USD = 9_000 * 1e9;

/** Tools that a provider runs, and bills for each use; the label values of `llm_server_tool_uses_total`. */
export const serverTools = [...pricedTools, 'other'] as const;
export type ServerTool = (typeof serverTools)[number];
export type ServerToolUses = { readonly [tool in ServerTool]?: number };

/**
 * How a provider has served a request, by which its price differs; the label values of `llm_served_tiers_total`. `default`
 * is Anthropic's `standard` and Groq's `on_demand` too; `fast` is also a speed of Anthropic's.
 */
export const servedTiers = ['default', 'priority', 'flex', 'batch', 'scale', 'fast', 'ultrafast', 'other'] as const;
export type ServedTier = (typeof servedTiers)[number];

/**
 * What did not fit reasoning that a provider left out of a request: another organization, end user, model or beginning of
 * the conversation than it was made for. `refused`: the gateway left it out, because the provider refused to read it. The
 * label values of `llm_reasoning_dropped_total`.
 */
export const droppedReasoning = [
  'organization',
  'end_user',
  'model',
  'prefix',
  'turn_boundary',
  'other',
  'refused',
] as const;
export type DroppedReasoning = (typeof droppedReasoning)[number];

/**
 * What of an answer could not be said in the client's dialect: a tool that the provider ran, media, sources of a text,
 * proof of reasoning, or a part that only its own dialect has. The label values of `llm_answer_losses_total`.
 */
export const answerLosses = ['tool', 'media', 'citation', 'reasoning_proof', 'other'] as const;
export type AnswerLoss = (typeof answerLosses)[number];

/** Why a key is left out for a while, and with the last one its target: a 429, an exhausted quota, a refused key, a model that the provider lacks. */
export const cooldownReasons = ['rate_limited', 'quota', 'auth', 'model'] as const;
export type CooldownReason = (typeof cooldownReasons)[number];

/** What an attempt says of its target, or of its provider, to the circuit there; or of the provider's key. */
export type Verdict = 'success' | 'failure' | 'neutral';

/** The end of a request, once per request. `seconds`: from its arrival until its terminal is passed to the socket. */
export interface RequestEnded {
  readonly type: 'request-ended';
  /** The provider of the last attempt; `unknown` if there was none. */
  readonly provider: string;
  readonly status: 'success' | 'error';
  /** The name of a configured model, otherwise `other`. */
  readonly model: string;
  /** The provider's name of the model, as configured; without it, the same as `model`, or no provider was asked. */
  readonly upstreamModel?: string;
  readonly seconds: number;
  /** Time that was not spent waiting for a provider. */
  readonly overheadSeconds: number;
  readonly endpoint: EndpointLabel;
  /** Why it failed; its owner follows from the table of errors. Set exactly when `status` is `error`. */
  readonly code?: ErrorCode;
}

export interface AttemptEnded {
  readonly type: 'attempt-ended';
  readonly provider: string;
  readonly outcome: AttemptOutcome;
  /** How exactly it failed, from a closed list: a status or a word, as in `x-headgate-attempts`. Missing after a success. */
  readonly end?: string;
  readonly seconds: number;
  /** The provider's name of the model asked: with `provider`, the target. */
  readonly model: string;
  /** The name of the provider's key; without it, `default`. */
  readonly key?: string;
  /** For the target's circuit. */
  readonly verdict: Verdict;
  /** For the provider's circuit; without it, the same as `verdict`. */
  readonly providerVerdict?: Verdict;
  /** For the provider's key; without it, a success where `verdict` is one, else nothing. */
  readonly keyVerdict?: Exclude<Verdict, 'neutral'>;
  /** Number of the request within its worker: all attempts of one request at one place are one circuit outcome. */
  readonly request: number;
  /** Number of this attempt among the request's attempts at this provider, from 1. */
  readonly attempt: number;
  /** The same at this target; without it, the same number. */
  readonly targetAttempt?: number;
  /**
   * Identifies the request's body where a verdict counts by it: what always fails counts once at the target's circuit
   * while others succeed, and only 403s of different requests speak against a key.
   */
  readonly body?: number;
  /** The lease under which this attempt probed a half-open circuit: the target's, the provider's or both. */
  readonly lease?: number;
  /** The provider's Retry-After, in ms; the minimum of the circuit's open time. */
  readonly retryAfterMs?: number;
}

/**
 * A probe has succeeded before its attempt ends, and the circuit closes now. The provider's own: a status line has come.
 * Both: the answer's first content has come.
 */
interface ProbeSucceeded {
  readonly type: 'probe-succeeded';
  readonly provider: string;
  /** The provider's name of the model; null: only the provider's own circuit. */
  readonly model: string | null;
  readonly lease: number;
}

/** One of the provider's keys cools down, for one model or for all. */
export interface CooldownStarted {
  readonly type: 'cooldown-started';
  readonly provider: string;
  /** The name of the provider's key; without it, `default`. */
  readonly key?: string;
  /** The provider's name of the model; null: all of them. */
  readonly model: string | null;
  readonly reason: CooldownReason;
  /** What the provider asked for; null lets the primary double from 1 s to 30 s. */
  readonly retryAfterMs: number | null;
}

/** What one answer has used. An answer that says nothing of it has no such event. */
export interface TokensCounted {
  readonly type: 'tokens';
  readonly provider: string;
  readonly model: string;
  /** The provider's name of the model, as configured; without it, the same as `model`. */
  readonly upstreamModel?: string;
  /** The name of the provider's key. */
  readonly key: string;
  /** What they cost in whole nano-dollars, at most `MOST_NANO_USD`; null: something was used whose price is not known. */
  readonly nanoUsd: number | null;
  /** Whole numbers from 1 to `MOST_COUNTED`; kinds with a count of 0 are left out. */
  readonly counts: TokenCounts;
  /** Uses of tools that the provider ran, with the same bounds; missing for none. */
  readonly serverTools?: ServerToolUses;
  /** Missing where the provider does not say. */
  readonly tier?: ServedTier;
}

export type WorkerEvent =
  | RequestEnded
  | AttemptEnded
  | ProbeSucceeded
  | CooldownStarted
  | { readonly type: 'retry'; readonly provider: string }
  | { readonly type: 'failover'; readonly from: string; readonly to: string }
  /** The same target is asked with another key, since this one has begun to cool down. */
  | { readonly type: 'key-failover'; readonly provider: string; readonly key: string }
  | { readonly type: 'circuit-rejection'; readonly provider: string }
  | { readonly type: 'retry-budget-exhausted'; readonly provider: string }
  | { readonly type: 'rejected'; readonly reason: RejectReason }
  | { readonly type: 'connection-dropped'; readonly reason: ConnectionDropped }
  | { readonly type: 'label-overflow'; readonly label: string }
  | { readonly type: 'stream-ended'; readonly provider: string; readonly outcome: StreamOutcome }
  | {
      readonly type: 'first-content';
      readonly provider: string;
      readonly model: string;
      /** The provider's name of the model, as configured; without it, the same as `model`. */
      readonly upstreamModel?: string;
      readonly seconds: number;
      /** The name of the provider's key; without it, `default`. */
      readonly key?: string;
    }
  | { readonly type: 'output-paced'; readonly provider: string; readonly model: string; readonly seconds: number }
  | TokensCounted
  /** Blocks of reasoning that were left out of the request: by the provider, as it said, or because it refused them. */
  | {
      readonly type: 'reasoning-dropped';
      readonly provider: string;
      readonly reason: DroppedReasoning;
      readonly blocks: number;
    }
  /** An answer of which something could not be said in the client's dialect; each kind once. */
  | { readonly type: 'answer-lost'; readonly provider: string; readonly loss: AnswerLoss }
  /** A stream's answer was begun before there was content. */
  | { readonly type: 'stream-opened'; readonly model: string }
  /** A conversation was served by another target than the one that it keeps to. */
  | { readonly type: 'session-moved'; readonly reason: SessionMove }
  /** A client says that it has sent the same request before. */
  | { readonly type: 'client-retry' }
  | { readonly type: 'unconfirmed'; readonly responses: number }
  | { readonly type: 'events-dropped'; readonly count: number }
  | { readonly type: 'log-lines-dropped'; readonly count: number }
  | { readonly type: 'spans-dropped'; readonly count: number };

const SECONDS_GRAIN = 2 ** 20;

/** Milliseconds as seconds, rounded to 2^-20, so that sums of doubles are exact in any order. Never negative. */
export function exactSeconds(milliseconds: number): number {
  return Math.round((Math.max(0, milliseconds) / 1000) * SECONDS_GRAIN) / SECONDS_GRAIN;
}
