/** All warnings of a valid configuration, each with its place, in the order of the file. Reads the files that it names. */
import { formatPath, formatPlace, type Place } from '../source/faults.ts';
import { addressWarnings } from './addresses.ts';
import { certificateWarnings } from './certificates.ts';
import { doubledKeys } from './doubled-keys.ts';
import { endingModels } from './ending-models.ts';
import { foreignKeys } from './foreign-keys.ts';
import { idleParts } from './idle-parts.ts';
import { literalReferences } from './literal-references.ts';
import { partialPrices } from './partial-prices.ts';
import { unreachableLimits } from './unreachable-limits.ts';
import type { Concern, LoadedConfig } from './warning.ts';
import { wayWarnings } from './ways.ts';
import { weakSecrets } from './weak-secrets.ts';

/** A warning: where, and what. */
export interface Warning extends Place {
  /** Such as `providers.one.base_url`. */
  readonly path: string;
  readonly message: string;
}

/** `headgate.yaml:3:5 …`: the message with its place, as faults have it; of what stands in no file, the message. */
export function warningLine({ message, ...place }: Warning): string {
  return place.line === null ? message : `${formatPlace(place)} ${message}`;
}

/** @param wallMs now, in unix time: certificates expire */
export function warningsOf(loaded: LoadedConfig, wallMs: number): Warning[] {
  const { config, secrets, tree } = loaded;
  const concerns: Concern[] = [
    ...literalReferences(loaded),
    ...weakSecrets(config, secrets),
    ...doubledKeys(config, secrets),
    ...foreignKeys(config, secrets),
    ...addressWarnings(loaded),
    ...wayWarnings(config, wallMs),
    ...certificateWarnings(config, wallMs),
    ...idleParts(config),
    ...endingModels(config),
    ...unreachableLimits(loaded),
    ...partialPrices(loaded),
  ];
  return concerns
    .map(({ path, message }) => ({ ...tree.places.ofValue(path), path: formatPath(path), message }))
    .sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.col ?? 0) - (other.col ?? 0));
}

/** More would bury what else a log says at a start. */
const MOST_LINES = 20;

/** Lines for a log: each once, and no more than some, of which the last says how many others there are. */
export function warningLines(loaded: LoadedConfig, wallMs: number): string[] {
  const lines = [...new Set(warningsOf(loaded, wallMs).map(warningLine))];
  if (lines.length <= MOST_LINES) return lines;
  const shown = lines.slice(0, MOST_LINES - 1);
  return [...shown, `${lines.length - shown.length} more warnings: \`headgate check\` shows them all`];
}
