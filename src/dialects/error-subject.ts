/**
 * What a provider's error is about, as far as its own words say so. The status alone misleads: a 403 may mean the key,
 * the model or this one prompt, a 500 may mean that this one prompt is too long, and a 429 may be one that never passes.
 *
 * Codes and types are closed lists. Where a text would exclude a key or a target for others, only its beginning counts:
 * further on a message may quote the client. Where it concerns this request alone, its first part is searched.
 */

import type { Subject } from '../shared/classify.ts';
import type { JsonRecord } from '../shared/json.ts';
import { isMarkup } from '../wire/error-body.ts';

/**
 * `key`: the gateway's credentials. `model`: this model at this provider. `length`: the prompt is too long. `never`: a
 * rate limit that this request alone exceeds. `credit`: more than the credit that is left, for this request alone.
 * `content`: this prompt is against the provider's rules. `request`: what
 * this request asks for cannot be had there, for instance an image from a model without eyes. `endpoint`: this API cannot
 * be had there with this model (`api-error.ts`). `behind`: what a broker's
 * own provider said to the broker. `firewall`: the page of what stands before the provider, which has not seen the
 * request. `address`: there is no such API. `capacity`: no room for this kind of request. `provider`: the provider's own
 * failure under a 4xx. `form`: what the model has made of this request was in a wrong form.
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
  /** The broker names the provider behind it that said so. */
  readonly behind?: boolean;
}

const keyWord =
  /^(?:invalid_api_key|api_key_invalid|invalid_authentication|authentication_error|unauthenticated|unauthorized|(?:invalid|expired|revoked)_(?:token|key)|(?:token|key)_(?:expired|revoked|disabled)|account_(?:deactivated|disabled)|missing_api_key|api_key_\w{1,40}_blocked|access_token_\w{1,40})$/i;
/** The account that the request names is not the key's, which may be as good as ever. */
const otherAccountWord = /^(?:mismatched_\w+|invalid_organization)$/i;
/** Enough under a 400, where `unauthorized` may be said of a tool that the request names. */
const badKeyWord = /^(?:invalid_api_key|api_key_invalid|missing_api_key)$/i;
const keyNoun = '(?:api[ _-]?key|access token|bearer token|credentials?|authentication (?:token|credentials?))';
/** The key with what is wrong with it: its name alone may be about a key in the prompt, or about a resource. */
const keyText = new RegExp(
  String.raw`^(?:error: ?)?(?:(?:an? |the )?(?:incorrect|invalid|expired|missing|wrong|unknown|no|revoked) ${keyNoun}(?: (?:was |is )?(?:provided|supplied|given|found|sent)\b|\s*[.:!,;]|$)|(?:(?:the|your|this|provided) ){0,2}${keyNoun}(?: provided)? (?:(?:is|was|has been|has|are|were) )?(?:not valid|invalid|incorrect|expired|revoked|disabled|deactivated|suspended|blocked|leaked|missing|required|reported as leaked|not found|does not exist))`,
  'i',
);
/** Narrower than for a 403, since under a 400 most texts are about what the request holds. */
const badKeyText = /^(?:error: ?)?(?:api key not valid|(?:invalid|incorrect) api key(?: provided)?)\b/i;

const modelWord =
  /^(?:model_(?:not_(?:found|available|supported)|decommissioned|deprecated|retired|unavailable|access_denied|not_exist)|invalid_model|(?:unknown|unsupported|no_such)_model|deploymentnotfound)$/i;
const missing =
  "(?:not found|does(?:n't| not) exist|(?:not|isn't) (?:supported|available|accessible|enabled|deployed)|deprecated|decommissioned|retired|discontinued|no longer|unavailable|(?:no|not have) access|end of life|removed|could not be found|try pulling|unknown|not a valid)";
/** The model with what is wrong with it: its name alone may begin what is said of this one request. */
const modelText = new RegExp(
  [
    String.raw`^(?:error: ?)?(?:(?:the |your |this )?(?:requested |specified )?(?:model|engine|deployment)(?! response)\b|models\/)[^]{0,200}?\b${missing}\b`,
    String.raw`^(?:error: ?)?(?:no endpoints found for\b|no such model\b|unknown model\b|model: \S+$)`,
    String.raw`^(?:error: ?)?project \S+ does not have access to (?:the )?model\b`,
    String.raw`^(?:error: ?)?you (?:don't|do not) have (?:access to|permission to access) (?:the )?(?:tuned )?model\b`,
    String.raw`^(?:error: ?)?you are not allowed to sample from this model\b`,
    String.raw`^permission '\S+' denied on (?:resource )?\S*\/models\/`,
    String.raw`^\S+ is not a valid model\b`,
    String.raw`^[\w.:/@-]{1,200} (?:is|was|has been) (?:retired|deprecated|decommissioned|discontinued)\b`,
  ].join('|'),
  'i',
);

/** Whole sentences, so that they count under a 400 too, where most texts about a model are about a parameter. */
const goneText =
  /^(?:[\w.:/@-]{1,200} is not a valid model ID\.?$|model not exist\.?$|function '[\w-]{36}': not found for account\b|function id '[\w-]{36}': degraded function cannot be invoked|publisher model `?projects\/\S+ (?:was|is) not found\b|project \S{1,100} is not allowed to use publisher model\b)/i;

/** Under a 401, where most texts are about a key, the model must also be said to be missing. */
const missingModelText =
  /^(?:error: ?)?(?:(?:the |your |this )?(?:requested |specified )?model \S{1,200} (?:is not (?:supported|available|found)|was not found|not found|does not exist)|no such model\b|unknown model\b)/i;

const behindText = /^provider returned error\b/i;

/** What is gone or another's is a file that this request names. */
const fileText = /\b(?:the|this|a) file\b|\bfiles?\/[\w-]+|\bcached ?contents?\b/i;

const lengthWord =
  /^(?:context_(?:length|window|size)_exceeded|exceed_context_size_error|contextwindowexceedederror|model_context_window_exceeded|prompt_too_long|model_max_prompt_tokens_exceeded|string_above_max_length|max_tokens_exceeded)$/i;
const lengthText =
  /\b(?:context (?:length|window|size|limit)|(?:prompt|input|request|messages?) (?:is|are) too (?:long|large)|too many (?:input |prompt )?tokens|token count\b.{0,40}\bexceeds|exceeds? the max(?:imum)? (?:number of )?(?:input )?tokens|max(?:imum)? (?:prompt|input) (?:length|tokens)|max(?:imum)? (?:model|allowed|sequence) length|input length limit|max_(?:seq|model)_len|n_ctx|max_num_tokens|max_position_embeddings|\d+ tokens\) is too (?:large|long)|reduce the length of|context shift is disabled|inputs?`? tokens \+|too large for model with|prompt exceeds max(?:imum)? length|exceed(?:s|ed) (?:the )?model token limit|range of input length should be)|ContextWindowExceeded/i;
/** Under a 5xx a text must also say that something is too long: a host without memory names the context length too. */
const tooLongText =
  /\bexceed|\b(?:longer|larger|greater|more) than\b|\btoo (?:long|large|many)\b|\boverflow|\bcannot truncate\b|\bcontext shift is disabled\b|\breduce the length\b|tokens \+|ContextWindowExceeded/i;
const noMemoryText = /\bout of memory\b|\balloc|\bloading\b|\bfailed to\b/i;

/** Of Text Generation Inference: its generation broke. */
const generationWord = /^(?:incomplete_)?generation$/;

/** Of Groq: its model has called a tool, or written JSON, in a form that the request does not allow. */
const formWord = /^(?:tool_use_failed|json_validate_failed)$/;

const contentWord =
  /^(?:content_(?:filter|violation)|(?:image_)?content_policy_violation|(?:bio|cyber|misalignment)_policy(?:_violation)?|moderation(?:_blocked|_error)?|responsibleaipolicyviolation|safety|policy_violation|flagged|prohibited_content)$/i;
const contentText =
  /\b(?:flagged|moderat(?:ed|ion)|content (?:policy|filter)|safety (?:system|filter|settings|policy)|(?:usage|acceptable use) polic|violat(?:es|ed|ion)|unsafe|prohibited|sensitive content)/i;

/** A filter's verdict under a 5xx, as LiteLLM passes it on. Narrower than the words of a 403: an outage has words too. */
const filteredText =
  /\bContentPolicyViolationError\b|\bcontent management policy\b|\bprompt triggering\b|\bResponsibleAIPolicyViolation\b/i;

/** What local servers answer 500 to, though the request is what is wrong; mostly llama.cpp and what wraps it. */
const requestText = new RegExp(
  [
    String.raw`\b(?:image|audio|video|vision|multi-?modal|file|tool|function)(?:s|[ -]call(?:s|ing)?)?(?: (?:input|content|data|url|use))?s? (?:is|are) not supported`,
    String.raw`\bdoes(?:n't| not) support (?:image|audio|video|vision|multi-?modal|tool|function|system (?:role|message))`,
    String.raw`\bunsupported content (?:type|part)|\bunsupported content\[\]\.type`,
    String.raw`\bfailed to (?:load|decode|process|fetch|download) (?:the )?(?:image|audio|video)\b|\bcannot identify image file\b`,
    String.raw`\bjinja\b.{0,20}\b(?:exception|error)|\braise_exception\(|\bwhile executing \w+ at line \d+|\berror rendering prompt\b|\btemplateerror\b`,
    String.raw`\broles must alternate\b|\bmust alternate between\b`,
    String.raw`\b\w+ param requires --jinja\b`,
    String.raw`^error retrieving tool list from mcp server\b`,
    String.raw`^litellm\.(?:BadRequestError|UnprocessableEntityError|UnsupportedParamsError)\b`,
  ].join('|'),
  'i',
);

/** Both numbers of a rate limit's text, whichever stands first, with a K or M where there is one. */
const amount = String.raw`(\d[\d,.]{0,15}) ?([KM])?\b`;
const limitThenRequested = new RegExp(
  String.raw`\blimit\b\D{0,12}${amount}.{0,40}?\brequested\b\D{0,12}${amount}`,
  'i',
);
const requestedThenLimit = new RegExp(
  String.raw`\brequested\b\D{0,12}${amount}.{0,40}?\blimit\b\D{0,12}${amount}`,
  'i',
);
const tooLargeText = /^request too large\b/i;
/** The account may not send prompts of that length at all: no limit that is full now, but a door that is closed. */
const longContextText =
  /\b(?:required|not (?:yet )?(?:available|enabled|supported|included|allowed))\b.{0,40}\blong[- ]context\b|\blong[- ]context\b.{0,60}\b(?:requires?|required|not (?:yet )?(?:available|enabled|supported|included|allowed))\b/i;
/** What no limit per minute says of itself. */
const longPromptText =
  /\b(?:prompt|input) (?:is|are) too (?:long|large)\b|\bmax(?:imum)? context (?:length|window)\b|\bexceeds? .{0,40}\bcontext (?:length|window|size)\b/i;

/**
 * The credit does not cover this request's `max_tokens`, or its prompt; smaller requests still pass (OpenRouter's 402,
 * and brokers like it). What it wants, and what is left, in tokens or money.
 */
const creditTexts: readonly RegExp[] = [
  /\brequested up to (?<wanted>[\d,]{1,15})\b.{0,40}?\bcan only afford (?<left>[\d,]{1,15})\b/i,
  /\bcan only afford (?<left>[\d,]{1,15})\b.{0,40}?\brequested up to (?<wanted>[\d,]{1,15})\b/i,
  /^prompt tokens limit exceeded: *(?<wanted>[\d,]{1,15}) *> *(?<left>[\d,]{1,15})\b/i,
  /\bcosts? (?:up to )?\$?(?<wanted>[\d,.]{1,15})\b.{0,60}?\b(?:balance|credit) (?:is|of) \$?(?<left>[\d,.]{1,15})/i,
];

/** How much of a text is searched. A template's exception shows the template first. */
const SEARCHED_CHARACTERS = 300;
const SEARCHED_TEMPLATE_CHARACTERS = 2_000;

/** Whether an error about this says nothing of what other requests would get. */
export function concernsOne(subject: ErrorSubject | null): boolean {
  return subject === 'credit' || subject === 'never' || subject === 'content';
}

/** A status as a number beside a text, in place of an answer, which would have the field `answer`: what a proxy says. */
export function isStatusAlone(payload: JsonRecord, answer: 'choices' | 'content'): boolean {
  const { code, message } = payload;
  const isStatus = typeof code === 'number' && code >= 400 && code < 600;
  return isStatus && typeof message === 'string' && payload[answer] === undefined;
}

/** What an error answer without any JSON is about, as far as its form says so. */
export function subjectOfForm(status: number, body: Buffer): ErrorSubject | null {
  if (status === 404 || status === 405) return 'address';
  return status === 403 && isMarkup(body) ? 'firewall' : null;
}

/** What the error is about; null where its words do not say. */
export function subjectOf({ status, words, message, flagged, behind = false }: ErrorWords): ErrorSubject | null {
  const has = (pattern: RegExp) => words.some((word) => pattern.test(word));
  const text = message.slice(0, SEARCHED_CHARACTERS);
  if (status === 429) return of429(has(lengthWord), text);
  if (status === 402) return exceedsCredit(text) ? 'credit' : null;
  if (status === 498) return 'capacity';
  if (status === 424 && has(generationWord)) return 'provider';
  if (has(formWord)) return 'form';
  if (has(lengthWord) || (mayReportLength(status) && saysTooLong(status, text))) return 'length';
  if (status === 401) return has(otherAccountWord) ? 'request' : of401(has(modelWord), behind, text);
  if (flagged || has(contentWord)) return 'content';
  if (status === null || status >= 500) {
    if (filteredText.test(text)) return 'content';
    if (requestText.test(message.slice(0, SEARCHED_TEMPLATE_CHARACTERS))) return 'request';
  }
  if (status !== null && status >= 500) return null;
  if (has(modelWord) || goneText.test(text)) return 'model';
  if (status === 403 && contentText.test(text)) return 'content';
  if (status === 403 && fileText.test(text)) return 'request';
  if (status === 403 && behind) return 'behind';
  if (mayReportModel(status) && modelText.test(text)) return 'model';
  return isAboutKey(status, has, text) ? 'key' : null;
}

function saysTooLong(status: number | null, text: string): boolean {
  if (!lengthText.test(text)) return false;
  return status === null || status < 500 || (tooLongText.test(text) && !noMemoryText.test(text));
}

function isAboutKey(status: number | null, has: (pattern: RegExp) => boolean, text: string): boolean {
  if (status === 403) return has(keyWord) || keyText.test(text);
  if (status === 400) return has(badKeyWord) || badKeyText.test(text);
  return status === null && has(keyWord);
}

function of401(hasModelWord: boolean, behind: boolean, text: string): ErrorSubject {
  if (behind || behindText.test(text)) return 'behind';
  return hasModelWord || missingModelText.test(text) ? 'model' : 'key';
}

function of429(hasLengthWord: boolean, text: string): ErrorSubject | null {
  if (hasLengthWord || longPromptText.test(text)) return 'length';
  return neverPasses(text) || longContextText.test(text) ? 'never' : null;
}

/** A request that alone exceeds the limit never passes, however long anybody waits. */
function neverPasses(message: string): boolean {
  const [, limit, limitUnit, requested, unit] = limitThenRequested.exec(message) ?? [];
  if (limit !== undefined && requested !== undefined) return number(requested, unit) > number(limit, limitUnit);
  const [, first, firstUnit, second, secondUnit] = requestedThenLimit.exec(message) ?? [];
  if (first !== undefined && second !== undefined) return number(first, firstUnit) > number(second, secondUnit);
  return tooLargeText.test(message);
}

/** Whether there is credit, but less than this request could use. Without any, it is exhausted for all. */
function exceedsCredit(message: string): boolean {
  return creditTexts.some((pattern) => {
    const { wanted = '', left = '' } = pattern.exec(message)?.groups ?? {};
    return number(left) > 0 && number(wanted) > number(left);
  });
}

function number(digits: string, unit = ''): number {
  const factor = { '': 1, k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? Number.NaN;
  return Number(digits.replaceAll(',', '').replace(/\.$/, '')) * factor;
}

/** Statuses under which servers report a prompt that is too long; null is an error inside a 200 without a status. */
function mayReportLength(status: number | null): boolean {
  return status === null || status === 400 || status === 413 || status === 422 || status >= 500;
}

function mayReportModel(status: number | null): boolean {
  return status === 403 || status === 404 || status === 410;
}
