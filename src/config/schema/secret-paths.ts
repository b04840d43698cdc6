/**
 * Where a configuration has its secrets, read once from the schema: the values declared by `secret()`. All that must be
 * known of secrets comes from here, so that a new one is covered by its declaration alone. Pure.
 */
import { z } from 'zod';
import { asArray, asRecord } from '../../shared/json.ts';
import { mayBeKey } from '../../shared/secrets/pasted-key.ts';
import { configSchema } from './schema.ts';
import { secretMarks } from './schema-values.ts';

/** Keys from the root to a secret; `*` stands for every name of a mapping and every index of a list. */
type SecretPath = readonly string[];

/** The same with the words that are no secrets there. */
interface MarkedPath {
  readonly path: SecretPath;
  readonly words: readonly string[];
}

/** A secret, and its path in the file. */
export interface PlacedSecret {
  readonly path: readonly (string | number)[];
  /** Not empty. */
  readonly value: string;
}

/** The paths of all secrets that a schema declares, in its order. */
export function secretPathsOf(schema: z.ZodType): SecretPath[] {
  return markedPaths(schema, 'secret').map(({ path }) => path);
}

const secrets = markedPaths(configSchema, 'secret');

/** Those of a configuration file. */
export const secretPaths: readonly SecretPath[] = secrets.map(({ path }) => path);

/** What is not shown either: all that was declared by `hidden()`. */
export const hiddenPaths: readonly SecretPath[] = markedPaths(configSchema, 'hidden').map(({ path }) => path);

/** What is shown unless it looks like a key: all that was declared by `unlessKey()`. */
export const shownUnlessKeyPaths: readonly SecretPath[] = markedPaths(configSchema, 'unlessKey').map(
  ({ path }) => path,
);

const notShown = [...secretPaths, ...hiddenPaths];

/** The same within the block of one provider. */
const ofProvider = secrets.flatMap(({ path: [block, , ...path], words }) =>
  block === 'providers' ? [{ path, words }] : [],
);

/** Whether the value at a path is a secret, holds one, or stands in the place of one. */
export function mayBeSecret(path: readonly (string | number)[]): boolean {
  return notShown.some((secret) => leadsTo(path, secret));
}

/** Whether a value stands where a key may have been put by mistake, and looks like one. */
export function isMisplacedKey(path: readonly (string | number)[], value: unknown): boolean {
  return typeof value === 'string' && shownUnlessKeyPaths.some((place) => leadsTo(path, place)) && mayBeKey(value);
}

function leadsTo(path: readonly (string | number)[], place: SecretPath): boolean {
  return path.every((key, index) => index >= place.length || place[index] === '*' || place[index] === key);
}

/** All secrets of a file's checked content that are not empty, in the order of the schema. */
export function secretsIn(input: unknown): PlacedSecret[] {
  return secrets.flatMap((marked) => secretsAt(input, marked)).filter(({ value }) => value !== '');
}

/** Every secret that the block of a provider may have, in the order of the schema; empty if it is not given. */
export function secretsOfProvider(block: unknown): string[] {
  return ofProvider.flatMap((marked) => {
    const given = secretsAt(block, marked).map(({ value }) => value);
    return given.length === 0 ? [''] : given;
  });
}

/** What is there; a word that is no secret counts as nothing. */
function secretsAt(input: unknown, { path, words }: MarkedPath): PlacedSecret[] {
  return textsAt(input, path, []).map((found) => (words.includes(found.value) ? { ...found, value: '' } : found));
}

function textsAt(value: unknown, [key, ...rest]: SecretPath, at: PlacedSecret['path']): PlacedSecret[] {
  if (key === undefined) return typeof value === 'string' ? [{ path: at, value }] : [];
  const found = key === '*' ? childrenOf(value) : [[key, asRecord(value)?.[key]] as const];
  return found.flatMap(([name, child]) => textsAt(child, rest, [...at, name]));
}

function childrenOf(value: unknown): (readonly [string | number, unknown])[] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(asRecord(value) ?? {});
}

type Mark = 'secret' | 'hidden' | 'unlessKey';

function markedPaths(schema: z.ZodType, mark: Mark): MarkedPath[] {
  return pathsBelow(z.toJSONSchema(schema, { target: 'draft-7', io: 'input', metadata: secretMarks }), [], mark);
}

function pathsBelow(schema: unknown, path: SecretPath, mark: Mark): MarkedPath[] {
  const node = asRecord(schema);
  if (node === null) return [];
  if (node[mark] === true) return [{ path, words: asArray(node.words).filter((word) => typeof word === 'string') }];
  const named = Object.entries(asRecord(node.properties) ?? {});
  const any = [node.additionalProperties, node.items].flat();
  const either = [node.anyOf, node.oneOf, node.allOf].flatMap(asArray);
  return [
    ...named.flatMap(([name, child]) => pathsBelow(child, [...path, name], mark)),
    ...any.flatMap((child) => pathsBelow(child, [...path, '*'], mark)),
    ...either.flatMap((child) => pathsBelow(child, path, mark)),
  ];
}
