/**
 * All faults of the fake provider, with their parameters. Bodies of `PUT /_mock/fault` are parsed only here. Unknown
 * kinds, fields and values are refused.
 */
import { z } from 'zod';

const always = {
  /** The number of requests that get the fault; without limit if left out. */
  times: z.int().min(1).optional(),
  /** Only requests for this model get the fault. A fault for one model wins over one for all models. */
  model: z.string().min(1).optional(),
};
const ms = z.number().min(0).max(3_600_000);
/** Pieces of content that are sent before the fault; with more than there are, it comes directly before the finish. */
const afterChunks = z.int().min(0).default(1);

/** Whether half of the event behind them is sent too. */
const inside = z.boolean().default(false);

const faultSchema = z.discriminatedUnion('kind', [
  /** An error answer. `retryAfter` is in seconds or a date; `body` replaces the dialect's own body. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599).default(500),
    retryAfter: z.union([z.number().min(0), z.string().regex(/^[\x20-\x7e]+$/)]).optional(),
    headers: z.record(z.string().regex(/^[\w-]+$/), z.string().regex(/^[\x20-\x7e]*$/)).default({}),
    body: z.json().optional(),
    ...always,
  }),
  /** Reads the request and never answers. */
  z.strictObject({ kind: z.literal('hang'), ...always }),
  /** Reads the request and resets the connection. */
  z.strictObject({ kind: z.literal('reset'), ...always }),
  /** Waits before the whole answer. */
  z.strictObject({ kind: z.literal('slow-headers'), ms, ...always }),
  /** Sends the role event immediately and the first content late; a plain answer is late as a whole. */
  z.strictObject({ kind: z.literal('slow-first-content'), ms, ...always }),
  /**
   * Stops sending and keeps the connection open; a plain answer stops in the middle of its body. With `commentMs` a
   * stream goes on with comments, one in that time.
   */
  z.strictObject({ kind: z.literal('stall'), afterChunks, commentMs: ms.min(1).optional(), ...always }),
  /** Ends the connection in the middle of the answer; `how` is the TCP flag. */
  z.strictObject({
    kind: z.literal('cut'),
    afterChunks,
    inside,
    how: z.enum(['fin', 'rst']).default('fin'),
    ...always,
  }),
  /** Ends the answer in the middle as if it were whole: a stream without finish and terminal, half of a plain body. */
  z.strictObject({ kind: z.literal('end-early'), afterChunks, inside, ...always }),
  /** Sends all of a stream but its terminal, then ends or stalls; a plain answer has none, and is healthy. */
  z.strictObject({ kind: z.literal('finish-then-no-end'), how: z.enum(['end', 'stall']).default('end'), ...always }),
  /** Sends the whole answer, and does not end it: a stream with its terminal, or a body of unknown length. */
  z.strictObject({ kind: z.literal('linger'), ...always }),
  /** Sends one event whose data is not JSON (of Bedrock: a frame with a wrong sum), then the remaining events; a plain answer gets `bad-json`. */
  z.strictObject({ kind: z.literal('bad-chunk'), afterChunks, ...always }),
  /**
   * Sends the API's error event and ends the stream; a plain answer gets the status that matches the event. `finish`: a
   * last event that says so instead (`response.failed`, a finish reason `error`), where the API has one.
   */
  z.strictObject({
    kind: z.literal('error-in-stream'),
    afterChunks,
    how: z.enum(['event', 'finish']).default('event'),
    ...always,
  }),
  /** A well-formed 200 without content. */
  z.strictObject({ kind: z.literal('empty'), ...always }),
  /** A 200 whose body is half a JSON object, also if a stream was requested. */
  z.strictObject({ kind: z.literal('bad-json'), ...always }),
  /** A page, as of a firewall or a load balancer; `status` may be 200. */
  z.strictObject({ kind: z.literal('html'), status: z.int().min(200).max(599).default(502), ...always }),
  /** The whole answer, compressed although nobody asked for that; `label`: it says so, and is not. */
  z.strictObject({ kind: z.literal('gzip'), how: z.enum(['packed', 'label']).default('packed'), ...always }),
  /** The whole answer with the content type of the other form. */
  z.strictObject({ kind: z.literal('wrong-type'), ...always }),
  /** A stream although none was asked for, or a whole answer instead of a stream. */
  z.strictObject({ kind: z.literal('other-form'), ...always }),
  /** The whole answer byte by byte, so that characters and line ends are split. */
  z.strictObject({ kind: z.literal('split'), ...always }),
]);

export type Fault = z.infer<typeof faultSchema>;
/** A fault as input: parameters with defaults may be left out. */
export type FaultInput = z.input<typeof faultSchema>;

/** Parses a fault. Throws zod's error. */
export function parseFault(value: unknown): Fault {
  return faultSchema.parse(value);
}
