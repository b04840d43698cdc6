/**
 * What makers of strict answers ask of a JSON schema: that its objects have no other fields than those that are named, and
 * OpenAI, that all of them are there.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../shared/json.ts';

/** Fields that hold a schema, a list of schemas, or schemas by name. */
const single = ['items', 'not', 'if', 'then', 'else', 'contains'];
const lists = ['anyOf', 'allOf', 'oneOf', 'prefixItems'];
const named = ['properties', '$defs', 'definitions'];

/**
 * The schema with objects that have no fields but the named ones, where others may be there of any kind: Anthropic refuses
 * it otherwise. What follows it follows the client's schema too, and there is more than `{}` if no object of it is free.
 */
export function withoutOtherFields(schema: JsonRecord): JsonRecord {
  const inner = mapped(schema, withoutOtherFields);
  return isObject(schema) && mayHaveOthers(schema) ? { ...inner, additionalProperties: false } : inner;
}

/** Whether one of its objects has fields of any name: nothing that it is for would be left without them. */
export function hasFreeObject(schema: JsonRecord): boolean {
  const isOfAnyKind = mayHaveOthers(schema) && asRecord(schema.properties) === null;
  if (isObject(schema) && (isOfAnyKind || asRecord(schema.additionalProperties) !== null)) return true;
  let isFree = false;
  mapped(schema, (inner) => {
    isFree ||= hasFreeObject(inner);
    return inner;
  });
  return isFree;
}

function isObject({ type, properties }: JsonRecord): boolean {
  return type === 'object' || asArray(type).includes('object') || asRecord(properties) !== null;
}

/** Of any kind: JSON Schema's default. */
function mayHaveOthers({ additionalProperties: others }: JsonRecord): boolean {
  return others === undefined || others === true;
}

/** Bounds that Anthropic refuses in a schema which an answer must follow. Source: its page on structured outputs. */
const bounds = new Set([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties'],
]);

const knownFormats = new Set([
  ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'],
]);

/** A schema that Anthropic takes, and the names of what it no longer enforces, each once. */
interface LooserSchema {
  readonly schema: JsonRecord;
  readonly loosened: readonly string[];
}

/**
 * The schema with its bounds in words, as Anthropic's own libraries write them: the model is told, though nothing holds it to
 * them. `oneOf` is `anyOf`, the word that is taken.
 */
export function withBoundsInWords(schema: JsonRecord): LooserSchema {
  const loosened = new Set<string>();
  const looser = (each: JsonRecord): JsonRecord => {
    const inner = Object.entries(mapped(each, looser));
    const moved = inner.filter(([name, value]) => isRefused(name, value));
    for (const [name] of moved) loosened.add(name);
    const kept = inner.filter(([name, value]) => !isRefused(name, value));
    const { oneOf, ...rest }: JsonRecord = Object.fromEntries(kept);
    const choice = oneOf === undefined ? {} : rest.anyOf === undefined ? { anyOf: oneOf } : { oneOf };
    if (moved.length === 0) return { ...rest, ...choice };
    const words = `{${moved.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ')}}`;
    const said = asString(rest.description) ?? '';
    return { ...rest, ...choice, description: said === '' ? words : `${said}\n\n${words}` };
  };
  return { schema: looser(schema), loosened: [...loosened] };
}

function isRefused(name: string, value: unknown): boolean {
  if (name === 'minItems') return value !== 0 && value !== 1;
  if (name === 'format') return typeof value === 'string' && !knownFormats.has(value);
  return bounds.has(name);
}

/** Whether each object has all the fields that are named, and no others. */
export function isComplete(schema: JsonRecord): boolean {
  const properties = Object.keys(asRecord(schema.properties) ?? {});
  const required = new Set(asArray(schema.required));
  const isOpen = isObject(schema) && schema.additionalProperties !== false;
  if (isOpen || properties.some((name) => !required.has(name))) return false;
  let isWhole = true;
  mapped(schema, (inner) => {
    isWhole &&= isComplete(inner);
    return inner;
  });
  return isWhole;
}

/** The schema with each schema directly in it replaced. */
function mapped(schema: JsonRecord, change: (inner: JsonRecord) => JsonRecord): JsonRecord {
  const changed = (value: unknown): unknown => {
    const inner = asRecord(value);
    return inner === null ? value : change(inner);
  };
  const fields = Object.entries(schema).map(([name, value]): [string, unknown] => {
    if (single.includes(name)) return [name, changed(value)];
    if (lists.includes(name) && Array.isArray(value)) return [name, value.map(changed)];
    const byName = named.includes(name) ? asRecord(value) : null;
    if (byName === null) return [name, value];
    return [name, Object.fromEntries(Object.entries(byName).map(([key, inner]) => [key, changed(inner)]))];
  });
  return Object.fromEntries(fields);
}
