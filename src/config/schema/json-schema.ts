/**
 * The configuration's JSON Schema (draft-7), made from the schema that the loader uses. One thing differs: in the place
 * of a number, a word or a duration it also accepts a text with a `${…}` reference, since an editor cannot know its
 * value.
 */
import { z } from 'zod';
import { asArray, asRecord, type JsonRecord } from '../../shared/json.ts';
import { configSchema } from './schema.ts';

/** Without references: what a value is after they are replaced. */
export const rawSchema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });

/** The JSON Schema, as a plain object. */
export function configJsonSchema(): JsonRecord {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Headgate configuration',
    ...admitReferences(rawSchema),
  };
}

/** The keys that the mapping at a path accepts; empty if it accepts any key, or if the path leads to no mapping. */
export function knownKeys(path: Keys): string[] {
  return Object.keys(asRecord(formWith(schemaAt(path), 'properties')?.properties) ?? {});
}

/** Whether the mapping that may stand at a path has keys: a known one, or any name. */
export function takesKeys(path: Keys): boolean {
  const schema = schemaAt(path);
  const { additionalProperties } = formWith(schema, 'properties') ?? asRecord(schema) ?? {};
  return formWith(schema, 'properties') !== null || asRecord(additionalProperties) !== null;
}

/** Whether a text, a number or a word may stand at a path. */
export function takesPlainValue(path: Keys): boolean {
  const schema = asRecord(schemaAt(path));
  if (schema === null) return false;
  const forms = [schema, ...asArray(schema.anyOf).map(asRecord)];
  const kinds = forms.flatMap((form) => [form?.type].flat());
  const isAny = schema.type === undefined && schema.anyOf === undefined;
  return isAny || kinds.some((kind) => ['string', 'number', 'integer', 'boolean'].includes(String(kind)));
}

/** Whether some mapping of a configuration has a key of that name. */
export function isKnownKey(name: string): boolean {
  return everyKey.has(name);
}

type Keys = readonly (string | number)[];

function schemaAt(path: Keys): unknown {
  return path.reduce<unknown>((current, key) => {
    if (typeof key === 'number') return formWith(current, 'items')?.items;
    const node = formWith(current, 'properties') ?? asRecord(current);
    const properties = asRecord(node?.properties);
    return properties !== null && Object.hasOwn(properties, key) ? properties[key] : node?.additionalProperties;
  }, rawSchema);
}

const everyKey: ReadonlySet<string> = new Set(keysBelow(rawSchema));

function keysBelow(schema: unknown): string[] {
  const node = asRecord(schema);
  if (node === null) return [];
  const { properties, additionalProperties, items, anyOf } = node;
  const named = Object.entries(asRecord(properties) ?? {});
  const others = [additionalProperties, items, ...asArray(anyOf)];
  return [...named.map(([name]) => name), ...[...named.map(([, child]) => child), ...others].flatMap(keysBelow)];
}

/** The schema itself, or the one of its forms that has this keyword. */
export function formWith(schema: unknown, keyword: string): JsonRecord | null {
  const node = asRecord(schema);
  const forms = [node, ...asArray(node?.anyOf).map(asRecord)];
  return forms.find((form) => form?.[keyword] !== undefined) ?? null;
}

const reference = { type: 'string', pattern: '\\$\\{[^}]+\\}' };

/** Keys whose values are schemas by name. */
const byName = new Set(['properties']);

function admitReferences(schema: JsonRecord): JsonRecord {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    const mapping = asRecord(value);
    if (byName.has(key) && mapping !== null) {
      result[key] = Object.fromEntries(Object.entries(mapping).map(([name, child]) => [name, admitted(child)]));
    } else if (key === 'anyOf') result[key] = isStructural(schema) ? asArray(value).map(admitted) : value;
    else result[key] = key === 'items' || key === 'additionalProperties' ? admitted(value) : value;
  }
  return needsReference(result) ? withReference(result) : result;
}

function admitted(schema: unknown): unknown {
  const record = asRecord(schema);
  return record === null ? schema : admitReferences(record);
}

/** Whether the schema would refuse a text with a reference. */
function needsReference(schema: JsonRecord): boolean {
  if (Array.isArray(schema.anyOf)) return !isStructural(schema);
  const types = [schema.type].flat();
  if (types.includes('string')) return 'pattern' in schema || 'enum' in schema;
  return types.some((type) => type === 'integer' || type === 'number' || type === 'boolean');
}

/** Whether all forms of a value are mappings and lists, which no reference can become. */
function isStructural(schema: JsonRecord): boolean {
  return asArray(schema.anyOf).every((form) => ['object', 'array'].includes(String(asRecord(form)?.type)));
}

function withReference(schema: JsonRecord): JsonRecord {
  const { description, default: initial, anyOf, ...rest } = schema;
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(initial === undefined ? {} : { default: initial }),
  };
  return { ...about, anyOf: [...(Array.isArray(anyOf) ? anyOf : [rest]), reference] };
}
