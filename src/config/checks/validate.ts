/**
 * Checks a tree against a schema and returns all faults together. Two repairs come first. A text from a reference
 * becomes a number or boolean if the schema expects one, since references always give texts. A block whose keys are
 * all commented out counts as left out, since YAML reads it as null.
 */
import type { z } from 'zod';
import { didYouMean } from '../../shared/nearest-name.ts';
import { knownKeys } from '../schema/json-schema.ts';
import { foreignSettings } from '../schema/provider-settings.ts';
import { describeValue, type Fault, kindOf, type Path } from '../source/faults.ts';
import { describeAt, type Origins, originKey } from '../source/origins.ts';
import { faultAt, isMapping, type Mapping, putAt, type SourceTree, valueAt } from '../source/source-tree.ts';

type Validation<Input> =
  | { readonly kind: 'valid'; readonly input: Input }
  | { readonly kind: 'invalid'; readonly faults: readonly Fault[] };

/** Checks the part of the tree below `at` against a schema, and repairs its values in place. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  tree: SourceTree,
  origins: Origins,
  at: Path = [],
): Validation<z.output<Schema>> {
  let result = schema.safeParse(valueAt(tree.value, at));
  if (!result.success && repair(tree.value, locate(result.error, at), origins)) {
    result = schema.safeParse(valueAt(tree.value, at));
  }
  if (result.success) return { kind: 'valid', input: result.data };
  return { kind: 'invalid', faults: locate(result.error, at).flatMap((located) => faultsOf(located, tree, origins)) };
}

interface Located {
  readonly issue: z.core.$ZodIssue;
  /** From the tree's root. */
  readonly path: Path;
}

function locate({ issues }: Pick<z.ZodError, 'issues'>, at: Path): Located[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
    const [meant, ...others] = issue.code === 'invalid_union' ? issue.errors.filter(isOfItsKind) : [];
    return meant !== undefined && others.length === 0 ? locate({ issues: meant }, path) : [{ issue, path }];
  });
}

/** Whether a value has the kind that one form of it asks for: what is wrong lies within it. */
function isOfItsKind(issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys');
}

function faultsOf({ issue, path }: Located, tree: SourceTree, origins: Origins): Fault[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(tree, path, key));
    case 'invalid_key': {
      const expected = issue.issues[0]?.message ?? 'another name';
      return [faultAt(tree.places.ofKey(path), path, `should be ${expected}, got ${describeValue(path.at(-1))}`)];
    }
    case 'invalid_value': {
      const value = valueAt(tree.value, path);
      const words = issue.values.filter((word) => typeof word === 'string');
      const hint = typeof value === 'string' && !origins.has(originKey(path)) ? didYouMean(value, words) : null;
      return [wrongValue({ issue, path }, tree, origins, hint)];
    }
    default:
      return [wrongValue({ issue, path }, tree, origins, null)];
  }
}

function wrongValue({ issue, path }: Located, tree: SourceTree, origins: Origins, hint: string | null): Fault {
  // A plain value in the place of a mapping or list may be a secret in the wrong place, so only its kind is shown.
  const structural = issue.code === 'invalid_type' && ['object', 'record', 'array'].includes(issue.expected);
  const got = structural ? kindOf(valueAt(tree.value, path)) : describeAt(tree, path, origins);
  return faultAt(tree.places.ofValue(path), path, `should be ${issue.message}, got ${got}`, hint);
}

function unknownKey(tree: SourceTree, parent: Path, key: string): Fault {
  const known = keysAt(parent, tree);
  const path = [...parent, key];
  return faultAt(
    tree.places.ofKey(path),
    path,
    `should be one of ${known.join(', ')}, got ${describeValue(key)}`,
    didYouMean(key, known),
  );
}

/** The keys that a mapping may have: in a provider's block, those of its type. */
function keysAt(path: Path, tree: SourceTree): string[] {
  const [block, name, ...below] = path;
  const isProvider = block === 'providers' && name !== undefined && below.length === 0;
  const foreign = isProvider ? foreignSettings(valueAt(tree.value, [...path, 'type'])) : [];
  return knownKeys(path).filter((key) => !foreign.includes(key));
}

/** Whether anything was repaired. */
function repair(root: unknown, found: readonly Located[], origins: Origins): boolean {
  let repaired = false;
  for (const { issue, path } of found) {
    const value = valueAt(root, path);
    if (value === null && issue.code === 'invalid_type' && issue.expected === 'object') {
      const [parent, key] = [valueAt(root, path.slice(0, -1)), String(path.at(-1))];
      // Only a known key is removed: a provider or a model without content is a fault.
      if (isMapping(parent) && knownKeys(path.slice(0, -1)).includes(key)) repaired = remove(parent, key) || repaired;
    } else if (typeof value === 'string' && origins.has(originKey(path))) {
      const typed = typedValue(value);
      if (typed !== value) putAt(root, path, typed);
      repaired ||= typed !== value;
    }
  }
  return repaired;
}

function remove(parent: Mapping, key: string): boolean {
  return Reflect.deleteProperty(parent, key);
}

/** The number or boolean that a text spells, else the text. */
function typedValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
