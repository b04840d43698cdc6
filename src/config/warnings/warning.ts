/** What `check` warns of: a configuration that is valid, but in which something cannot be meant as it stands. */
import type { Config } from '../../shared/config.ts';
import type { PlacedSecret } from '../schema/secret-paths.ts';
import type { Path } from '../source/faults.ts';
import type { Origins } from '../source/origins.ts';
import type { SourceTree } from '../source/source-tree.ts';

/** A warning before its place is known. */
export interface Concern {
  /** Of the value that should be looked at. */
  readonly path: Path;
  /** A sentence that names the setting, and says what to do. Holds no secret. */
  readonly message: string;
}

/** A configuration that was loaded, with what it was made of. */
export interface LoadedConfig {
  readonly config: Config;
  /** All secrets that are keys, with their places. */
  readonly secrets: readonly PlacedSecret[];
  /** The source, references replaced. */
  readonly tree: SourceTree;
  readonly origins: Origins;
  /** Of the price of a target, by its place among those of its model; null where it has none in the configuration. */
  readonly pricePathOf: (model: string, index: number) => Path | null;
}
