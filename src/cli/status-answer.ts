/**
 * The part of `/api/status` that the commands read. It may come from another version of the gateway, so it is checked,
 * and unknown keys are kept.
 */
import { z } from 'zod';
import type { AdminClient } from './admin-client.ts';
import { CommandError } from './failures.ts';

const circuitState = z.enum(['closed', 'open', 'half-open']);

const statusAnswer = z.looseObject({
  version: z.string(),
  primary: z.looseObject({ pid: z.number(), uptimeSeconds: z.number() }),
  workers: z.array(
    z.looseObject({
      slot: z.number(),
      pid: z.number(),
      state: z.string(),
      inFlight: z.number(),
      snapshotAgeMs: z.number().nullable(),
    }),
  ),
  circuits: z.array(
    z.looseObject({
      provider: z.string(),
      state: circuitState,
      openUntil: z.string().nullable(),
      failures: z.number(),
    }),
  ),
  /** A version without circuits of targets has none. */
  targets: z
    .array(
      z.looseObject({
        provider: z.string(),
        model: z.string(),
        state: circuitState,
        openUntil: z.string().nullable(),
        failures: z.number(),
        barred: z.boolean(),
      }),
    )
    .default([]),
  rests: z.array(
    z.looseObject({
      provider: z.string(),
      model: z.string().nullable(),
      remainingMs: z.number(),
      /** One of `cooldownReasons`, or what a later version has. */
      reason: z.string().optional(),
    }),
  ),
  models: z.array(
    z.looseObject({
      name: z.string(),
      targets: z.array(z.looseObject({ provider: z.string(), model: z.string() })),
    }),
  ),
  config: z.looseObject({ version: z.number(), loadedAt: z.string() }),
});

export type StatusAnswer = z.output<typeof statusAnswer>;

/** Asks a running gateway for its status. Throws `CommandError` if none runs, or if its answer has another shape. */
export async function askStatus(client: Pick<AdminClient, 'get'>): Promise<StatusAnswer> {
  const result = statusAnswer.safeParse(await client.get('/api/status'));
  if (result.success) return result.data;
  throw new CommandError('this command cannot read the status of the gateway: does the gateway run another version?');
}
