/**
 * Logs: JSON lines, or coloured text on a terminal. Secrets are struck out by value in the finished line, wherever they
 * stand (an error's message, a URL), since patterns miss what they have not seen. Prompts and answers are never logged.
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
  /** What must never be seen. */
  readonly redactor: Redactor;
  /** Coloured text for people instead of JSON lines. */
  readonly pretty: boolean;
  /** Fields on every line, such as the worker's slot. */
  readonly base?: Readonly<Record<string, unknown>>;
}

/** Where whole lines go that somebody else has composed. */
export interface LineSink {
  write(line: string): void;
}

const FLUSH_MS = 100;

/** What a pipe takes in one piece (PIPE_BUF): lines of several workers on one pipe never mix. */
const ATOMIC_WRITE_BYTES = 4096;

/** A file takes any write in one piece, and the fewer there are the less they cost. */
const FILE_WRITE_BYTES = 64 * 1024;

/** A logger on standard output. */
export function createLog(options: LogOptions): Log {
  return options.pretty ? prettyLog(options) : pino(settingsOf(options), pino.destination({ dest: 1, sync: true }));
}

/**
 * The logger of who logs every request: lines are written several at a time, each at most 100 ms late. `sink` takes
 * lines that are complete, in order with the logger's own; null where people read.
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
 * Puts whole lines together into blocks. The destination could do that too, but measures all that is waiting again with
 * each line.
 */
export class LineBlocks implements LineSink {
  readonly #destination: LineSink;
  readonly #largest: number;
  #block = '';
  #bytes = 0;

  /** @param largest bytes of a block, unless a single line is longer */
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

  /** Hands on what is waiting. */
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
 * An error as fields of a line. What the system said (a folder that cannot be written) is for somebody to mend, who
 * needs no stack; everything else may be a bug, and does.
 */
export function errorFields(error: unknown): { readonly reason: string } | { readonly err: unknown } {
  return error instanceof Error && systemCode(error) !== null ? { reason: error.message } : { err: error };
}

/** Strikes known secrets out of text. What it has once been told it never forgets: a request may still carry an old key. */
export class Redactor {
  #forms: string[] = [];

  constructor(secrets: readonly string[] = []) {
    this.know(secrets);
  }

  /** Takes further secrets, such as those of a reloaded configuration; empty ones are ignored. */
  know(secrets: readonly string[]): void {
    const forms = new Set([
      ...this.#forms,
      ...secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]),
    ]);
    forms.delete('');
    // Longest first, so that a secret within a secret leaves no remainder.
    this.#forms = [...forms].sort((a, b) => b.length - a.length);
  }

  /** Replaces each secret in a text, also where JSON has escaped it. */
  redact(text: string): string {
    let redacted = text;
    for (const form of this.#forms) if (redacted.includes(form)) redacted = redacted.replaceAll(form, '[redacted]');
    return redacted;
  }
}

/** Every secret of a configuration. */
export function secretsOf(config: Config): string[] {
  const apiKeys = Object.values(config.providers).map((provider) => provider.apiKey);
  return [...config.server.keys, ...apiKeys, config.admin.token ?? ''].filter((secret) => secret !== '');
}
