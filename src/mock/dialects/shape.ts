/** The delay, size and pace of healthy answers. `PUT /_mock/shape` sets it; fields that are left out get defaults. */
import { z } from 'zod';

const largestContent = 64 * 1024 * 1024;

const shapeSchema = z.strictObject({
  latencyMs: z.number().min(0).max(3_600_000).default(0),
  chunks: z.int().min(1).max(1_000_000).default(8),
  chunkMs: z.number().min(0).max(3_600_000).default(0),
  contentBytes: z.int().min(0).max(largestContent).default(0),
});

export interface Shape {
  /** From the end of the request to the answer's headers. Default 0. */
  readonly latencyMs: number;
  /** Pieces of content in a stream. Default 8. */
  readonly chunks: number;
  /** From one piece to the next. Default 0. */
  readonly chunkMs: number;
  /** Size of the content, up to 64 MB. With 0, the default, the answer echoes the prompt. */
  readonly contentBytes: number;
}

/** Parses a shape. Throws zod's error. */
export function parseShape(value: unknown): Shape {
  return shapeSchema.parse(value);
}
