/**
 * The log line of a request for people at a terminal: its status, model, provider and time, and for a failure what its
 * owner needs. One line, in the colours of the logger's other lines there.
 */
import { styleText } from 'node:util';
import { isColorSupported } from 'pino-pretty';
import { localClock } from '../../shared/local-time.ts';
import type { RequestLine } from './request-line.ts';

type Colour = 'green' | 'yellow' | 'red' | 'gray';

/** The text with its line end. `isWarning`: as the level of the same line in JSON. */
export function requestText(line: RequestLine, wallMs: number, isWarning: boolean): string {
  const { status, model, provider, upstreamModel, stream, durationMs, firstContentMs, attempts, outcome } = line;
  const target = upstreamModel === null || upstreamModel === model ? provider : `${provider}/${upstreamModel}`;
  const asked = provider === 'unknown' ? '' : `${target}  `;
  const first = firstContentMs === null ? '' : `, first content ${Math.round(firstContentMs)} ms`;
  const parts = [
    painted('gray', `[${localClock(wallMs)}]`),
    painted(isWarning ? 'red' : outcome === 'success' ? 'green' : 'yellow', String(status)),
    line.askedModel === undefined ? model : `${model} (asked for ${JSON.stringify(line.askedModel)})`,
    painted('gray', `${asked}${Math.round(durationMs)} ms${first}${stream ? ', stream' : ''}`),
  ];
  // One attempt that succeeded says nothing new.
  if (attempts.includes(',') || outcome !== 'success') parts.push(attempts);
  if (line.leftOut !== undefined) parts.push(`left out: ${line.leftOut}`);
  if (line.code !== null) {
    const cause = line.cause === null ? '' : ` (${line.cause})`;
    parts.push(painted(isWarning ? 'red' : 'yellow', `${line.code}${cause}, owner ${line.owner}, id ${line.id}`));
  }
  return `${parts.filter((part) => part !== '').join('  ')}\n`;
}

function painted(colour: Colour, text: string): string {
  return isColorSupported ? styleText(colour, text, { validateStream: false }) : text;
}
