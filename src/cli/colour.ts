/**
 * Colour on a terminal. None where the output is none, whatever the environment says; none where NO_COLOR is set to any
 * text but an empty one (https://no-color.org), which `main.ts` takes away; and none on a terminal without a TERM or with
 * TERM=dumb, unless FORCE_COLOR is set. The environment is read by the library that the log uses, so that both agree.
 */
import { styleText } from 'node:util';
import { isColorSupported } from 'pino-pretty';

/** What a colour says. */
export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'plain';

/** Colours a text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const colours = { good: 'green', warn: 'yellow', bad: 'red', quiet: 'gray' } as const;

/** For an output. */
export function paintFor(isTerminal: boolean): Paint {
  if (!isTerminal || !isColorSupported) return (_tone, text) => text;
  return (tone, text) => (tone === 'plain' ? text : styleText(colours[tone], text, { validateStream: false }));
}

/** Whether a terminal lets its cursor be moved, and its screen be cleared: one with TERM=dumb prints lines. */
export function takesCodes(): boolean {
  return process.env.TERM !== 'dumb';
}
