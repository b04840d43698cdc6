/** Writes the parameters other than messages and tools, and says which of them Anthropic does not take. */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { HubRequest } from '../hub.ts';
import { MESSAGES } from './facts.ts';

/** Used if neither the client nor the configuration sets a limit; this dialect requires one. */
const DEFAULT_MAX_TOKENS = 4096;

interface Params {
  readonly fields: {
    readonly max_tokens: number;
    readonly temperature?: number;
    readonly top_p?: number;
    readonly stop_sequences?: readonly string[];
    readonly [own: string]: unknown;
  };
  readonly dropped: readonly string[];
}

/** @param configuredMaxTokens the limit where the client sets none; null if there is none either */
export function writeParams(request: HubRequest, model: string, configuredMaxTokens: number | null): Params {
  const dropped: string[] = [];
  const sampling = writeSampling(request, model, dropped);
  // Anthropic refuses blank stop sequences.
  const stops = request.stopSequences.filter((text) => text.trim() !== '');
  if (stops.length < request.stopSequences.length) dropped.push('stop');
  const own = ownParams(request, model, dropped);
  return {
    fields: {
      max_tokens: request.maxTokens ?? (configuredMaxTokens ?? DEFAULT_MAX_TOKENS) + thinkingBudget(own.thinking),
      ...sampling,
      ...(stops.length === 0 ? {} : { stop_sequences: stops }),
      ...own,
    },
    dropped,
  };
}

/** What clients of other dialects ask for under Anthropic's own names. */
function ownParams({ extensions }: HubRequest, model: string, dropped: string[]): JsonRecord {
  const own = Object.fromEntries(extensions.flatMap(({ of, name, value }) => (of === MESSAGES ? [[name, value]] : [])));
  if (own.top_k === undefined || !refusesSampling(model)) return own;
  dropped.push('top_k');
  const { top_k: _, ...others } = own;
  return others;
}

/** The limit is for thoughts and answer together: one that the client did not set leaves room for both. */
function thinkingBudget(thinking: unknown): number {
  const tokens = asRecord(thinking)?.budget_tokens;
  return typeof tokens === 'number' && tokens > 0 ? tokens : 0;
}

/**
 * Here temperature is at most 1, and most models accept only one of temperature and top_p. Models since Claude 4.7 accept
 * neither and refuse the whole request. For names that are not Claude's, nothing is assumed.
 */
function writeSampling(
  request: HubRequest,
  model: string,
  dropped: string[],
): { readonly temperature?: number; readonly top_p?: number } {
  const wanted = request.temperature;
  // 1 is the default. It is left out, so that models which refuse the parameter can be used.
  const temperature = wanted === null || wanted >= 1 ? null : wanted;
  const nucleus = request.topP === 1 ? null : request.topP;
  const isRefused = refusesSampling(model);
  if ((wanted !== null && wanted > 1) || (isRefused && temperature !== null)) dropped.push('temperature');
  if (isRefused) {
    if (nucleus !== null) dropped.push('top_p');
    return {};
  }
  if (temperature !== null) {
    if (nucleus !== null) dropped.push('top_p');
    return { temperature };
  }
  return nucleus === null ? {} : { top_p: nucleus };
}

function refusesSampling(model: string): boolean {
  return model.includes('claude-') && !takesSampling.test(model);
}

/**
 * Matches every Claude up to 4.6, a closed list: `claude-3-7-sonnet-…`, `claude-sonnet-4-5`, `claude-opus-4-20250514`.
 */
const takesSampling = /claude-(?:2|3|instant|(?:opus|sonnet|haiku)-4(?:-[0-6])?(?!\d|-[7-9]))/;
