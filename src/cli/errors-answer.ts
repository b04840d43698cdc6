/**
 * The last failures of a running gateway, and those that come. It may be another version, so its answers are checked and
 * unknown keys are kept.
 */
import { z } from 'zod';
import { parseJson } from '../shared/json.ts';
import type { AdminClient } from './admin-client.ts';
import { CommandError } from './failures.ts';

const failure = z.looseObject({
  at: z.string(),
  id: z.string(),
  worker: z.number(),
  model: z.string(),
  provider: z.string(),
  providers: z.array(z.string()).readonly().optional(),
  owner: z.string(),
  code: z.string(),
  cause: z.string().nullable(),
  trail: z.string(),
  leftOut: z.string().optional(),
  cure: z.string(),
});

const errorsAnswer = z.looseObject({ failures: z.array(failure), withheld: z.number() });

const failureEvent = failure.extend({ type: z.literal('failure'), withheld: z.number().default(0) });

export type FailureAnswer = z.output<typeof failure>;
type FailureEvent = z.output<typeof failureEvent>;
export type ErrorsAnswer = z.output<typeof errorsAnswer>;

/** @param parameters those of `/api/errors`; throws `CommandError` */
export async function askErrors(
  client: Pick<AdminClient, 'get'>,
  parameters: URLSearchParams = new URLSearchParams(),
): Promise<ErrorsAnswer> {
  const result = errorsAnswer.safeParse(await client.get(`/api/errors?${parameters}`));
  if (result.success) return result.data;
  throw new CommandError('this command cannot read what the gateway says: does the gateway run another version?');
}

const DATA = 'data: ';

/**
 * The failures of a running gateway as they happen, until it ends; `null` for each line that says nothing of one: the
 * first comes when it is certain that no later failure is missed. Throws `CommandError`.
 */
export async function* failureEvents(client: Pick<AdminClient, 'lines'>): AsyncGenerator<FailureEvent | null> {
  for await (const line of client.lines('/api/events')) {
    const result = line.startsWith(DATA) ? failureEvent.safeParse(parseJson(line.slice(DATA.length))) : null;
    yield result?.success === true ? result.data : null;
  }
}
