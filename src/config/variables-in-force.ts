/**
 * Which values in force come from variables of the environment. They are those of the process's start: what is set anew in
 * the environment of a service, or of a shell, reaches no process that runs, and no reload.
 */
import type { Setting } from './in-force.ts';
import { MASK } from './source/excerpt.ts';
import { formatPath } from './source/faults.ts';

/** Secrets of a provider that are no part of what it knows its customer by. */
const notOfKey = /^(?:base_url|proxy|tls)\b/;

/** Where what a provider knows its customer by comes from. */
export interface SecretSources {
  /** The names of variables. */
  readonly variables: readonly string[];
  /** Whether some come from elsewhere: written down, or in files of their own. */
  readonly hasOthers: boolean;
}

/** The names of all variables that values come from, each once. */
export function variablesInForce(settings: readonly Setting[]): string[] {
  return [...new Set(settings.flatMap(variablesOf))];
}

/** Where the keys of a provider come from, and what stands for one, such as a header. */
export function secretSources(settings: readonly Setting[], provider: string): SecretSources {
  const own = `${formatPath(['providers', provider])}.`;
  const secrets = settings.filter(({ path, value }) => {
    return path.startsWith(own) && value === MASK && !notOfKey.test(path.slice(own.length));
  });
  const variables = secrets.map(variablesOf);
  return { variables: [...new Set(variables.flat())], hasOthers: variables.some((names) => names.length === 0) };
}

function variablesOf({ from }: Setting): string[] {
  const [, references = ''] = /, from (.*)$/s.exec(from) ?? [];
  return Array.from(references.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g), ([, name = '']) => name);
}
