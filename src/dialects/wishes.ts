/** Reads parameters that dialects have under names of their own. What is of no form that is known is no wish. */
import { asRecord, asString, type JsonRecord } from '../shared/json.ts';
import type { AnswerFormat, CacheMark, Wish, Wishes } from './hub.ts';
import type { RequestExtensions } from './request-extensions.ts';

/** Of a request that says none of it. */
export const noWishes: Wishes = {
  format: null,
  effort: null,
  thinking: null,
  summary: null,
  topK: null,
  user: null,
  verbosity: null,
  serviceTier: null,
  cache: null,
};

/** A text; null where it is none, or empty. */
export function textWish(value: unknown, at: string): Wish<string> | null {
  return wish(asString(value) || null, at);
}

/** A number; null where it is none. */
export function numberWish(value: unknown, at: string): Wish<number> | null {
  return wish(typeof value === 'number' ? value : null, at);
}

/** An object; null where it is none. */
export function recordWish(value: unknown, at: string): Wish<JsonRecord> | null {
  return wish(asRecord(value), at);
}

/** The mark on a whole request; null where there is none. */
export function cacheWish({ cache_control: control }: JsonRecord): Wish<CacheMark> | null {
  return wish(cacheMark(control), 'cache_control');
}

/** The mark that a `cache_control` is; null where it is none. */
export function cacheMark(control: unknown): CacheMark | null {
  const mark = asRecord(control);
  return mark === null ? null : { ttl: asString(mark.ttl) };
}

/**
 * The mark of a part as Anthropic's clients set it, or OpenAI's, which keep for 30 minutes or 12 hours: Anthropic's longest is
 * an hour.
 */
export function partMark({
  cache_control: control,
  prompt_cache_breakpoint: breakpoint,
}: JsonRecord): CacheMark | null {
  const point = asRecord(breakpoint);
  if (point === null) return cacheMark(control);
  const named = { ttl: asString(point.ttl) === null ? null : '1h', at: 'prompt_cache_breakpoint' };
  return cacheMark(control) ?? named;
}

/** Names what of a part's marks is not read: one of another form, and a time that Anthropic does not keep. */
export function addUnreadMark(part: JsonRecord, type: string, extensions: RequestExtensions): void {
  if (cacheMark(part.cache_control) === null) extensions.add(`${type}.cache_control`, part.cache_control);
  const { prompt_cache_breakpoint: breakpoint } = part;
  const point = asRecord(breakpoint);
  if (point === null) extensions.add(`${type}.prompt_cache_breakpoint`, breakpoint);
  else if (point.ttl !== '30m') extensions.add(`${type}.prompt_cache_breakpoint.ttl`, point.ttl);
}

/** A field's name and value, by the wish that it would be. */
type WishFields = Partial<Readonly<Record<keyof Wishes, readonly [name: string, value: unknown]>>>;

/** Names what of these fields is of no form that is known. @param found what was read of them */
export function addUnread(found: Wishes, fields: WishFields, extensions: RequestExtensions): void {
  for (const [wish, [name, value]] of Object.entries(fields)) {
    if (found[wish as keyof Wishes] === null) extensions.add(name, value);
  }
}

/** OpenAI's form of an answer, as both of its dialects have it; null for text, and for one that is not known. */
export function formatOf(type: unknown, schema: JsonRecord | null): AnswerFormat | null {
  if (type === 'json_object') return { type: 'json' };
  const described = asRecord(schema?.schema);
  if (type !== 'json_schema' || schema === null || described === null) return null;
  return {
    type: 'schema',
    schema: described,
    name: asString(schema.name),
    description: asString(schema.description),
    isStrict: typeof schema.strict === 'boolean' ? schema.strict : null,
  };
}

/** Anthropic's form of an answer; null for one that is not known. It is always followed exactly. */
export function strictFormatOf(value: unknown): AnswerFormat | null {
  const format = asRecord(value);
  const schema = asRecord(format?.schema);
  if (format?.type !== 'json_schema' || schema === null) return null;
  return { type: 'schema', schema, name: null, description: null, isStrict: true };
}

/** Null for null. */
export function wish<Value>(value: Value | null, at: string): Wish<Value> | null {
  return value === null ? null : { value, at };
}
