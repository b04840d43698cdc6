/**
 * The events of `/api/events` that the commands read. They may come from another version of the gateway, so they are
 * checked, and unknown events are skipped.
 */
import { z } from 'zod';
import { parseJson } from '../shared/json.ts';
import type { AdminClient } from './admin-client.ts';
import { statusAnswer } from './status-answer.ts';

const liveAnswer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('rates'),
    requestsPerSecond: z.number(),
    errorsPerSecond: z.number(),
    /** Requests and errors of the last second. */
    providers: z.record(z.string(), z.object({ requests: z.number(), errors: z.number() })),
  }),
  z.object({
    type: z.literal('circuit'),
    provider: z.string(),
    /** Null: the provider's own circuit; absent from a version that has no others. */
    model: z.string().nullish(),
    state: z.string(),
  }),
  z.object({ type: z.literal('status'), status: statusAnswer }),
  z.object({ type: z.literal('worker'), slot: z.number(), pid: z.number(), state: z.string() }),
]);

export type LiveAnswer = z.output<typeof liveAnswer>;

const DATA = 'data: ';

/** The events of a running gateway as they happen, until the gateway ends. Throws `CommandError`. */
export async function* liveAnswers(client: Pick<AdminClient, 'lines'>): AsyncGenerator<LiveAnswer> {
  for await (const line of client.lines('/api/events')) {
    // The data line is enough: it also holds the type, which the event line repeats.
    if (!line.startsWith(DATA)) continue;
    const result = liveAnswer.safeParse(parseJson(line.slice(DATA.length)));
    if (result.success) yield result.data;
  }
}
