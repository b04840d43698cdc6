/**
 * Reads errors of OpenAI and of compatible providers, from a body or from inside a stream. Known shapes: `{"error":
 * {…}}`, `{"error": "text"}`, vLLM's `{"object": "error", "message"}`, FastAPI's `{"detail"}` as a text or as a list of
 * fields, Gemini's `{"error": {code, status, details}}`, alone or in an array, `{"code": 400, "message"}`, and OpenRouter's
 * in a choice.
 *
 * Inside a 200, only the error's own words show which status it stands for. `code` is read before `type`, because a
 * timeout has been seen with the type `invalid_request_error`. If neither is known, the status is null and the error
 * can be retried.
 */

import { asArray, asRecord, asString, type JsonRecord, parseJson } from '../../shared/json.ts';
import { describeErrorBody, readErrorRecord } from '../../wire/error-body.ts';
import { isAccountError } from '../account-error.ts';
import { concernsOne, isStatusAlone, subjectOf, subjectOfForm } from '../error-subject.ts';
import type { UpstreamError } from '../upstream-error.ts';

/** Values of `error.code`, `error.status` and `error.type`, and the HTTP status that each stands for. */
const statusOfWord: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['BadRequestError', 400],
  ['context_length_exceeded', 400],
  ['exceed_context_size_error', 400],
  ['validation', 422],
  // What failed responses say of the prompt, of the pictures in it and of the servers that it names.
  ['invalid_prompt', 400],
  ['data_residency_mismatch', 400],
  ['invalid_image', 400],
  ['invalid_image_format', 400],
  ['invalid_image_mode', 400],
  ['invalid_image_url', 400],
  ['invalid_base64_image', 400],
  ['image_too_large', 400],
  ['image_too_small', 400],
  ['image_parse_error', 400],
  ['image_file_too_large', 400],
  ['image_file_not_found', 400],
  ['unsupported_image_media_type', 400],
  ['empty_image_file', 400],
  ['failed_to_download_image', 400],
  ['external_connector_error', 424],
  ['content_filter', 400],
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['authentication_error', 401],
  ['invalid_api_key', 401],
  ['mismatched_organization', 401],
  ['mismatched_project', 401],
  ['invalid_organization', 401],
  ['UNAUTHENTICATED', 401],
  ['permission_error', 403],
  ['PERMISSION_DENIED', 403],
  ['not_found_error', 404],
  ['model_not_found', 404],
  ['NOT_FOUND', 404],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
  ['too_many_requests_error', 429],
  ['queue_exceeded', 429],
  ['requests', 429],
  ['tokens', 429],
  ['insufficient_quota', 429],
  ['RESOURCE_EXHAUSTED', 429],
  ['server_error', 500],
  ['internal_error', 500],
  ['internal_server_error', 500],
  ['InternalServerError', 500],
  ['api_error', 500],
  ['INTERNAL', 500],
  ['service_unavailable', 503],
  ['service_unavailable_error', 503],
  ['generation', 500],
  ['incomplete_generation', 500],
  ['overloaded', 503],
  ['UNAVAILABLE', 503],
  ['timeout', 504],
  ['timeout_error', 504],
  ['request_timeout', 504],
  ['DEADLINE_EXCEEDED', 504],
  ['overloaded_error', 529],
]);

/** For providers that send no code. Checked only at 429: the message of a 400 may quote the client's own text. */
const quotaText = /insufficient (?:balance|credits?|funds|quota)|credit balance|out of credits|spend(?:ing)? limit/i;

/** Gemini's, of a model that the account may not use at all: no wait of a minute helps. */
const noQuotaText = /\bquota exceeded for metric: \S{1,200}, limit: 0\b/i;

/** Reads the body of an answer with an error status. */
export function readError(status: number, body: Buffer): UpstreamError {
  const record = readErrorRecord(body);
  const error = record === null ? null : readErrorPayload(record, status);
  if (error !== null) return error;
  const text = bare(status, describeErrorBody(status, body));
  return record === null ? { ...text, subject: subjectOfForm(status, body) ?? text.subject } : text;
}

/** The error in a parsed payload, in any of the known shapes; null if there is none. */
export function readErrorPayload(payload: JsonRecord, status: number | null = null): UpstreamError | null {
  const inner = payload.error;
  // Text Generation Inference names the kind beside the text: {"error": "…", "error_type": "validation"}.
  if (typeof inner === 'string' && inner !== '') {
    return fromRecord({ message: inner, code: payload.code, type: payload.error_type }, status);
  }
  const record = asRecord(inner);
  if (record !== null) return fromRecord(record, status);
  if (payload.object === 'error' || payload.type === 'error') return fromRecord(payload, status);
  if (isStatusAlone(payload, 'choices')) return fromRecord(payload, status);
  if (status === null) return null;
  // The following shapes are errors only with an error status. In a 200 they would be odd, but not errors.
  const fields = wrongFields(payload.detail);
  if (fields !== null) return fromRecord({ ...payload, ...fields }, status);
  if (asString(payload.message) !== null) return fromRecord(payload, status);
  const detail = asString(payload.detail);
  return detail === null ? null : bare(status, detail);
}

/** So many fields of a list are named. */
const MOST_FIELDS = 4;

/**
 * The fields that FastAPI finds wrong, as one text with the first of them as its `param`: `[{loc, msg}]`, alone, as
 * `{detail: […]}` or as the text of that. Null for what is none.
 */
function wrongFields(value: unknown): { readonly message: string; readonly param: string } | null {
  const given = typeof value === 'string' && value.startsWith('{') ? parseJson(value) : value;
  const list = Array.isArray(given) ? given : asArray(asRecord(given)?.detail);
  const fields = list.flatMap((each) => {
    const { loc, msg } = asRecord(each) ?? {};
    const path = asArray(loc).filter((part) => typeof part === 'string' || typeof part === 'number');
    const text = asString(msg);
    return text === null ? [] : [{ param: path.slice(path[0] === 'body' ? 1 : 0).join('.'), text }];
  });
  const [first] = fields;
  if (first === undefined) return null;
  const texts = fields.slice(0, MOST_FIELDS).map(({ param, text }) => (param === '' ? text : `${param}: ${text}`));
  return { message: texts.join('; '), param: first.param };
}

/** Finish reasons that are failures: OpenRouter's, Zhipu's, DeepSeek's, and of vLLM and SGLang. What came is cut off. */
const abortedWords: ReadonlySet<string> = new Set(['error', 'network_error', 'insufficient_system_resource', 'abort']);

/** The error that stands in a choice (OpenRouter), or is only its finish reason; null if there is none. */
export function choiceError(choices: readonly unknown[]): UpstreamError | null {
  for (const value of choices) {
    const choice = asRecord(value);
    if (choice === null) continue;
    const error = choice.error ? readErrorPayload({ error: choice.error }) : null;
    if (error !== null) return error;
    if (abortedWords.has(asString(choice.finish_reason) ?? '')) return bare(null, 'the provider aborted its answer');
  }
  return null;
}

/** An error of which only a text, and perhaps a status and a code, is known. */
export function bare(status: number | null, message: string, code: string | null = null): UpstreamError {
  return fromRecord({ message, code }, status);
}

function fromRecord(given: JsonRecord, httpStatus: number | null): UpstreamError {
  const record: JsonRecord = { ...given, ...wrongFields(given.message) };
  const code = word(record.code);
  const type = word(record.type);
  const words = [code, word(record.status), type].filter((each) => each !== null);
  const status = httpStatus ?? statusOf(words);
  const message = asString(record.message) ?? describeErrorBody(status, Buffer.alloc(0));
  const details = asArray(record.details).map(asRecord);
  // Azure and Gemini put the word that matters one level down.
  const inner = [asRecord(record.innererror)?.code, ...details.map((detail) => detail?.reason)].map(word);
  const reasons = [...words, ...inner.filter((each) => each !== null)];
  const subject = subjectOf({
    status,
    words: reasons,
    message,
    flagged: isFlagged(record),
    behind: asString(asRecord(record.metadata)?.provider_name) !== null,
  });
  return {
    status,
    message,
    type: type === null || type === 'error' ? 'upstream_error' : type,
    param: asString(record.param),
    // Clients know by OpenAI's code when to make a conversation shorter; compatible servers have other codes, or none.
    code: subject === 'length' ? 'context_length_exceeded' : code,
    // What concerns one request alone says nothing about what is left for others.
    quota: !concernsOne(subject) && isQuota(reasons, status, message, details),
    subject,
    retryAfterMs: retryDelayMs(details),
  };
}

/** OpenRouter's moderation says in `metadata` why it refuses a prompt; others only that they have flagged it. */
function isFlagged(record: JsonRecord): boolean {
  const metadata = asRecord(record.metadata);
  return record.flagged === true || metadata?.flagged_input !== undefined || asArray(metadata?.reasons).length > 0;
}

/** Codes come as strings and, from vLLM, OpenRouter and Gemini, as the HTTP status in a number. */
function word(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : asString(value);
}

function statusOf(words: readonly string[]): number | null {
  for (const each of words) {
    const known = statusOfWord.get(each) ?? (/^[45]\d\d$/.test(each) ? Number(each) : undefined);
    if (known !== undefined) return known;
    if (isAccountError([each], '')) return 429;
  }
  return null;
}

function isQuota(
  words: readonly string[],
  status: number | null,
  message: string,
  details: readonly (JsonRecord | null)[],
): boolean {
  if (status === 402 || isAccountError(words, message)) return true;
  // Gemini sends "exceeded your current quota" for the limit per minute too. Only the limit per day counts as quota.
  const violations = details.flatMap((detail) => asArray(detail?.violations).map(asRecord));
  if (violations.some((violation) => asString(violation?.quotaId)?.includes('PerDay'))) return true;
  return status === 429 && (quotaText.test(message) || noQuotaText.test(message));
}

/** `RetryInfo.retryDelay` in ms; null if there is none. Protobuf's JSON writes a duration as `34.4s`. */
function retryDelayMs(details: readonly (JsonRecord | null)[]): number | null {
  for (const detail of details) {
    const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(asString(detail?.retryDelay) ?? '')?.[1];
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1_000);
  }
  return null;
}
