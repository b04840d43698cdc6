/**
 * The routes under `/_mock`, made for curl. A bad fault or shape gets a 400 with the reason. Every other answer shows
 * the current state.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { MockControl } from './control.ts';
import { parseShape } from './dialects/shape.ts';
import { readBody } from './exchange.ts';
import { parseFault } from './faults.ts';

const usage = `The fake provider.
GET    /_mock/stats   requests, inFlight, aborted, byModel, connections, bytesWritten
GET    /_mock/fault   the active faults
PUT    /_mock/fault   {"kind": "status", "status": 503, "retryAfter": 2, "times": 3, "model": "gpt-4"}
       kinds: status (status, retryAfter, headers, body), hang, reset, slow-headers (ms), slow-first-content (ms),
       stall (commentMs), cut (inside, how: fin or rst), end-early (inside), bad-chunk, error-in-stream (how: event or finish) (these
       five: afterChunks), finish-then-no-end (how: end or stall), linger, empty, bad-json, html (status),
       gzip (how: packed or label), wrong-type, other-form, split
DELETE /_mock/fault   removes all faults
GET    /_mock/shape   delay, size and pace of healthy answers
PUT    /_mock/shape   {"latencyMs": 0, "chunks": 8, "chunkMs": 0, "contentBytes": 0}
`;

const mostBytes = 1024 * 1024;

interface Reply {
  readonly status: number;
  /** A string is sent as plain text, any other value as JSON. */
  readonly value: unknown;
}

/** Answers a request whose path begins with `/_mock`. */
export function handleControl(control: MockControl, request: IncomingMessage, response: ServerResponse): void {
  const route = `${request.method} ${request.url?.split('?', 1)[0]}`;
  readBody(request, mostBytes, (body) => send(response, replyTo(control, route, body)));
}

function replyTo(control: MockControl, route: string, body: Buffer | null): Reply {
  if (body === null) return refusal(`The body is larger than ${mostBytes} bytes.`);
  try {
    return carryOut(control, route, body);
  } catch (error) {
    if (error instanceof SyntaxError) return refusal(`The body is not JSON: ${error.message}`);
    if (error instanceof z.ZodError) return refusal(describe(error));
    throw error;
  }
}

function carryOut(control: MockControl, route: string, body: Buffer): Reply {
  switch (route) {
    case 'GET /_mock':
      return { status: 200, value: usage };
    case 'GET /_mock/stats':
      return { status: 200, value: control.stats() };
    case 'PUT /_mock/fault':
      control.setFault(parseFault(JSON.parse(body.toString('utf8'))));
      return { status: 200, value: { faults: control.faults() } };
    case 'DELETE /_mock/fault':
      control.clearFaults();
      return { status: 200, value: { faults: [] } };
    case 'GET /_mock/fault':
      return { status: 200, value: { faults: control.faults() } };
    case 'PUT /_mock/shape':
      control.setShape(parseShape(JSON.parse(body.toString('utf8'))));
      return { status: 200, value: control.shape };
    case 'GET /_mock/shape':
      return { status: 200, value: control.shape };
    default:
      return { status: 404, value: { error: { message: `There is no ${route}; GET /_mock lists all routes.` } } };
  }
}

function describe(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}

function refusal(message: string): Reply {
  return { status: 400, value: { error: { message } } };
}

function send(response: ServerResponse, { status, value }: Reply): void {
  const text = typeof value === 'string';
  const body = Buffer.from(text ? value : `${JSON.stringify(value)}\n`);
  const type = text ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': body.length }).end(body);
}
