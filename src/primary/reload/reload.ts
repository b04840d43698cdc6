/**
 * Holds the active configuration and reloads it: load, refuse changes that need a restart, send it to the workers,
 * replace those that do not apply it. Nothing changes until all checks have passed.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ActiveConfig, Setting } from '../../config/in-force.ts';
import { ConfigError } from '../../config/source/faults.ts';
import { variablesInForce } from '../../config/variables-in-force.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import { describeChanges, inFile } from './config-changes.ts';
import { problemsOf, type ReloadRecord, ReloadRefusedError } from './last-reload.ts';

/** The parts that only a restart can change, with their names in the file. */
const fixedParts = { server: 'server', admin: 'admin', stateDir: 'state_dir', workers: 'workers' } as const;

/** The fixed parts in which two configurations differ, to the depth of one field: `server.port`, `workers`. */
export function fixedDifferences(before: Config, after: Config): string[] {
  const differences: string[] = [];
  for (const key of ['server', 'admin', 'stateDir', 'workers'] as const) {
    const [was, is] = [before[key], after[key]];
    if (isDeepStrictEqual(was, is)) continue;
    const name = fixedParts[key];
    if (typeof was !== 'object' || typeof is !== 'object') {
      differences.push(name);
      continue;
    }
    const [old, now] = [new Map<string, unknown>(Object.entries(was)), new Map<string, unknown>(Object.entries(is))];
    // Some fields are there only where the file has them.
    for (const field of new Set([...old.keys(), ...now.keys()])) {
      if (!isDeepStrictEqual(old.get(field), now.get(field))) differences.push(`${name}.${inFile(field)}`);
    }
  }
  return differences;
}

/** A reload that succeeded. */
export interface Reloaded {
  /** The version of the now active configuration. */
  readonly version: number;
  /** The differences from the previous configuration, one line each. */
  readonly changes: readonly string[];
  /** Where nothing has changed: the variables of the environment whose values it has, those of this process's start. */
  readonly variables?: readonly string[];
}

interface ReloaderOptions {
  readonly initial: ActiveConfig;
  /** Reads the configuration again; throws when it is invalid. */
  readonly load: () => Promise<ActiveConfig>;
  /** Applies a new configuration, which stays active even if this rejects. */
  readonly apply: (config: Config, version: number) => Promise<void>;
  /** A reload was refused, or is done. */
  readonly settled?: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

export class Reloader {
  readonly #options: ReloaderOptions;
  #active: ActiveConfig;
  #version = 1;
  #loadedAtMs: number;
  #last: ReloadRecord | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#active = options.initial;
    this.#loadedAtMs = options.clock.wallMs();
  }

  get config(): Config {
    return this.#active.config;
  }

  /** What people may see of the active configuration. */
  get values(): readonly Setting[] {
    return this.#active.values;
  }

  /** Where it came from. */
  get source(): string {
    return this.#active.source;
  }

  /** 1 at the start; each successful reload adds 1. */
  get version(): number {
    return this.#version;
  }

  /** When the active configuration was loaded, in unix milliseconds. */
  get loadedAtMs(): number {
    return this.#loadedAtMs;
  }

  /** Whether the last reload succeeded; true before the first. */
  get successful(): boolean {
    return this.#last?.successful ?? true;
  }

  /** The last reload; null before the first. It is kept in memory only: a new process has read the file anew. */
  get last(): ReloadRecord | null {
    return this.#last;
  }

  /**
   * Loads and applies the configuration; one reload at a time. Rejects with the reason if nothing was changed.
   *
   * @param by who asks, in words
   */
  reload(by: string): Promise<Reloaded> {
    const result = this.#queue.then(() => this.#reload(by)).finally(() => this.#options.settled?.());
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /**
   * Loads the configuration without applying it, as the next primary would. Rejects with the reason why that one could
   * not start.
   */
  async check(): Promise<void> {
    try {
      await this.#options.load();
    } catch (error) {
      this.#options.log.error(refusal(error), 'not restarted: the next primary could not load the configuration');
      throw error;
    }
  }

  async #reload(by: string): Promise<Reloaded> {
    const { load, apply, clock, log } = this.#options;
    const before = this.#active;
    let next: ActiveConfig | null = null;
    try {
      next = await load();
      const differences = fixedDifferences(before.config, next.config);
      if (differences.length > 0) throw new ReloadRefusedError(differences);
    } catch (error) {
      const problems = problemsOf(error, next?.values ?? []);
      this.#last = { atMs: clock.wallMs(), by, successful: false, changes: [], problems };
      log.error(refusal(error), 'the configuration was not reloaded; the previous one stays active');
      throw error;
    }
    this.#active = next;
    this.#version += 1;
    this.#loadedAtMs = clock.wallMs();
    const changes = describeChanges(before, next);
    this.#last = { atMs: this.#loadedAtMs, by, successful: true, changes, problems: [] };
    const reloaded = { version: this.#version, changes };
    await apply(this.config, this.#version);
    log.info(reloaded, 'configuration reloaded');
    for (const warning of next.warnings) log.warn(warning);
    const variables = changes.length === 0 ? variablesInForce(this.values) : [];
    return variables.length === 0 ? reloaded : { ...reloaded, variables };
  }
}

/** The reason of a refusal, as fields of a log line. Faults in the file are listed without a stack. */
function refusal(error: unknown): object {
  if (error instanceof ReloadRefusedError) return { reason: error.message };
  return error instanceof ConfigError ? { faults: error.message.split('\n') } : errorFields(error);
}
