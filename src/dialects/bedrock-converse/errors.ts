/**
 * Reads Bedrock's errors: the body of an answer (`{message}`, and `__type` from some of its gates; the header that names the
 * error is not part of it), and exceptions inside a stream, which the frame names. Source: the error pages of the API
 * reference of Converse and ConverseStream, and the model of @aws-sdk/client-bedrock-runtime.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { describeErrorBody, readErrorRecord } from '../../wire/error-body.ts';
import { isAccountError } from '../account-error.ts';
import { concernsOne, type ErrorSubject, subjectOf, subjectOfForm } from '../error-subject.ts';
import type { UpstreamError } from '../upstream-error.ts';

/** Names of errors, and the status of each. */
const statusOfName: ReadonlyMap<string, number> = new Map([
  ['ValidationException', 400],
  ['ServiceQuotaExceededException', 400],
  ['ConflictException', 400],
  ['AccessDeniedException', 403],
  ['ExpiredTokenException', 403],
  ['IncompleteSignatureException', 403],
  ['InvalidSignatureException', 403],
  ['MissingAuthenticationTokenException', 403],
  ['UnrecognizedClientException', 403],
  ['ResourceNotFoundException', 404],
  ['UnknownOperationException', 404],
  ['ModelTimeoutException', 408],
  ['ModelErrorException', 424],
  ['ModelStreamErrorException', 424],
  ['ModelNotReadyException', 429],
  ['ThrottlingException', 429],
  ['InternalServerException', 500],
  ['ServiceUnavailableException', 503],
]);

/** The gate before all services refuses the key, or what was signed with it. */
const keyNames: ReadonlySet<string> = new Set([
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
]);
const keyText =
  /^(?:the security token included in the request is|the request signature we calculated does not match|authentication failed: please make sure your api key|missing authentication token|(?:api key|bearer token) has expired)/i;
/** Clocks that differ: the key is as good as ever. */
const clockText = /^signature (?:expired|not yet current)\b/i;

/** The model with what is wrong with it; whole beginnings, so that they count under a 400 too. */
const modelText = new RegExp(
  [
    'the provided model identifier is invalid',
    String.raw`invocation of model id \S{1,300} with on-demand throughput is(?:n.t| not) supported`,
    'could not resolve the foundation model\\b',
    String.raw`(?:the |this )?(?:specified |provided )?model\b.{0,60}\b(?:end of its life|not found|is not supported in this region)`,
    String.raw`access denied\. this model is marked by provider as legacy`,
    "you (?:don't|do not) have access to the model\\b",
    String.raw`(?:user: )?\S{1,300} is not authorized to perform: bedrock:\w+ on resource`,
    'model access is denied\\b',
  ]
    .map((text) => `^(?:error: ?)?${text}`)
    .join('|'),
  'i',
);

/** Beside the words that others have for it too. */
const lengthText =
  /\bnumber of input tokens exceeds\b|\binput tokens exceeded\b|\bexpected maxLength: \d+, actual: \d+/i;
/** Under a 400 and a 429: what a day allows, or the account at all. */
const quotaText = /\btoo many tokens per day\b|\bexceeds the service quota\b|\bservice quota for your account\b/i;

/** Reads the body of an answer with an error status. */
export function readError(status: number, body: Buffer): UpstreamError {
  const record = readErrorRecord(body);
  const text = describeErrorBody(status, body);
  if (record === null) {
    const error = makeError('', text, status);
    return { ...error, subject: subjectOfForm(status, body) ?? error.subject };
  }
  const inner = asRecord(record.Output) ?? record;
  return makeError(nameIn(inner), messageIn(inner) ?? text, status);
}

/** The error that the whole answer of a 200 is, by the name that it bears; null if it is none. */
export function errorNamedIn(answer: JsonRecord): UpstreamError | null {
  const name = nameIn(asRecord(answer.Output) ?? answer);
  return name === '' ? null : errorNamed(name, answer);
}

/** An error of which the name is known, as in a stream. */
export function errorNamed(name: string, payload: JsonRecord): UpstreamError {
  const plain = plainName(name);
  const { originalStatusCode: original } = payload;
  const behind = typeof original === 'number' && original >= 400 && original < 600 ? original : null;
  const status = plain === 'ModelStreamErrorException' ? (behind ?? 424) : (statusOfName.get(plain) ?? null);
  return makeError(plain, messageIn(payload) ?? 'the provider reported an error', status);
}

/** Whether an event is an error by its name, whatever its frame says. */
export function isErrorName(name: string): boolean {
  return name.endsWith('Exception');
}

/** `com.amazon.coral.service#UnknownOperationException`, or `…Exception:http://…`. */
function nameIn(record: JsonRecord): string {
  return plainName(asString(record.__type) ?? asString(record.code) ?? '');
}

/** In a stream it begins in lower case. */
function plainName(name: string): string {
  const own = name.slice(name.lastIndexOf('#') + 1).split(':', 1)[0] ?? '';
  return own.charAt(0).toUpperCase() + own.slice(1);
}

/** Gates before the service write it in upper case. */
function messageIn({ message, Message, originalMessage }: JsonRecord): string | null {
  return asString(message) || asString(Message) || asString(originalMessage) || null;
}

function makeError(name: string, message: string, status: number | null): UpstreamError {
  const subject = ownSubject(name, message, status) ?? subjectOf({ status, words: [name], message, flagged: false });
  return {
    status,
    message,
    type: name === '' ? 'upstream_error' : name,
    param: null,
    // Clients know by OpenAI's code when to make a conversation shorter.
    code: subject === 'length' ? 'context_length_exceeded' : null,
    // What concerns one request alone says nothing about what is left for others.
    quota: !concernsOne(subject) && (status === 402 || quotaText.test(message) || isAccountError([name], message)),
    subject,
    retryAfterMs: null,
  };
}

/** What Bedrock alone says so; null for all that others say too. */
function ownSubject(name: string, message: string, status: number | null): ErrorSubject | null {
  if (name === 'UnknownOperationException') return 'address';
  const isOfKey = keyNames.has(name) || ((status === 401 || status === 403) && keyText.test(message));
  if (isOfKey && !clockText.test(message)) return 'key';
  // A generation that broke.
  if (status === 424) return 'provider';
  if (status === 400 || status === 403 || status === 404) {
    if (modelText.test(message) || name === 'ResourceNotFoundException' || status === 404) return 'model';
  }
  return (status === 400 || status === null) && lengthText.test(message) ? 'length' : null;
}
