/**
 * The kinds of configuration values, as zod schemas. The message of each check is the expectation ("a port from 0 to
 * 65535"), which a fault prints as `should be …`. Each schema also holds its description and default for the JSON
 * Schema. Parsed durations are in milliseconds, parsed sizes in bytes.
 */
import { z } from 'zod';
import { durationPattern, LONGEST_DURATION, parseDuration, parseSize, sizePattern } from './quantities.ts';

interface About {
  readonly description: string;
  readonly default?: unknown;
}

/** A mapping that accepts only these keys. @param expected what a fault says should be here */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape, about?: About, expected = 'a mapping') {
  const schema = z.strictObject(shape, expected);
  return about === undefined ? schema : schema.meta({ ...about });
}

/** A whole number from `min` to `max`, both included. */
export function wholeNumber(expected: string, min: number, max: number, about: About) {
  return z
    .int(expected)
    .min(min, expected)
    .max(max, expected)
    .meta({ ...about });
}

/** A TCP port; 0 picks a free one. */
export function port(about: About) {
  return wholeNumber('a port from 0 to 65535', 0, 65_535, about);
}

/** A share from `min` to 1, both included. */
export function share(min: number, about: About) {
  const expected = `a share from ${min} to 1`;
  return z
    .number(expected)
    .min(min, expected)
    .max(1, expected)
    .meta({ ...about });
}

/** A duration from `min` to 24 days, written as text, parsed to milliseconds. */
export function duration(min: string, about: About) {
  const expected = 'a duration such as 500ms, 75s or 10m';
  const bounds = `at least ${min} and at most ${LONGEST_DURATION}`;
  return z
    .string(expected)
    .regex(durationPattern, expected)
    .meta({ ...about })
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .pipe(
      z
        .number()
        .min(parseDuration(min) ?? 0, bounds)
        .max(parseDuration(LONGEST_DURATION) ?? 0, bounds),
    );
}

/** A size from 1 KiB to 16 GiB, written as text, parsed to bytes. */
export function size(about: About) {
  const expected = 'a size such as 512kb, 32mb or 1gb';
  const bounds = 'at least 1kb and at most 16gb';
  return z
    .string(expected)
    .regex(sizePattern, expected)
    .meta({ ...about })
    .transform((text) => parseSize(text) ?? Number.NaN)
    .pipe(
      z
        .number()
        .min(2 ** 10, bounds)
        .max(2 ** 34, bounds),
    );
}

/** A text that matches a pattern. */
export function text(expected: string, pattern: RegExp, about: About) {
  return z
    .string(expected)
    .regex(pattern, expected)
    .meta({ ...about });
}

/** What the marks say of a value; `words` are no secrets even where it is one. */
interface SecretMark {
  readonly secret?: true;
  readonly hidden?: true;
  readonly unlessKey?: true;
  readonly words?: readonly string[];
}

/** Which values are secrets; `secret-paths.ts` reads it. Apart from what the JSON Schema says of a value. */
export const secretMarks = z.registry<SecretMark>();

/** A value that may be a secret, or hold one, but is no key of an account: it is not shown in faults. */
export function hidden<Schema extends z.ZodType>(schema: Schema): Schema {
  secretMarks.add(schema, { hidden: true });
  return schema;
}

/** A path, or a certificate: shown, unless what stands there looks like a key. */
export function unlessKey<Schema extends z.ZodType>(schema: Schema): Schema {
  secretMarks.add(schema, { unlessKey: true });
  return schema;
}

/** The value of a header, which may be a secret: up to 4,096 characters, or empty. */
export function headerValue() {
  const expected = 'printable ASCII characters without spaces around them';
  const pattern = /^(?:|[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?)$/;
  return hidden(text(expected, pattern, { description: 'The value of the header.' }));
}

/**
 * A key or token: characters that an HTTP header allows, or empty for none. Whatever is declared by it is redacted, not
 * shown in faults, warned of if it is short, and part of its provider's account.
 */
export function secret(about: About) {
  const expected = 'a text of visible ASCII characters without spaces';
  return text(expected, /^[\x21-\x7e]*$/, about).register(secretMarks, { secret: true });
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words, about: About) {
  return z.enum(words, `one of ${words.join(', ')}`).meta({ ...about });
}

/** `true` or `false`. */
export function yesOrNo(about: About) {
  return z.boolean('true or false').meta({ ...about });
}
