/**
 * What this worker sees of the targets that are balanced by latency or load: how many of its requests each has now, and
 * how long it takes lately. Known by provider and model, so it outlives a reload. Targets that no model balances so have
 * no entry, and cost nothing.
 */
import type { Balance, Config, TargetConfig } from '../../shared/config.ts';
import type { SeenTarget } from '../../shared/ipc.ts';
import { expectedMs, type Latency, observed, waitedInVain } from '../policies/latency.ts';

/** The traffic of one target. */
export interface TargetTraffic {
  inFlight: number;
  /** Until the first content of a stream. */
  stream: Latency | null;
  /** Until the end of a plain answer. */
  plain: Latency | null;
}

/** Whether a balance asks what this worker sees of targets. */
export function watchesTraffic(balance: Balance): boolean {
  return balance === 'latency' || balance === 'load';
}

/** The place of one request among those of the target that it asks; none where nobody counts them. */
export class Occupancy {
  #traffic: TargetTraffic | null = null;

  /** A target is asked: it has one request more until the next call, or that of `leave`. */
  take(traffic: TargetTraffic): void {
    this.leave();
    this.#traffic = traffic;
    traffic.inFlight += 1;
  }

  leave(): void {
    if (this.#traffic === null) return;
    this.#traffic.inFlight -= 1;
    this.#traffic = null;
  }

  /** Of the target that is asked; null where nobody wants to know. */
  get traffic(): TargetTraffic | null {
    return this.#traffic;
  }
}

export class TargetsTraffic {
  readonly #byProvider = new Map<string, Map<string, TargetTraffic>>();

  /** Of one target. Bounded by the configuration. */
  of({ provider, model }: Pick<TargetConfig, 'provider' | 'model'>): TargetTraffic {
    let ofModels = this.#byProvider.get(provider);
    if (ofModels === undefined) {
      ofModels = new Map();
      this.#byProvider.set(provider, ofModels);
    }
    let traffic = ofModels.get(model);
    if (traffic === undefined) {
      traffic = { inFlight: 0, stream: null, plain: null };
      ofModels.set(model, traffic);
    }
    return traffic;
  }

  /** All of it, for the primary's status. */
  seen(nowMs: number): SeenTarget[] {
    const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));
    return Array.from(this.#byProvider, ([provider, ofModels]) =>
      Array.from(ofModels, ([model, traffic]) => ({
        provider,
        model,
        inFlight: traffic.inFlight,
        streamMs: rounded(expectedOf(traffic, true, nowMs)),
        plainMs: rounded(expectedOf(traffic, false, nowMs)),
      })),
    ).flat();
  }

  /** Forgets targets that a new configuration does not balance so, and providers that are others now. */
  reconfigure(before: Config, config: Config): void {
    const watched = Object.values(config.models)
      .filter(({ balance }) => watchesTraffic(balance))
      .flatMap(({ targets }) => targets);
    for (const [provider, ofModels] of this.#byProvider) {
      const isSame = config.providers[provider]?.account === before.providers[provider]?.account;
      for (const model of ofModels.keys()) {
        const isWatched = watched.some((target) => target.provider === provider && target.model === model);
        if (!isSame || !isWatched) ofModels.delete(model);
      }
    }
  }
}

/** What is expected of a target, in ms; null if nothing is known. */
export function expectedOf(traffic: TargetTraffic, stream: boolean, nowMs: number): number | null {
  const latency = stream ? traffic.stream : traffic.plain;
  return latency === null ? null : expectedMs(latency, traffic.inFlight === 0, nowMs);
}

/** A request took so long: a stream until its first content, a plain answer until its end. */
export function observe(traffic: TargetTraffic, stream: boolean, tookMs: number, nowMs: number): void {
  if (stream) traffic.stream = observed(traffic.stream, tookMs, nowMs);
  else traffic.plain = observed(traffic.plain, tookMs, nowMs);
}

/** A request was given up after so long, for which nobody is to blame. */
export function observeWait(traffic: TargetTraffic, stream: boolean, waitedMs: number, nowMs: number): void {
  if (stream) traffic.stream = waitedInVain(traffic.stream, waitedMs, nowMs);
  else traffic.plain = waitedInVain(traffic.plain, waitedMs, nowMs);
}
