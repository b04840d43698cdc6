/** What stands between two dialects, by their names, and requests that are here as a whole. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Codec } from '../../src/dialects/codec.ts';
import { clientDialectOf, codecFor, dialectOf } from '../../src/dialects/registry.ts';
import type { AnswerContext, ArrivedRequest, Dialect } from '../../src/dialects/types.ts';

/** Throws where the one cannot be put before the other. */
export function codecOf(inbound: string, outbound: string): Codec {
  const codec = codecFor(clientDialectOf(inbound), dialectOf(outbound));
  if (codec === null) throw new Error(`${inbound} cannot be put before ${outbound}`);
  return codec;
}

/** A request as it has arrived. Throws `JsonFault` and `GatewayError`. `size`: bytes of a chunk. */
export function arrivedAt(
  dialect: Dialect,
  bytes: Buffer,
  size = Math.max(1, bytes.length),
  headers: IncomingHttpHeaders = {},
): ArrivedRequest {
  const arriving = dialect.arrive(headers);
  for (let from = 0; from < bytes.length; from += size) arriving.push(bytes.subarray(from, from + size));
  arriving.end();
  return arriving.read(bytes);
}

/** What is known of a request when its answer is read. */
export function answerContext(given: Partial<AnswerContext> = {}): AnswerContext {
  return { model: 'asked-for', includeUsage: false, createdAt: 1_700_000_000, requestId: 'r', choices: 1, ...given };
}
