/** Reads what a whole answer and a chunk of a stream have in common: finish reason and token counts. */
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Finish, FinishReason, MediaKind, Usage } from '../hub.ts';
import { tierOf, usageWith } from '../usage-kinds.ts';

export { GEMINI } from '../families.ts';

/** Google adds words: of those that are not here, nothing is said but the word itself. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'filtered'],
  ['RECITATION', 'filtered'],
  ['LANGUAGE', 'filtered'],
  ['BLOCKLIST', 'filtered'],
  ['PROHIBITED_CONTENT', 'filtered'],
  ['SPII', 'filtered'],
  ['MODEL_ARMOR', 'filtered'],
  ['IMAGE_SAFETY', 'filtered'],
  ['IMAGE_PROHIBITED_CONTENT', 'filtered'],
  ['IMAGE_RECITATION', 'filtered'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['UNEXPECTED_TOOL_CALL', 'error'],
  ['TOO_MANY_TOOL_CALLS', 'error'],
  ['MISSING_THOUGHT_SIGNATURE', 'error'],
  ['MALFORMED_RESPONSE', 'error'],
]);

/** Why a candidate ended. @param hasCalls whether the client must run a tool: there is no word of its own for that */
export function finishOf(raw: string, hasCalls: boolean): Finish {
  const reason = raw === 'STOP' && hasCalls ? 'calls' : (reasons.get(raw) ?? 'other');
  return { reason, raw, stopSequence: null };
}

/** Why there is no candidate: the prompt was blocked, for whatever reason. */
export function blockedFinish(raw: string): Finish {
  return { reason: 'filtered', raw, stopSequence: null };
}

/** The prompt's count includes what was cached, but not what tools of the provider added to it. */
export function usageOf(counts: JsonRecord): Usage {
  const reasoning = asCount(counts.thoughtsTokenCount);
  const input = asCount(counts.promptTokenCount) + asCount(counts.toolUsePromptTokenCount);
  const answer = asCount(counts.candidatesTokenCount);
  // Some models count their thoughts among the candidates: then the total leaves no room for them beside these.
  const isWithin = reasoning <= answer && asCount(counts.totalTokenCount) === input + answer;
  const counted = {
    input,
    output: isWithin ? answer : answer + reasoning,
    cacheRead: asCount(counts.cachedContentTokenCount),
    cacheWrite: 0,
    reasoning,
  };
  const { promptTokensDetails: ofPrompt, candidatesTokensDetails: ofAnswer, cacheTokensDetails: ofCache } = counts;
  const kinds = {
    inputAudio: ofModality(ofPrompt, 'AUDIO'),
    outputAudio: ofModality(ofAnswer, 'AUDIO'),
    cachedAudio: ofModality(ofCache, 'AUDIO'),
    inputImage: ofModality(ofPrompt, 'IMAGE'),
    outputImage: ofModality(ofAnswer, 'IMAGE'),
  };
  return usageWith(counted, kinds, { tier: tierIn(counts) });
}

function ofModality(details: unknown, modality: string): number {
  const counts = asArray(details).map(asRecord);
  return counts.reduce((sum, each) => sum + (each?.modality === modality ? asCount(each.tokenCount) : 0), 0);
}

/** Vertex's words for how a request was served. */
const traffic: ReadonlyMap<unknown, string> = new Map([
  ['ON_DEMAND', 'default'],
  ['ON_DEMAND_FLEX', 'flex'],
  ['ON_DEMAND_PRIORITY', 'priority'],
]);

/** Where Google adds a word, as for throughput that is paid by the hour, the price of a token is not the usual one. */
function tierIn({ serviceTier, trafficType }: JsonRecord): Usage['tier'] {
  const named = traffic.get(trafficType) ?? asString(serviceTier)?.toLowerCase();
  return tierOf(named || (trafficType === 'TRAFFIC_TYPE_UNSPECIFIED' ? undefined : trafficType));
}

/** What a medium is, by its type. */
export function kindOf(mediaType: string | null): MediaKind {
  const [kind] = mediaType?.split('/') ?? [];
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'file';
}
