/**
 * The kinds of values that a configuration is made of, as zod schemas. Each carries its wish ("a port from 0 to 65535")
 * as the message of whatever fails, for a fault to say `should be …`; and its description and default, which the JSON
 * Schema shows. Durations come out in milliseconds, sizes in bytes.
 */
import { z } from 'zod';
import { durationPattern, LONGEST_DURATION, parseDuration, parseSize, sizePattern } from './quantities.ts';

interface About {
  readonly description: string;
  readonly default?: unknown;
}

/** A mapping that takes these keys and no other. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape, about?: About) {
  const schema = z.strictObject(shape, 'a mapping');
  return about === undefined ? schema : schema.meta({ ...about });
}

/** A whole number within bounds, both included. */
export function wholeNumber(wish: string, min: number, max: number, about: About) {
  return z
    .int(wish)
    .min(min, wish)
    .max(max, wish)
    .meta({ ...about });
}

/** A TCP port; 0 takes a free one. */
export function port(about: About) {
  return wholeNumber('a port from 0 to 65535', 0, 65_535, about);
}

/** A share: above or from `min`, up to 1. */
export function share(min: number, about: About) {
  const wish = `a share from ${min} to 1`;
  return z
    .number(wish)
    .min(min, wish)
    .max(1, wish)
    .meta({ ...about });
}

/** A duration from `min` to 24 days, as text; milliseconds come out. */
export function duration(min: string, about: About) {
  const wish = 'a duration such as 500ms, 75s or 10m';
  const bounds = `at least ${min} and at most ${LONGEST_DURATION}`;
  return z
    .string(wish)
    .regex(durationPattern, wish)
    .meta({ ...about })
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .pipe(
      z
        .number()
        .min(parseDuration(min) ?? 0, bounds)
        .max(parseDuration(LONGEST_DURATION) ?? 0, bounds),
    );
}

/** A size from 1 KiB to 16 GiB, as text; bytes come out. */
export function size(about: About) {
  const wish = 'a size such as 512kb, 32mb or 1gb';
  const bounds = 'at least 1kb and at most 16gb';
  return z
    .string(wish)
    .regex(sizePattern, wish)
    .meta({ ...about })
    .transform((text) => parseSize(text) ?? Number.NaN)
    .pipe(
      z
        .number()
        .min(2 ** 10, bounds)
        .max(2 ** 34, bounds),
    );
}

/** A text of a certain form. */
export function text(wish: string, pattern: RegExp, about: About) {
  return z
    .string(wish)
    .regex(pattern, wish)
    .meta({ ...about });
}

/** A key or token: what may stand in an HTTP header, or empty for none. */
export function secret(about: About) {
  return text('a text of visible ASCII characters without spaces', /^[\x21-\x7e]*$/, about);
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, about: About) {
  return z.enum(words, `one of ${words.join(', ')}`).meta({ ...about });
}

/** `true` or `false`. */
export function yesOrNo(about: About) {
  return z.boolean('true or false').meta({ ...about });
}
