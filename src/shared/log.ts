/**
 * Logs: JSON lines, or coloured text on a terminal. Secrets are redacted by value in the finished line, so that they
 * are found everywhere (an error's message, a URL); patterns would miss some. Prompts and answers are never logged.
 *
 * Lines go to standard output without ever waiting for it (`output/`).
 */
import { isatty } from 'node:tty';
import { type LoggerOptions, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { systemClock } from './clock.ts';
import type { LogLevel } from './config.ts';
import { systemCode } from './host/system-code.ts';
import { LineBlocks, type LineSink } from './output/line-blocks.ts';
import { LogOutput, type Spill } from './output/log-output.ts';
import { openPort } from './output/port.ts';
import type { Redactor } from './secrets/redactor.ts';

export type Log = pino.Logger;

/** Local with the offset, as all times for people (`14:02:03+01:00`). */
const LOCAL = 'SYS:HH:MM:ssp';

interface LogOptions {
  readonly level: LogLevel;
  /** Redacts the secrets in each line. */
  readonly redactor: Redactor;
  /** Fields on every line, such as the worker's slot. */
  readonly base?: Readonly<Record<string, unknown>>;
  /** Several lines in one write, each at most 100 ms late; for a process that logs each request. */
  readonly inBlocks?: boolean;
  readonly spill?: Spill;
}

/** A log on standard output. */
interface OpenLog {
  readonly log: Log;
  /** Takes complete lines, in order with the logger's own. */
  readonly sink: LineSink;
  readonly output: LogOutput;
  /** Whether lines are coloured text for people, since standard output is a terminal. */
  readonly onTerminal: boolean;
}

const FLUSH_MS = 100;

/** Opens the log of this process, once. */
export function openLog(options: LogOptions): OpenLog {
  const { level, base = {}, inBlocks = false, spill } = options;
  const onTerminal = isatty(1);
  const render = onTerminal
    ? prettyFactory({ ignore: Object.keys(base).join(','), singleLine: true, translateTime: LOCAL })
    : asItIs;
  const port = openPort();
  const notice = (dropped: number) => noticeOf(options, render, dropped);
  const output = new LogOutput({ port, clock: systemClock, notice, ...(spill === undefined ? {} : { spill }) });
  // Otherwise a write beyond the limit of a file's size would end the process. Then it fails like one to a full disk.
  process.on('SIGXFSZ', () => undefined);
  const sink = inBlocks && !onTerminal ? blocksTo(output, port.atomicBytes) : output;
  process.on('exit', () => output.end());
  const log = pino(settingsOf(level, options), { write: (line) => sink.write(render(line)) });
  // Node would write its warnings to standard error, and wait for its reader.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.warn({ err: warning }, 'Node warns'));
  return { log, sink, output, onTerminal };
}

function blocksTo(output: LogOutput, largest: number): LineBlocks {
  const blocks = new LineBlocks(output, largest);
  systemClock.every(FLUSH_MS, () => blocks.flushSync());
  process.on('exit', () => blocks.flushSync());
  return blocks;
}

/** The line that tells of dropped lines, in the form of all others. */
function noticeOf(options: LogOptions, render: (line: string) => string, dropped: number): string {
  let text = '';
  const write = (line: string) => {
    text = render(line);
  };
  pino(settingsOf('warn', options), { write }).warn({ dropped }, 'log lines were dropped: they could not be written');
  return text;
}

function asItIs(line: string): string {
  return line;
}

function settingsOf(level: LogLevel, { redactor, base = {} }: LogOptions): LoggerOptions {
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
