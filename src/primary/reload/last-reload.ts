/**
 * What is remembered of a reload, for people: names, places, and values as far as people may see them. A reload that was
 * refused is shown until the next one. It is kept in memory only, since a new process reads the configuration anew.
 */
import type { Setting } from '../../config/in-force.ts';
import { ConfigError } from '../../config/source/faults.ts';

/** A reload that has succeeded or was refused. */
export interface ReloadRecord {
  /** When it ended, in unix milliseconds. */
  readonly atMs: number;
  /** Who asked for it: `SIGHUP`, or the command, the status page or the admin port, with an address. */
  readonly by: string;
  readonly successful: boolean;
  /** What it changed, a line each; empty for one that was refused. */
  readonly changes: readonly string[];
  /** Why it was refused, a line each, with its place where there is one; empty for one that succeeded. */
  readonly problems: readonly string[];
}

/** The same in JSON. */
export interface LastReload extends Omit<ReloadRecord, 'atMs'> {
  /** As an ISO time. */
  readonly at: string;
}

/** The form in which the admin server shows a reload. */
export function shownReload({ atMs, ...rest }: ReloadRecord): LastReload {
  return { at: new Date(atMs).toISOString(), ...rest };
}

const CURE = '`headgate restart --all`, or stop and start the service';

/** The new configuration changes parts that need a restart; the message names them. */
export class ReloadRefusedError extends Error {
  override readonly name = 'ReloadRefusedError';
  /** By their names in the file. */
  readonly parts: readonly string[];

  constructor(parts: readonly string[]) {
    super(`needs a restart (${CURE}): ${parts.join(', ')} changed, which a reload cannot apply; nothing was applied`);
    this.parts = parts;
  }
}

/** Why a reload was refused, each with the lines of the file that it is about. @param values those of the configuration that was refused */
export function problemsOf(error: unknown, values: readonly Setting[]): string[] {
  if (error instanceof ConfigError) return error.explained.map(({ fault, lines }) => [fault, ...lines].join('\n'));
  if (!(error instanceof ReloadRefusedError)) return [error instanceof Error ? error.message : String(error)];
  return error.parts.map((part) => {
    const changed = values.find(({ path }) => path === part || path.startsWith(`${part}[`));
    const [place = 'default'] = changed?.from.split(', from ') ?? [];
    return `${place === 'default' ? '' : `${place} `}${part}: changed, which needs a restart (${CURE})`;
  });
}
