/**
 * The configuration's JSON Schema (draft-7), out of the schema that the loader itself uses. It differs in one thing:
 * where a number, a word or a duration is expected, it also takes a text with a `${…}` reference, since an editor
 * cannot know what that will become.
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

/** The keys that a mapping at a path takes; empty where it takes any, or where there is none. */
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

/** Whether a text with a reference would be refused as it stands. */
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
