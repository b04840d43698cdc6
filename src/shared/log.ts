/**
 * Logs: JSON lines, or coloured text on a terminal. Secrets are struck out by value in the finished line, wherever they
 * stand (an error's message, a URL), since patterns miss what they have not seen. Prompts and answers are never logged.
 */
import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config, LogLevel } from '../config/types.ts';

export type Log = pino.Logger;

export interface LogOptions {
  readonly level: LogLevel;
  /** Values that must never be seen; empty ones are ignored. */
  readonly secrets: readonly string[];
  /** Coloured text for people instead of JSON lines. */
  readonly pretty: boolean;
  /** Fields on every line, such as the worker's slot. */
  readonly base?: Readonly<Record<string, unknown>>;
}

/** A logger on standard output. */
export function createLog(options: LogOptions): Log {
  const strike = secretStriker(options.secrets);
  const settings = {
    level: options.level,
    base: options.base ?? {},
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: strike },
  };
  if (options.pretty) return pino(settings, pretty({ sync: true, ignore: 'worker', singleLine: true }));
  return pino(settings, pino.destination({ dest: 1, sync: true }));
}

/** Every secret of a configuration. */
export function secretsOf(config: Config): string[] {
  const apiKeys = Object.values(config.providers).map((provider) => provider.apiKey);
  return [...config.server.keys, ...apiKeys, config.admin.token ?? ''].filter((secret) => secret !== '');
}

/** A function that replaces each secret in a line, also where JSON has escaped it. */
export function secretStriker(secrets: readonly string[]): (line: string) => string {
  const forms = new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
  forms.delete('');
  // Longest first, so that a secret within a secret leaves no remainder.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (line) =>
    ordered.reduce((text, secret) => (text.includes(secret) ? text.replaceAll(secret, '[redacted]') : text), line);
}
