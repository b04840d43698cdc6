/**
 * Logs: JSON lines, or coloured text on a terminal. Secrets are redacted by value in the finished line, so that they
 * are found everywhere (an error's message, a URL); patterns would miss some. Prompts and answers are never logged.
 */
import { fstatSync } from 'node:fs';
import { type LoggerOptions, pino } from 'pino';
import pretty from 'pino-pretty';
import { systemClock } from './clock.ts';
import type { Config, LogLevel } from './config.ts';
import { systemCode } from './system-code.ts';

export type Log = pino.Logger;

interface LogOptions {
  readonly level: LogLevel;
  /** Redacts the secrets in each line. */
  readonly redactor: Redactor;
  /** Coloured text for people instead of JSON lines. */
  readonly pretty: boolean;
  /** Fields on every line, such as the worker's slot. */
  readonly base?: Readonly<Record<string, unknown>>;
}

/** Takes complete lines. */
export interface LineSink {
  write(line: string): void;
}

const FLUSH_MS = 100;

/** The largest atomic write to a pipe (PIPE_BUF): the lines of several workers on one pipe never mix. */
const ATOMIC_WRITE_BYTES = 4096;

/** A write to a file is atomic at any size, and fewer writes cost less. */
const FILE_WRITE_BYTES = 64 * 1024;

/** A logger on standard output. */
export function createLog(options: LogOptions): Log {
  return options.pretty ? prettyLog(options) : pino(settingsOf(options), pino.destination({ dest: 1, sync: true }));
}

/**
 * The logger of a process that logs each request. It writes several lines at a time, each at most 100 ms late. `sink`
 * takes complete lines, in order with the logger's own lines; null if the log is text for people.
 */
export function createBufferedLog(options: LogOptions): { readonly log: Log; readonly sink: LineSink | null } {
  if (options.pretty) return { log: prettyLog(options), sink: null };
  const largest = fstatSync(1).isFile() ? FILE_WRITE_BYTES : ATOMIC_WRITE_BYTES;
  const sink = new LineBlocks(pino.destination({ dest: 1, sync: true }), largest);
  systemClock.every(FLUSH_MS, () => sink.flushSync());
  process.on('exit', () => sink.flushSync());
  return { log: pino(settingsOf(options), sink), sink };
}

/**
 * Collects whole lines into blocks. The destination could do this too, but it measures all waiting lines again for each
 * new line.
 */
export class LineBlocks implements LineSink {
  readonly #destination: LineSink;
  readonly #largest: number;
  #block = '';
  #bytes = 0;

  /** @param largest most bytes of a block, unless a single line is longer */
  constructor(destination: LineSink, largest: number) {
    this.#destination = destination;
    this.#largest = largest;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > this.#largest) this.flushSync();
    this.#block += line;
    this.#bytes += bytes;
  }

  /** Writes the waiting lines. */
  flushSync(): void {
    if (this.#bytes === 0) return;
    const block = this.#block;
    this.#block = '';
    this.#bytes = 0;
    this.#destination.write(block);
  }
}

function prettyLog(options: LogOptions): Log {
  return pino(settingsOf(options), pretty({ sync: true, ignore: 'worker', singleLine: true }));
}

function settingsOf({ level, redactor, base = {} }: LogOptions): LoggerOptions {
  return {
    level,
    base,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: (line) => redactor.redact(line) },
  };
}

/**
 * An error as fields of a log line. An error of the system (a folder that cannot be written) has no stack, because an
 * operator fixes its cause. Any other error may be a bug and has its stack.
 */
export function errorFields(error: unknown): { readonly reason: string } | { readonly err: unknown } {
  return error instanceof Error && systemCode(error) !== null ? { reason: error.message } : { err: error };
}

/** Redacts known secrets in text. It keeps old secrets too, since a request may still carry an old key. */
export class Redactor {
  #forms: string[] = [];

  constructor(secrets: readonly string[] = []) {
    this.know(secrets);
  }

  /** Adds secrets, such as those of a reloaded configuration; those that cannot be secret are ignored. */
  know(secrets: readonly string[]): void {
    const forms = new Set([
      ...this.#forms,
      ...secrets.filter(canBeSecret).flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]),
    ]);
    // Longest first, so that no part of a secret that contains another one is left.
    this.#forms = [...forms].sort((a, b) => b.length - a.length);
  }

  /**
   * Replaces each secret in a text, also in its form as escaped JSON. In a JSON object or array only the string values
   * are looked at: a replaced digit or name would make another document of it.
   */
  redact(text: string): string {
    if (!this.#forms.some((form) => text.includes(form))) return text;
    if (!/^\s*[{[]/.test(text)) return this.#replaceIn(text);
    return text.replace(JSON_STRING, (literal: string, colon: string | undefined) =>
      colon === undefined ? this.#replaceIn(literal) : literal,
    );
  }

  #replaceIn(text: string): string {
    let redacted = text;
    for (const form of this.#forms) if (redacted.includes(form)) redacted = redacted.replaceAll(form, '[redacted]');
    return redacted;
  }
}

/** A string of JSON, with the colon after it if it is a name. */
const JSON_STRING = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** A shorter key is no secret: local servers want any word, and it would be replaced within ordinary words. */
const MIN_SECRET_LENGTH = 8;

/** Words of at least that length which configurations give to servers that want no key. */
const dummies = new Set([
  'not-needed',
  'no-key-required',
  'no-api-key',
  'lm-studio',
  'placeholder',
  'sk-no-key-required',
]);

function canBeSecret(text: string): boolean {
  return text.length >= MIN_SECRET_LENGTH && !dummies.has(text.toLowerCase());
}

/** Every secret of a configuration. */
export function secretsOf(config: Config): string[] {
  const apiKeys = Object.values(config.providers).map((provider) => provider.apiKey);
  return [...config.server.keys, ...apiKeys, config.admin.token ?? ''].filter((secret) => secret !== '');
}
