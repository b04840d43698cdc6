/**
 * What a provider's error is about, as far as its own words say so. The status alone misleads: a 403 may mean the key,
 * the model or this one prompt, a 500 may mean that this one prompt is too long, and a 429 may be one that never passes.
 *
 * Codes and types are closed lists. Where a text would exclude a key or a target for others, only its beginning counts:
 * further on a message may quote the client. Where it concerns this request alone, its first part is searched.
 */
import type { Subject } from '../shared/classify.ts';

/**
 * `key`: the gateway's credentials. `model`: this model at this provider. `length`: the prompt is too long. `never`: a
 * rate limit that this request alone exceeds. `credit`: more than the credit that is left, for this request alone.
 * `content`: this prompt is against the provider's rules.
 */
export type ErrorSubject = Exclude<Subject, null>;

/** An error as far as its subject can be told from it. */
interface ErrorWords {
  /** The HTTP status, or the one that the words stand for; null where nothing tells. */
  readonly status: number | null;
  /** Its code, its type and whatever else is a word from a list of the provider's. */
  readonly words: readonly string[];
  readonly message: string;
  /** The body names what was wrong with the prompt, as moderation does. */
  readonly flagged: boolean;
}

const keyWord =
  /^(?:invalid_api_key|api_key_invalid|invalid_authentication|authentication_error|unauthenticated|unauthorized|(?:invalid|expired|revoked)_(?:token|key)|(?:token|key)_(?:expired|revoked|disabled)|account_(?:deactivated|disabled)|missing_api_key)$/i;
const keyText =
  /^(?:error: ?)?(?:(?:the|your|this|provided|an?|no|incorrect|invalid|expired|missing|wrong|unknown) ){0,3}(?:api[ _-]?key|access token|bearer token|credentials?|authentication (?:token|credentials?))\b/i;

const modelWord =
  /^(?:model_(?:not_(?:found|available|supported)|decommissioned|deprecated|retired|unavailable|access_denied)|(?:unknown|unsupported|no_such)_model|deploymentnotfound)$/i;
const modelText =
  /^(?:error: ?)?(?:(?:the |your |this )?(?:requested |specified )?model\b|models\/|no endpoints found for\b|no such model\b|unknown model\b|project \S+ does not have access to (?:the )?model\b|you (?:don't|do not) have access to (?:the )?model\b|\S+ is not a valid model\b)/i;

const lengthWord =
  /^(?:context_(?:length|window|size)_exceeded|exceed_context_size_error|contextwindowexceedederror|model_context_window_exceeded|prompt_too_long|string_above_max_length|max_tokens_exceeded)$/i;
const lengthText =
  /\b(?:context (?:length|window|size|limit)|(?:prompt|input|request|messages?) (?:is|are) too (?:long|large)|too many (?:input |prompt )?tokens|token count\b.{0,40}\bexceeds|exceeds? the max(?:imum)? (?:number of )?(?:input )?tokens|max(?:imum)? (?:prompt|input) (?:length|tokens)|reduce the length of|inputs?`? tokens \+|too large for model with)/i;

const contentWord =
  /^(?:content_(?:filter|policy_violation|violation)|moderation(?:_blocked|_error)?|responsibleaipolicyviolation|safety|policy_violation|flagged|prohibited_content)$/i;
const contentText =
  /\b(?:flagged|moderat(?:ed|ion)|content (?:policy|filter)|safety (?:system|filter|settings|policy)|(?:usage|acceptable use) polic|violat(?:es|ed|ion)|unsafe|prohibited|sensitive content)/i;

/** Both numbers of a rate limit's text, whichever stands first. */
const limitThenRequested = /\blimit:? *([\d,]{1,15})\b.{0,40}?\brequested:? *([\d,]{1,15})\b/i;
const requestedThenLimit = /\brequested:? *([\d,]{1,15})\b.{0,40}?\blimit:? *([\d,]{1,15})\b/i;
const tooLargeText = /^request too large\b/i;

/** OpenRouter's 402: the credit does not cover this request's `max_tokens`, or its prompt; smaller requests still pass. */
const affordText = /\brequested up to ([\d,]{1,15})\b.{0,40}?\bcan only afford ([\d,]{1,15})\b/i;
const promptCreditText = /^prompt tokens limit exceeded: *([\d,]{1,15}) *> *([\d,]{1,15})\b/i;

/** How much of a text is searched. */
const SEARCHED_CHARACTERS = 300;

/** What the error is about; null where its words do not say. */
export function subjectOf({ status, words, message, flagged }: ErrorWords): ErrorSubject | null {
  const has = (pattern: RegExp) => words.some((word) => pattern.test(word));
  const text = message.slice(0, SEARCHED_CHARACTERS);
  if (status === 429) return neverPasses(text) ? 'never' : null;
  if (status === 402) return exceedsCredit(text) ? 'credit' : null;
  if (has(lengthWord) || (mayReportLength(status) && lengthText.test(text))) return 'length';
  if (status === 401) return 'key';
  if (flagged || has(contentWord)) return 'content';
  if (status !== null && status >= 500) return null;
  if (has(modelWord)) return 'model';
  if (status === 403 && contentText.test(text)) return 'content';
  if (mayReportModel(status) && modelText.test(text)) return 'model';
  if (has(keyWord) || ((status === 400 || status === 403) && keyText.test(text))) return 'key';
  return null;
}

/** A request that alone exceeds the limit never passes, however long anybody waits. */
function neverPasses(message: string): boolean {
  const [, limit, requested] = limitThenRequested.exec(message) ?? [];
  if (limit !== undefined && requested !== undefined) return number(requested) > number(limit);
  const [, first, second] = requestedThenLimit.exec(message) ?? [];
  if (first !== undefined && second !== undefined) return number(first) > number(second);
  return tooLargeText.test(message);
}

/** Whether there is credit, but less than this request could use. Without any, it is exhausted for all. */
function exceedsCredit(message: string): boolean {
  const [, wanted, left] = affordText.exec(message) ?? promptCreditText.exec(message) ?? [];
  return wanted !== undefined && left !== undefined && number(left) > 0 && number(wanted) > number(left);
}

function number(digits: string): number {
  return Number(digits.replaceAll(',', ''));
}

/** Statuses under which servers report a prompt that is too long; null is an error inside a 200 without a status. */
function mayReportLength(status: number | null): boolean {
  return status === null || status === 400 || status === 413 || status === 422 || status >= 500;
}

function mayReportModel(status: number | null): boolean {
  return status === 403 || status === 404 || status === 410;
}
