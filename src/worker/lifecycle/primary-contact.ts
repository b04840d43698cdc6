/**
 * What this worker has from its primary: when it last heard of it, and the configuration in force. The lifecycle keeps
 * it up to date; the circuit gate reads it, which is built before the lifecycle.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import type { WorkerInit } from '../../shared/ipc.ts';

/** One per worker, from `init` on. */
export class PrimaryContact {
  readonly #clock: Clock;
  #config: Config;
  #configVersion: number;
  #lastMessageAtMs: number;

  constructor({ config, configVersion }: Pick<WorkerInit, 'config' | 'configVersion'>, clock: Clock) {
    this.#clock = clock;
    this.#config = config;
    this.#configVersion = configVersion;
    this.#lastMessageAtMs = clock.nowMs();
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#config;
  }

  /** Of the configuration in force; a newer one has a higher version. */
  get configVersion(): number {
    return this.#configVersion;
  }

  /** When the primary's last message arrived, on this worker's clock. */
  get lastMessageAtMs(): number {
    return this.#lastMessageAtMs;
  }

  /** A message has arrived. */
  heard(): void {
    this.#lastMessageAtMs = this.#clock.nowMs();
  }

  /** A newer configuration is in force. */
  configured(config: Config, version: number): void {
    this.#config = config;
    this.#configVersion = version;
  }
}
