/**
 * Colour on a terminal. None where the output is no terminal, or NO_COLOR is set to anything (https://no-color.org); the
 * environment is read by the library that the log uses, so that both agree.
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
