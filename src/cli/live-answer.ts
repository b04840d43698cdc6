/**
 * What `/api/events` says, as far as the commands read it. It may come from another version of the gateway, so it is
 * checked, and what is not known here is passed over.
 */
import { z } from 'zod';
import { parseJson } from '../shared/json.ts';
import type { AdminClient } from './admin-client.ts';

const liveAnswer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('rates'),
    requestsPerSecond: z.number(),
    errorsPerSecond: z.number(),
    /** Requests and errors of the last second. */
    providers: z.record(z.string(), z.object({ requests: z.number(), errors: z.number() })),
  }),
  z.object({ type: z.literal('circuit'), provider: z.string(), state: z.string() }),
  z.object({ type: z.literal('worker'), slot: z.number(), pid: z.number(), state: z.string() }),
]);

export type LiveAnswer = z.output<typeof liveAnswer>;

const DATA = 'data: ';

/** What happens in a running gateway, as it happens, until that ends. Throws `CommandError`. */
export async function* liveAnswers(client: Pick<AdminClient, 'lines'>): AsyncGenerator<LiveAnswer> {
  for await (const line of client.lines('/api/events')) {
    // One event a line: the type that stands on a line of its own is in the data too.
    if (!line.startsWith(DATA)) continue;
    const result = liveAnswer.safeParse(parseJson(line.slice(DATA.length)));
    if (result.success) yield result.data;
  }
}
