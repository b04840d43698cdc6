/**
 * The gateway's state as `/api/status` and the status page show it. It contains no secrets.
 */

import type { CircuitState, CooldownStatus } from '../../shared/circuits/circuit-view.ts';
import type { Config, ModelConfig } from '../../shared/config.ts';
import type { SeenTarget } from '../../shared/ipc.ts';
import type { CertificateReport } from '../certificates/certificate-watch.ts';
import type { CredentialsReport } from '../credentials/credential-authority.ts';
import type { Traffic } from '../history/traffic.ts';
import { type LastReload, type ReloadRecord, shownReload } from '../reload/last-reload.ts';
import type { RollRecord } from '../reload/roll-progress.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** Where a server listens: the port in use, also where any free one was configured. */
interface Listener {
  readonly host: string;
  readonly port: number;
  /** Only where it speaks TLS. */
  readonly tls?: true;
}

export interface Status {
  readonly version: string;
  /** This host's. */
  readonly hostname: string;
  /** This host's, of which the verdict's times are: `Europe/Berlin`. */
  readonly timeZone: string;
  readonly listeners: { readonly gateway: Listener; readonly admin: Listener };
  /** Whether the gateway is well, and if not, what to do. */
  readonly verdict: Verdict;
  /** Of the last minute. */
  readonly traffic: Traffic;
  readonly primary: { readonly pid: number; readonly uptimeSeconds: number };
  readonly workers: readonly {
    readonly slot: number;
    readonly pid: number;
    readonly state: string;
    readonly inFlight: number;
    /** Age of its last snapshot in ms; null before the first one. */
    readonly snapshotAgeMs: number | null;
    /** What it sees of targets that are balanced by latency or load. */
    readonly traffic: readonly SeenTarget[];
  }[];
  /**
   * Every configured provider: its own circuit, or, while that is closed, what most of its targets with traffic show;
   * the latter excludes no other target.
   */
  readonly circuits: readonly {
    readonly provider: string;
    readonly state: CircuitState;
    /** When a probe is due, as an ISO time; null unless the circuit is open. */
    readonly openUntil: string | null;
    readonly failures: number;
    /** Whether one of its targets cools down. The name is that of the first version. */
    readonly resting: boolean;
  }[];
  /** Every configured target. */
  readonly targets: readonly {
    readonly provider: string;
    /** The provider's name of the model. */
    readonly model: string;
    /** Of the target's own circuit. */
    readonly state: CircuitState;
    /** When a probe is due, as an ISO time; null unless open. */
    readonly openUntil: string | null;
    readonly failures: number;
    /** Whether its provider's own circuit is not closed, so that the target is left out too. */
    readonly barred: boolean;
  }[];
  /** Targets that cool down now, since no key is left for them. The name is that of the first version. */
  readonly rests: readonly Rest[];
  /** Every key of every configured provider, by its name; never the key itself. */
  readonly keys: readonly {
    readonly provider: string;
    readonly name: string;
    readonly weight: number;
    /** Whether it cools down, for one model or for all. */
    readonly state: 'ready' | 'cooling-down';
    /** When the last of its cooldowns ends, as an ISO time; null where it has none. */
    readonly until: string | null;
    /** What it cools down for; `model` null: everything. */
    readonly cooldowns: readonly { readonly model: string | null; readonly until: string; readonly reason: string }[];
  }[];
  /** Each model as far as it decides where requests go, with its targets in order of preference. */
  readonly models: readonly (Pick<
    ModelConfig,
    'name' | 'aliases' | 'balance' | 'sessions' | 'fallbacks' | 'defaults' | 'drop'
  > & {
    readonly targets: readonly Pick<ModelConfig['targets'][number], 'provider' | 'model' | 'level' | 'weight'>[];
  })[];
  /** Of providers whose credentials are fetched. */
  readonly credentials: readonly {
    readonly provider: string;
    /** What is fetched: `sigv4`, `google-token` or `entra-token`. */
    readonly kind: string;
    /** Whether there are some that have not ended. */
    readonly usable: boolean;
    /** As an ISO time; null: they do not end, or there are none. */
    readonly expiresAt: string | null;
    /** Why the last fetch failed; null if it did not. */
    readonly problem: string | null;
  }[];
  /** Of the ports with TLS. */
  readonly certificates: readonly {
    readonly port: 'gateway' | 'admin';
    /** Of the one in use, as an ISO time. */
    readonly expiresAt: string;
    /** Why what its files hold now is not used; null if it is. */
    readonly problem: string | null;
  }[];
  readonly config: {
    readonly version: number;
    readonly loadedAt: string;
    /** Where it comes from: the path of its file as the gateway was given it, or words. */
    readonly source: string;
    /** Whether the last reload succeeded. */
    readonly lastReloadSuccessful: boolean;
    /** Null before the first reload. */
    readonly lastReload: LastReload | null;
  };
  /** The last replacement of all workers, as far as it has come; null before the first. */
  readonly roll: {
    /** As an ISO time. */
    readonly startedAt: string;
    /** Slots that are done, of so many. */
    readonly replaced: number;
    readonly of: number;
    /** Why it ended before its last slot, until the next one begins; null if it did not. */
    readonly problem: string | null;
  } | null;
  /** Whether the checkpoint could be written the last time; if not, why: the system's code (`ENOSPC`), or a message. */
  readonly state: { readonly writable: boolean; readonly error: string | null };
  /** Until when open requests may finish, as an ISO time; null unless the gateway stops. */
  readonly stopping: { readonly until: string } | null;
}

/** A target that cools down; with `model` null, all of the provider's targets do. */
type Rest = Omit<CooldownStatus, 'key'>;

interface CircuitFacts {
  readonly state: CircuitState;
  readonly remainingMs: number;
  readonly failures: number;
}

/** The inputs of `describeStatus`. */
interface StatusFacts extends Pick<Status, 'version' | 'hostname' | 'timeZone' | 'listeners' | 'verdict' | 'traffic'> {
  readonly uptimeMs: number;
  readonly wallMs: number;
  readonly workers: Status['workers'];
  readonly circuits: readonly (CircuitFacts & { readonly provider: string })[];
  readonly targets: readonly (CircuitFacts & {
    readonly provider: string;
    readonly model: string;
    readonly barred: boolean;
  })[];
  readonly rests: readonly Rest[];
  readonly keys: readonly {
    readonly provider: string;
    readonly key: string;
    readonly weight: number;
    readonly cooldowns: readonly CooldownStatus[];
  }[];
  readonly models: Config['models'];
  readonly credentials: readonly CredentialsReport[];
  readonly certificates: readonly CertificateReport[];
  readonly config: {
    readonly version: number;
    readonly loadedAtMs: number;
    readonly source: string;
    readonly successful: boolean;
    readonly last: ReloadRecord | null;
  };
  readonly roll: RollRecord | null;
  /** Of `MetricsLedger`. */
  readonly stateProblem: string | null;
  /** In unix milliseconds; null unless the gateway stops. */
  readonly stoppingUntilMs: number | null;
}

/** Builds the JSON of `/api/status`, whose form is an outside contract. Pure. */
export function describeStatus(facts: StatusFacts): Status {
  const { wallMs, rests, config, roll, stateProblem, stoppingUntilMs } = facts;
  const timeAfter = (remainingMs: number) => new Date(wallMs + remainingMs).toISOString();
  const openUntil = (state: CircuitState, remainingMs: number) => (state === 'open' ? timeAfter(remainingMs) : null);
  const { version, hostname, timeZone, listeners, verdict, traffic } = facts;
  return {
    ...{ version, hostname, timeZone, listeners, verdict, traffic },
    primary: { pid: process.pid, uptimeSeconds: Math.floor(facts.uptimeMs / 1000) },
    workers: facts.workers
      .map((worker) => ({ ...worker, snapshotAgeMs: worker.snapshotAgeMs && Math.round(worker.snapshotAgeMs) }))
      .sort((one, other) => one.slot - other.slot),
    circuits: facts.circuits.map(({ provider, state, remainingMs, failures }) => ({
      provider,
      state,
      openUntil: openUntil(state, remainingMs),
      failures,
      resting: rests.some((rest) => rest.provider === provider),
    })),
    targets: facts.targets.map(({ provider, model, state, remainingMs, failures, barred }) => ({
      provider,
      model,
      state,
      openUntil: openUntil(state, remainingMs),
      failures,
      barred,
    })),
    rests,
    keys: facts.keys.map(({ provider, key, weight, cooldowns }) => ({
      provider,
      name: key,
      weight,
      state: cooldowns.length === 0 ? 'ready' : 'cooling-down',
      until: cooldowns.length === 0 ? null : timeAfter(Math.max(...cooldowns.map(({ remainingMs }) => remainingMs))),
      cooldowns: cooldowns.map(({ model, remainingMs, reason }) => ({ model, until: timeAfter(remainingMs), reason })),
    })),
    models: Object.values(facts.models).map(
      ({ name, aliases, balance, sessions, fallbacks, defaults, drop, targets }) => ({
        ...{ name, aliases, balance, sessions, fallbacks, defaults, drop },
        targets: targets.map(({ provider, model, level, weight }) => ({ provider, model, level, weight })),
      }),
    ),
    credentials: facts.credentials.map(({ provider, kind, usable, expiresAtMs, problem }) => ({
      ...{ provider, kind, usable, problem },
      expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
    })),
    certificates: facts.certificates.map(({ port, expiresAtMs, problem }) => {
      return { port, expiresAt: new Date(expiresAtMs).toISOString(), problem };
    }),
    config: {
      version: config.version,
      loadedAt: new Date(config.loadedAtMs).toISOString(),
      source: config.source,
      lastReloadSuccessful: config.successful,
      lastReload: config.last && shownReload(config.last),
    },
    roll: roll && shownRoll(roll),
    state: { writable: stateProblem === null, error: stateProblem },
    stopping: stoppingUntilMs === null ? null : { until: new Date(stoppingUntilMs).toISOString() },
  };
}

function shownRoll({ startedAtMs, ...rest }: RollRecord): Status['roll'] {
  return { startedAt: new Date(startedAtMs).toISOString(), ...rest };
}
