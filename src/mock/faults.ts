/**
 * The faults that the fake provider can be told to have, each with its parameters: the whole list in one place. Bodies
 * of `PUT /_mock/fault` come in here and nowhere else; unknown kinds, fields and values are refused.
 */
import { z } from 'zod';

const always = {
  /** After so many requests the fault is over; for ever when left out. */
  times: z.int().min(1).optional(),
  /** Only requests for this model are hit; a fault for a model goes before one for all. */
  model: z.string().min(1).optional(),
};
const ms = z.number().min(0).max(3_600_000);
/** Pieces of content that still come through; past the answer's last piece it strikes right before the finish. */
const afterChunks = z.int().min(0).default(1);

const faultSchema = z.discriminatedUnion('kind', [
  /** An error answer; `retryAfter` in seconds or as a date, `body` instead of the dialect's own. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599).default(500),
    retryAfter: z.union([z.number().min(0), z.string().regex(/^[\x20-\x7e]+$/)]).optional(),
    headers: z.record(z.string().regex(/^[\w-]+$/), z.string().regex(/^[\x20-\x7e]*$/)).default({}),
    body: z.json().optional(),
    ...always,
  }),
  /** Takes the request and never answers. */
  z.strictObject({ kind: z.literal('hang'), ...always }),
  /** Takes the request and resets the connection. */
  z.strictObject({ kind: z.literal('reset'), ...always }),
  z.strictObject({ kind: z.literal('slow-headers'), ms, ...always }),
  /** The role frame at once, the first content late; a plain answer is late as a whole. */
  z.strictObject({ kind: z.literal('slow-first-content'), ms, ...always }),
  /** Falls silent with the connection open; a plain answer half-way through its body. */
  z.strictObject({ kind: z.literal('stall'), afterChunks, ...always }),
  /** Ends the connection in the middle of the answer, `how` as TCP knows it. */
  z.strictObject({ kind: z.literal('cut'), afterChunks, how: z.enum(['fin', 'rst']).default('fin'), ...always }),
  /** One frame whose data is no JSON, then the rest; a plain answer is `bad-json`. */
  z.strictObject({ kind: z.literal('bad-chunk'), afterChunks, ...always }),
  /** The dialect's own error event, then the end; a plain answer has the status that the event stands for. */
  z.strictObject({ kind: z.literal('error-in-stream'), afterChunks, ...always }),
  /** A well-formed 200 that says nothing. */
  z.strictObject({ kind: z.literal('empty'), ...always }),
  /** A 200 whose body is half a JSON object, also where a stream was asked for. */
  z.strictObject({ kind: z.literal('bad-json'), ...always }),
]);

export type Fault = z.infer<typeof faultSchema>;
/** A fault as somebody writes it: parameters with defaults may be left out. */
export type FaultInput = z.input<typeof faultSchema>;

/** Reads a fault as somebody sent it. Throws zod's error. */
export function parseFault(value: unknown): Fault {
  return faultSchema.parse(value);
}
