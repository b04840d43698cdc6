/**
 * Logs: JSON lines, or coloured text on a terminal. Secrets are struck out by value in the finished line, wherever they
 * stand (an error's message, a URL), since patterns miss what they have not seen. Prompts and answers are never logged.
 */
import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config, LogLevel } from '../config/types.ts';
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
  /** Writes several lines at once, each at most 100 ms late: for who logs every request. Default false. */
  readonly buffered?: boolean;
}

const FLUSH_MS = 100;

/** What a pipe takes in one piece (PIPE_BUF): lines of several workers on one pipe never mix. */
const ATOMIC_WRITE_BYTES = 4096;

/** A logger on standard output. */
export function createLog({ level, redactor, pretty: forPeople, base = {}, buffered = false }: LogOptions): Log {
  const settings = {
    level,
    base,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: (line: string) => redactor.strike(line) },
  };
  if (forPeople) return pino(settings, pretty({ sync: true, ignore: 'worker', singleLine: true }));
  if (!buffered) return pino(settings, pino.destination({ dest: 1, sync: true }));
  const destination = pino.destination({
    dest: 1,
    sync: true,
    minLength: ATOMIC_WRITE_BYTES / 2,
    maxWrite: ATOMIC_WRITE_BYTES,
    periodicFlush: FLUSH_MS,
  });
  process.on('exit', () => destination.flushSync());
  return pino(settings, destination);
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
  strike(text: string): string {
    let struck = text;
    for (const form of this.#forms) if (struck.includes(form)) struck = struck.replaceAll(form, '[redacted]');
    return struck;
  }
}

/** Every secret of a configuration. */
export function secretsOf(config: Config): string[] {
  const apiKeys = Object.values(config.providers).map((provider) => provider.apiKey);
  return [...config.server.keys, ...apiKeys, config.admin.token ?? ''].filter((secret) => secret !== '');
}
