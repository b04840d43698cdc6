/**
 * The part of `/api/status` that the commands read. It may come from another version of the gateway, so it is checked,
 * and unknown keys are kept.
 */
import { z } from 'zod';
import type { AdminClient } from './admin-client.ts';
import { CommandError } from './failures.ts';

const circuitState = z.enum(['closed', 'open', 'half-open']);

const listener = z.looseObject({ host: z.string(), port: z.number() });

/** Of a model, a target or a provider in the last minute. */
const figures = {
  requestsPerSecond: z.number(),
  errorShare: z.record(z.string(), z.number()),
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  firstContentMs: z.number().nullable(),
  outputTokensPerSecond: z.number(),
  usdPerHour: z.number().nullable(),
  unpriced: z.number(),
};

/** What of a status the commands read. */
export const statusAnswer = z.looseObject({
  version: z.string(),
  primary: z.looseObject({ pid: z.number(), uptimeSeconds: z.number() }),
  workers: z.array(
    z.looseObject({
      slot: z.number(),
      pid: z.number(),
      state: z.string(),
      inFlight: z.number(),
      snapshotAgeMs: z.number().nullable(),
      /** A version that balances nothing has none. */
      traffic: z
        .array(
          z.looseObject({
            provider: z.string(),
            model: z.string(),
            inFlight: z.number(),
            streamMs: z.number().nullable(),
            plainMs: z.number().nullable(),
          }),
        )
        .default([]),
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
  /** A version without several keys has none. */
  keys: z
    .array(
      z.looseObject({
        provider: z.string(),
        name: z.string(),
        weight: z.number(),
        state: z.string(),
        until: z.string().nullable(),
        cooldowns: z.array(z.looseObject({ model: z.string().nullable(), until: z.string(), reason: z.string() })),
      }),
    )
    .default([]),
  models: z.array(
    z.looseObject({
      name: z.string(),
      /** A version that only orders targets has no more than these. */
      aliases: z.array(z.string()).default([]),
      balance: z.string().default('order'),
      /** A version without sessions keeps none. */
      sessions: z.string().default('off'),
      fallbacks: z.looseObject({ context: z.array(z.string()) }).default({ context: [] }),
      defaults: z.array(z.looseObject({ name: z.string(), json: z.string() })).default([]),
      drop: z.array(z.string()).default([]),
      targets: z.array(
        z.looseObject({
          provider: z.string(),
          model: z.string(),
          level: z.number().default(0),
          weight: z.number().default(1),
        }),
      ),
    }),
  ),
  /** A version that fetches no credentials has none. */
  credentials: z
    .array(
      z.looseObject({
        provider: z.string(),
        usable: z.boolean(),
        expiresAt: z.string().nullable(),
        problem: z.string().nullable(),
      }),
    )
    .default([]),
  /** A version that leaves out one of these says nothing of it. */
  config: z.looseObject({
    version: z.number(),
    loadedAt: z.string(),
    source: z.string().optional(),
    lastReloadSuccessful: z.boolean().optional(),
    lastReload: z
      .looseObject({ at: z.string(), by: z.string(), successful: z.boolean(), problems: z.array(z.string()) })
      .nullish(),
  }),
  roll: z
    .looseObject({
      startedAt: z.string(),
      replaced: z.number(),
      of: z.number(),
      problem: z.string().nullable(),
    })
    .nullish(),
  state: z.looseObject({ writable: z.boolean(), error: z.string().nullable() }).optional(),
  stopping: z.looseObject({ until: z.string() }).nullish(),
  /** A version that judges nothing has none of these. */
  hostname: z.string().optional(),
  listeners: z.looseObject({ gateway: listener, admin: listener }).optional(),
  verdict: z
    .looseObject({
      level: z.string(),
      sentence: z.string(),
      since: z.string().nullable(),
      findings: z.array(
        z.looseObject({
          alert: z.string(),
          severity: z.string(),
          sentence: z.string(),
          since: z.string(),
          model: z.string().nullable(),
          provider: z.string().nullable(),
          cure: z.string(),
          runbook: z.string(),
        }),
      ),
    })
    .optional(),
  traffic: z
    .looseObject({
      windowSeconds: z.number(),
      models: z.array(z.looseObject({ model: z.string(), ...figures })),
      targets: z.array(
        z.looseObject({
          model: z.string(),
          provider: z.string(),
          upstreamModel: z.string(),
          share: z.number(),
          ...figures,
        }),
      ),
      providers: z.array(z.looseObject({ provider: z.string(), ...figures })),
      attempts: z
        .array(z.looseObject({ provider: z.string(), upstreamModel: z.string(), failedShare: z.number() }))
        .default([]),
    })
    .optional(),
});

export type StatusAnswer = z.output<typeof statusAnswer>;

/** Asks a running gateway for its status. Throws `CommandError` if none runs, or if its answer has another shape. */
export async function askStatus(client: Pick<AdminClient, 'get'>): Promise<StatusAnswer> {
  const result = statusAnswer.safeParse(await client.get('/api/status'));
  if (result.success) return result.data;
  throw new CommandError('this command cannot read the status of the gateway: does the gateway run another version?');
}
