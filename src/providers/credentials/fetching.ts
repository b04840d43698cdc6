/**
 * What it takes to fetch credentials, and what comes of it. Sources get the outside world as `FetchTools`, so that they
 * are the same in the primary, in a worker that is alone, in `check --live` and in a test.
 */
import { asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import { shownPath } from '../../shared/secrets/pasted-key.ts';
import type { FetchedValues } from './types.ts';

/** Fetched credentials. */
export interface Fetched {
  readonly values: FetchedValues;
  /** Since 1970, by this host's clock; null: they do not end, or nobody knows when. */
  readonly expiresAtMs: number | null;
}

/** Fetches credentials with a provider's settings. Rejects with a `CredentialsError`. */
export type Source = (settings: Readonly<Record<string, string>>, tools: FetchTools) => Promise<Fetched>;

/** A place where credentials may be: null if there are none there. Rejects if there are, but they cannot be had. */
export type Place = (settings: Readonly<Record<string, string>>, tools: FetchTools) => Promise<Fetched | null>;

/** The outside world, as far as a source needs it. */
export interface FetchTools {
  /** Variables; an empty one counts as none. */
  readonly variable: (name: string) => string | null;
  /** Since 1970. */
  readonly nowMs: () => number;
  /** Null if there is no such file. Rejects with a `CredentialsError` if it cannot be read. */
  readonly readFile: (path: string) => Promise<string | null>;
  /** Sends one request. Rejects with a `CredentialsError` if there is no answer. */
  readonly ask: (question: Question) => Promise<Answer>;
}

/** A request for credentials. */
export interface Question {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The fields of a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Answers at once or is not there: an address of the host's own network. */
  readonly near?: boolean;
}

/** An answer of any status. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** What the server's clock says, since 1970; null if it does not say it. */
  readonly dateMs: number | null;
}

/** Credentials could not be had. The message says why and from where, and holds no secret. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

/** What a file says, without blanks around it. Rejects with a `CredentialsError` if it is not there or cannot be read. */
export async function contentsOf(path: string, { readFile }: FetchTools): Promise<string> {
  const text = await readFile(path);
  if (text === null) throw new CredentialsError(`there is no file at ${shownPath(path)}`);
  return text.trim();
}

/** The end of credentials by this host's clock, from the end by the clock of who gave them. */
export function localEnd(remoteMs: number, { dateMs }: Answer, { nowMs }: FetchTools): number {
  return dateMs === null ? remoteMs : remoteMs - dateMs + nowMs();
}

/** The fields of a JSON answer of success. Throws a `CredentialsError` for any other. */
export function fieldsOf(answer: Answer, from: string): JsonRecord {
  const fields = asRecord(parseJson(answer.body));
  if (answer.status !== 200) throw refusal(answer, from, fields);
  if (fields === null) throw new CredentialsError(`${from} answers with what is no JSON`);
  return fields;
}

/** A field that must be a text. */
export function textOf(fields: JsonRecord, name: string, from: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new CredentialsError(`${from} has no ${name}`);
}

const MAX_REASON_LENGTH = 200;

/** What a server says when it refuses: the forms of OAuth, and those of the metadata servers. */
function refusal({ status }: Answer, from: string, fields: JsonRecord | null): CredentialsError {
  const said = [fields?.error, fields?.error_description, fields?.message, fields?.Message];
  const reason = said.filter((part) => typeof part === 'string').join(': ');
  return refused(from, status, reason);
}

/** The error for an answer that is none of success. */
export function refused(from: string, status: number, reason: string): CredentialsError {
  const short = reason.replace(/\s+/g, ' ').slice(0, MAX_REASON_LENGTH);
  return new CredentialsError(`${from} answers ${status}${short === '' ? '' : ` ${short}`}`);
}
