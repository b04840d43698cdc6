/** The figures of the last minute as the status shows them: of each model, target and provider that was asked. Pure. */
import { type ErrorOwner, errorOwners } from '../../shared/errors.ts';
import type { History } from './history.ts';
import { shownMs } from './latency-buckets.ts';
import { NANO_PER_USD, type RecentCounts, type Sums } from './recent-counts.ts';

interface Figures {
  readonly requestsPerSecond: number;
  /** Parts of the requests, 0..1. */
  readonly errorShare: Readonly<Record<ErrorOwner, number>>;
  /** Of answered requests; null where none was. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** The median of streams; null where there was none. */
  readonly firstContentMs: number | null;
  readonly outputTokensPerSecond: number;
  /** Null: no answer had a price that is known. */
  readonly usdPerHour: number | null;
  /** Answers without a known price: they are not in `usdPerHour`. */
  readonly unpriced: number;
}

/** A client's model. */
type ModelTraffic = Figures & { readonly model: string };

/** A target: requests count at the one that was asked last. */
type TargetTraffic = Figures & {
  readonly model: string;
  readonly provider: string;
  readonly upstreamModel: string;
  /** Its part of the model's requests, 0..1. */
  readonly share: number;
};

/** A provider, or `unknown` for requests that reached none. */
type ProviderTraffic = Figures & { readonly provider: string };

/** The attempts at a target, whichever target answered in the end. */
interface TargetAttempts {
  readonly provider: string;
  readonly upstreamModel: string;
  readonly attemptsPerSecond: number;
  /** The part that failed, 0..1: not what the client caused, or left. */
  readonly failedShare: number;
}

/** Those without a request or an answer in the last minute are left out. */
export interface Traffic {
  /** The last fifty to sixty seconds. */
  readonly windowSeconds: number;
  readonly models: readonly ModelTraffic[];
  readonly targets: readonly TargetTraffic[];
  readonly providers: readonly ProviderTraffic[];
  readonly attempts: readonly TargetAttempts[];
}

const SECONDS_PER_HOUR = 3_600;

/** Rates in the first second would say nothing. */
const LEAST_MS = 1_000;

/** As of now. */
export function trafficOf(history: History): Traffic {
  history.turn();
  const seconds = Math.max(LEAST_MS, history.recentMs) / 1000;
  const models = [...history.models.all].filter(isBusy);
  return {
    windowSeconds: 60,
    models: models.map(({ name, recent }) => ({ model: name, ...figures(recent.all(), seconds) })),
    targets: models.flatMap(({ name, recent, targets }) => {
      const { requests } = recent.all();
      return targets.filter(isBusy).map((target) => {
        const sums = target.recent.all();
        const share = requests === 0 ? 0 : rounded(sums.requests / requests);
        const { provider, upstreamModel } = target;
        return { model: name, provider, upstreamModel, share, ...figures(sums, seconds) };
      });
    }),
    providers: [...history.providers.all].filter(isBusy).map(({ name, recent }) => {
      return { provider: name, ...figures(recent.all(), seconds) };
    }),
    attempts: history.attempts.all().map(({ provider, upstreamModel, made, failed }) => ({
      ...{ provider, upstreamModel, attemptsPerSecond: rounded(made / seconds), failedShare: rounded(failed / made) },
    })),
  };
}

function isBusy({ recent }: { readonly recent: RecentCounts }): boolean {
  return !recent.isEmpty;
}

function figures(sums: Sums, seconds: number): Figures {
  const { requests, errors, outputTokens, priced, unpriced, nanoUsd } = sums;
  const share = (owner: ErrorOwner) => (requests === 0 ? 0 : rounded(errors[owner] / requests));
  const [client, policy, provider, gateway] = errorOwners.map(share);
  return {
    requestsPerSecond: rounded(requests / seconds),
    errorShare: { client: client ?? 0, policy: policy ?? 0, provider: provider ?? 0, gateway: gateway ?? 0 },
    p50Ms: shownMs(sums.p50Ms),
    p99Ms: shownMs(sums.p99Ms),
    firstContentMs: shownMs(sums.firstContentMs),
    outputTokensPerSecond: rounded(outputTokens / seconds),
    usdPerHour: priced === 0 ? null : (nanoUsd / NANO_PER_USD / seconds) * SECONDS_PER_HOUR,
    unpriced,
  };
}

/** To three digits behind the point. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
