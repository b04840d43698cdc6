/**
 * The names of models and providers that a shell can offer: those of the configuration that the line is for. A file is read
 * as it is, since a shell need not have the keys that it refers to. It is asked at every Tab, so nothing is said of faults.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { loadConfig } from '../config/load.ts';
import { asArray, asRecord } from '../shared/json.ts';
import type { NamesFrom } from './completion-scripts.ts';
import { loadOptions, runningSource } from './config-options.ts';

/** Names without what a shell would read otherwise, patterns among them. @param words of the line, with its --config */
export function configuredNames(kind: NamesFrom, words: readonly string[]): string[] {
  try {
    const config = configIn(words);
    const source = runningSource(config === undefined ? {} : { config });
    const input: unknown =
      source.kind === 'file' ? parse(readFileSync(source.path, 'utf8')) : loadConfig(loadOptions(source, {}));
    return namesIn(kind, input).filter((name) => /^[A-Za-z0-9][\w.:/@+-]*$/.test(name));
  } catch {
    // No file, one that cannot be read, or no YAML: there is nothing to offer, and the line is not to be disturbed.
    return [];
  }
}

function namesIn(kind: NamesFrom, input: unknown): string[] {
  return Object.entries(asRecord(asRecord(input)?.[kind]) ?? {}).flatMap(([name, block]) => {
    const aliases = kind === 'models' ? asArray(asRecord(block)?.aliases) : [];
    return [name, ...aliases.filter((alias) => typeof alias === 'string')];
  });
}

/** Behind --config; bash has the equals sign as a word of its own. */
function configIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => /^--config(?:=|$)/.test(word));
  const [word = '', next, last] = at < 0 ? [] : words.slice(at);
  if (word.startsWith('--config=')) return word.slice('--config='.length);
  return next === '=' ? last : next;
}
