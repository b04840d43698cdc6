/** Clients that keep sending requests while a test does something to the gateway, and a count of their answers. */
import { TalliedLoad } from '../../scripts/load/tallied-load.ts';
import type { RunningGateway } from '../../scripts/rig/gateway.ts';

interface Tally {
  /** Requests whose whole answer arrived, with status 200. */
  readonly acknowledged: number;
  /** Requests that were answered with another status. */
  readonly refused: number;
  /** Requests whose connection broke before the end of the answer: they may or may not have been counted. */
  readonly broken: number;
  /** The broken ones by reason. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Clients that run until they are stopped. */
export interface Traffic {
  /** As of now. */
  readonly tally: Tally;
  /** Waits for the requests in flight and resolves with the final tally. */
  stop(): Promise<Tally>;
}

interface TrafficOptions {
  /** Default `gpt-4`. */
  readonly model?: string;
  /** Share of requests on a connection of their own, 0..1. Default 1: all of them. */
  readonly freshShare?: number;
}

const running = new Set<Traffic>();

/** For `afterEach`, before the gateways are ended: stops all traffic, also that of a failed test. */
export async function endTraffic(): Promise<void> {
  await Promise.all([...running].map((traffic) => traffic.stop()));
}

/** Starts `clients` loops, each with one request at a time. */
export function startTraffic(gateway: RunningGateway, clients: number, options: TrafficOptions = {}): Traffic {
  const load = new TalliedLoad({ url: gateway.url, clients, freshShare: 1, ...options });
  const traffic: Traffic = {
    get tally() {
      const { acknowledged: answered, byStatus, failed, failures } = load.tally();
      const acknowledged = byStatus[200] ?? 0;
      return { acknowledged, refused: answered - acknowledged, broken: failed, failures };
    },
    stop: async () => {
      running.delete(traffic);
      await load.stop();
      return traffic.tally;
    },
  };
  running.add(traffic);
  return traffic;
}
