/**
 * Lists what a reload changes, with the names of the configuration file: providers and models that were added or
 * removed, and fields that differ. It lists names only, never values, since a value may be a secret.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Config, ProviderConfig } from '../../shared/config.ts';
import { DEFAULT_KEY } from '../../shared/provider-keys.ts';

/** A line for each difference, such as `providers.openai: api_key changed`; empty if there is none. */
export function describeChanges(before: Config, after: Config): string[] {
  return [
    ...changedEntries('providers', asInFile(before.providers), asInFile(after.providers)),
    ...changedEntries('models', before.models, after.models),
    ...(['drain', 'log', 'watchdogMs', 'passthrough', 'tracing'] as const)
      .filter((part) => !isDeepStrictEqual(before[part], after[part]))
      .map((part) => `${inFile(part)}: changed`),
  ];
}

/** `maxBodyBytes` → `max_body`: the name of a field in the file, without the unit that the program adds. */
export function inFile(field: string): string {
  return field.replace(/(Bytes|Ms)$/, '').replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** With the keys under the name that they have in the file, without what follows from the rest. */
function asInFile(providers: Config['providers']): Entries {
  const entries = Object.entries(providers).map(([name, { keys, ...provider }]) => {
    const given = keys.map(({ account: _, ...key }) => key);
    return [name, { ...provider, [isOnlyKey(keys) ? 'api_key' : 'api_keys']: given }] as const;
  });
  return Object.fromEntries(entries);
}

function isOnlyKey(keys: ProviderConfig['keys']): boolean {
  return keys.length === 1 && keys[0]?.name === DEFAULT_KEY;
}

type Entries = Readonly<Record<string, object>>;

function changedEntries(part: string, before: Entries, after: Entries): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    if (was === undefined) return [`${part}.${name}: added`];
    if (is === undefined) return [`${part}.${name}: removed`];
    const fields = changedFields(was, is).map(inFile);
    return fields.length === 0 ? [] : [`${part}.${name}: ${fields.join(', ')} changed`];
  });
}

/** Fields that the file does not have: others that it has differ with them. */
const derived = new Set(['account']);

function changedFields(before: object, after: object): string[] {
  const [was, is] = [new Map<string, unknown>(Object.entries(before)), new Map<string, unknown>(Object.entries(after))];
  // Some fields are there only where the file has them.
  return [...new Set([...was.keys(), ...is.keys()])].filter(
    (field) => !derived.has(field) && !isDeepStrictEqual(was.get(field), is.get(field)),
  );
}
