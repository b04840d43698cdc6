/**
 * Clients that go on asking a gateway while something happens to it, and what became of each of their requests.
 */
import type { RunningGateway } from './gateway.ts';

export interface Tally {
  /** Requests whose whole answer came, with status 200. */
  readonly acknowledged: number;
  /** Requests that were answered with something else. */
  readonly refused: number;
  /** Requests whose connection broke before the end of the answer: nobody can say whether they were counted. */
  readonly broken: number;
}

export interface Traffic {
  /** As of now. */
  readonly tally: Tally;
  /** Lets what is under way end, and resolves with the final tally. */
  stop(): Promise<Tally>;
}

const running = new Set<Traffic>();

/** For `afterEach`, before gateways are ended: stops whatever a failed test has left going. */
export async function endTraffic(): Promise<void> {
  await Promise.all([...running].map((traffic) => traffic.stop()));
}

/** Starts `clients` loops, each with one request at a time on a connection of its own. */
export function startTraffic(gateway: RunningGateway, clients: number, body: object = {}): Traffic {
  const tally = { acknowledged: 0, refused: 0, broken: 0 };
  let going = true;
  const loop = async (): Promise<void> => {
    while (going) {
      try {
        const answer = await gateway.complete(body);
        await answer.text();
        if (answer.status === 200) tally.acknowledged += 1;
        else tally.refused += 1;
      } catch {
        // The worker was killed while it served this one; that is what such tests are about.
        tally.broken += 1;
      }
    }
  };
  const loops = Array.from({ length: clients }, loop);
  const traffic: Traffic = {
    tally,
    stop: async () => {
      going = false;
      running.delete(traffic);
      await Promise.all(loops);
      return tally;
    },
  };
  running.add(traffic);
  return traffic;
}
