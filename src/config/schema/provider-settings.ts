/** What only some types of providers have, as keys of the file. Whether one belongs to its provider's type is a cross-check. */
import type { z } from 'zod';
import { providers } from '../../providers/registry.ts';
import type { Settings } from '../../providers/types.ts';
import { secretMarks, text, unlessKey } from './schema-values.ts';

/** The keys of all types. Each is declared once for all types that have it, with what each says of it. */
const settingKeys: readonly string[] = [...new Set(providers.flatMap(({ settings = {} }) => Object.keys(settings)))];

/** Their schemas by key. */
export const settingShapes: Readonly<Record<string, z.ZodOptional<z.ZodString>>> = Object.fromEntries(
  settingKeys.map((key) => [key, shapeOf(key).optional()]),
);

function shapeOf(key: string): z.ZodString {
  const uses = providers.flatMap(({ type, settings = {} }) => {
    const setting = settings[key];
    return setting === undefined ? [] : [{ type, ...setting }];
  });
  const description = uses.map((use) => `For type ${use.type}: ${use.description}`).join(' ');
  const value = text('a text', /^/, { description });
  if (uses.some(({ file = false }) => file)) return unlessKey(value);
  if (!uses.some(({ secret = false }) => secret)) return value;
  return value.register(secretMarks, { secret: true, words: defaultWordsOf(key) });
}

/** The words that stand for the default of a key. */
function defaultWordsOf(key: string): readonly string[] {
  return providers.flatMap(({ settings = {} }) => settings[key]?.defaultWord ?? []);
}

/** The keys that no provider of this type has; none for a type that there is not. */
export function foreignSettings(type: unknown): readonly string[] {
  const known = providers.find((provider) => provider.type === type);
  return known === undefined ? [] : settingKeys.filter((key) => !Object.hasOwn(known.settings ?? {}, key));
}

/** The settings that a block has, without those that are empty or say the default. */
export function settingsOf(block: Readonly<Record<string, unknown>>): Settings {
  return Object.fromEntries(
    settingKeys.flatMap((key) => {
      const value = block[key];
      return typeof value === 'string' && value !== '' && !defaultWordsOf(key).includes(value)
        ? [[key, value] as const]
        : [];
    }),
  );
}
