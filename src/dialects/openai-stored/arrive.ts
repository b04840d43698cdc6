/**
 * Requests for what is stored name no model, and nothing of their bodies is read: a file, the description of a batch, or
 * nothing at all. They pass through unchanged.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ParsedText } from '../../wire/long-strings.ts';
import type { ArrivedRequest, ArrivingRequest, RequestOutline } from '../types.ts';

const outline: RequestOutline = {
  model: '',
  stream: false,
  wantsUsage: true,
  choices: 1,
  hasStopSequences: false,
  sessionKey: null,
  continues: null,
};

const NOTHING = Buffer.alloc(0);

/** A request that has said all with its path: what it has as a body is left out. */
export function arriveWithoutBody(): ArrivingRequest {
  return { push: ignore, end: ignore, read: () => arrived(NOTHING) };
}

/** A request whose body is sent as it comes. */
export function arriveAsItIs({ 'content-type': contentType }: IncomingHttpHeaders): ArrivingRequest {
  return { push: ignore, end: ignore, read: (bytes) => arrived(bytes, contentType) };
}

function arrived(bytes: Buffer, contentType?: string): ArrivedRequest {
  return {
    bytes,
    ...(contentType === undefined ? {} : { contentType }),
    outline,
    edited: () => bytes,
    parsed(): ParsedText {
      throw new Error('what is sent as it comes has no tree, and nothing that it could be translated to');
    },
  };
}

function ignore(): void {}
