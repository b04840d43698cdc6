/**
 * The configuration's JSON Schema (draft-7), made from the schema that the loader uses. One thing differs: in the place
 * of a number, a word or a duration it also accepts a text with a `${…}` reference, since an editor cannot know its
 * value.
 */
import { z } from 'zod';
import { isMapping } from '../source/source-tree.ts';
import { configSchema } from './schema.ts';

const raw = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });

/** The JSON Schema, as a plain object. */
export function configJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Headgate configuration',
    ...admitReferences(raw),
  };
}

/** The keys that the mapping at a path accepts; empty if it accepts any key, or if the path leads to no mapping. */
export function knownKeys(path: readonly (string | number)[]): string[] {
  const schema = path.reduce<unknown>((current, key) => {
    if (!isMapping(current)) return undefined;
    if (typeof key === 'number') return current.items;
    const properties = current.properties;
    return isMapping(properties) && Object.hasOwn(properties, key) ? properties[key] : current.additionalProperties;
  }, raw);
  const properties = isMapping(schema) ? schema.properties : undefined;
  return isMapping(properties) ? Object.keys(properties) : [];
}

const reference = { type: 'string', pattern: '\\$\\{[^}]+\\}' };

/** Keys whose values are schemas by name. */
const byName = new Set(['properties']);

function admitReferences(schema: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (byName.has(key) && isMapping(value)) {
      result[key] = Object.fromEntries(
        Object.entries(value).map(([name, child]) => [name, isMapping(child) ? admitReferences(child) : child]),
      );
    } else if ((key === 'items' || key === 'additionalProperties') && isMapping(value)) {
      result[key] = admitReferences(value);
    } else result[key] = value;
  }
  return needsReference(result) ? withReference(result) : result;
}

/** Whether the schema would refuse a text with a reference. */
function needsReference(schema: Record<string, unknown>): boolean {
  if (Array.isArray(schema.anyOf)) return true;
  const types = [schema.type].flat();
  if (types.includes('string')) return 'pattern' in schema || 'enum' in schema;
  return types.some((type) => type === 'integer' || type === 'number' || type === 'boolean');
}

function withReference(schema: Record<string, unknown>): Record<string, unknown> {
  const { description, default: initial, anyOf, ...rest } = schema;
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(initial === undefined ? {} : { default: initial }),
  };
  return { ...about, anyOf: [...(Array.isArray(anyOf) ? anyOf : [rest]), reference] };
}
