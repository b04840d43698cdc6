/**
 * Looks at a worker from outside while it is attacked, each 100 ms: its memory, its descriptors, and how long `/health`
 * takes over a connection of its own, asked again a few ms after each answer.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'undici';
import { residentMb, residentPeakMb } from '../processes/resident-memory.ts';
import type { RunningGateway } from '../rig/gateway.ts';

const HEALTH_EVERY_MS = 3;
const LOOK_EVERY_MS = 100;
/** A scrape asks the worker for its numbers, which takes it a moment. */
const SCRAPE_EVERY_MS = 500;

/** With more the attack is ended: the machine is not to be filled. */
const MOST_MB = 3_000;

/** The highest that were seen. */
export interface Observed {
  /** Above that at the start. */
  readonly grownMb: number;
  readonly slowestHealthMs: number;
  readonly places: number;
  /** Above those at the start. */
  readonly descriptors: number;
}

export class Observation {
  readonly #gateway: RunningGateway;
  readonly #pid: number;
  readonly #health: Client;
  readonly #startMb: number;
  readonly #startDescriptors: number;
  readonly #loops: Promise<unknown>;
  readonly #tooLarge: () => void;
  #slowestHealthMs = 0;
  #places = 0;
  #descriptors = 0;
  #over = false;

  /** @param tooLarge the worker's memory is beyond all limits, or the worker has ended */
  constructor(gateway: RunningGateway, pid: number, tooLarge: () => void) {
    this.#gateway = gateway;
    this.#pid = pid;
    this.#tooLarge = tooLarge;
    this.#health = new Client(gateway.url);
    this.#startMb = residentMb(pid);
    this.#startDescriptors = descriptorsOf(pid);
    // The kernel's own peak begins anew.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    this.#loops = Promise.all([this.#askHealth(), this.#look(), this.#scrape()]);
    // Its failure is thrown by `end`.
    this.#loops.catch(() => undefined);
  }

  /** From now on questions may fail: the gateway is ended. */
  stop(): void {
    this.#over = true;
  }

  /** Ends the looking. Resolves with what was seen. */
  async end(): Promise<Observed> {
    const peakMb = this.#isGone ? Number.NaN : residentPeakMb(this.#pid);
    this.#over = true;
    await this.#loops;
    await this.#health.destroy();
    return {
      grownMb: Math.max(0, peakMb - this.#startMb),
      slowestHealthMs: this.#slowestHealthMs,
      places: this.#places,
      descriptors: Math.max(0, this.#descriptors - this.#startDescriptors),
    };
  }

  get #isGone(): boolean {
    return descriptorsOf(this.#pid) === 0;
  }

  async #askHealth(): Promise<void> {
    while (!this.#over && !this.#isGone) {
      const askedAt = performance.now();
      await this.#unlessGone(async () => {
        const { body } = await this.#health.request({ path: '/health', method: 'GET' });
        await body.dump();
      });
      this.#slowestHealthMs = Math.max(this.#slowestHealthMs, performance.now() - askedAt);
      await pause(HEALTH_EVERY_MS);
    }
  }

  /** A question to a gateway that was ended meanwhile fails. */
  async #unlessGone(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!this.#isGone && !this.#over) throw error;
    }
  }

  async #look(): Promise<void> {
    while (!this.#over) {
      this.#descriptors = Math.max(this.#descriptors, descriptorsOf(this.#pid));
      if (this.#isGone || residentMb(this.#pid) > MOST_MB) return this.#tooLarge();
      await pause(LOOK_EVERY_MS);
    }
  }

  async #scrape(): Promise<void> {
    while (!this.#over && !this.#isGone) {
      await this.#unlessGone(async () => {
        const inFlight = await this.#gateway.metric('llm_requests_in_flight');
        this.#places = Math.max(this.#places, inFlight ?? 0);
      });
      await pause(SCRAPE_EVERY_MS);
    }
  }
}

/** How many a process has open; 0 if it has ended. */
function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
