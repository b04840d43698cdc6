/** Configurations with a value at the path of a secret, made from the schema: a new secret needs no line here. */
import { configJsonSchema } from '../../src/config/schema/json-schema.ts';
import { openai } from '../../src/providers/openai.ts';
import { providers } from '../../src/providers/registry.ts';
import { asArray, asRecord } from '../../src/shared/json.ts';

/** A provider's block with a type that has this setting, and with all else that the type needs. */
function blockFor(key: string | undefined) {
  const { type, settings = {} } = providers.find((each) => Object.hasOwn(each.settings ?? {}, key ?? '')) ?? openai;
  const needed = Object.entries(settings).filter(([name, { required }]) => {
    return required === true || name === settings[key ?? '']?.needs;
  });
  const values = Object.fromEntries(needed.map(([name]) => [name, fitting[name] ?? 'one']));
  return { type, base_url: 'https://api.example.com/v1', ...values };
}

/** Values of settings that must have a form. */
const fitting: Readonly<Record<string, string>> = { region: 'eu-central-1', access_key_id: 'AKIAIOSFODNN7EXAMPLE' };

const base = {
  server: {},
  admin: {},
  models: { m: { targets: [{ provider: 'one', model: 'm' }] } },
};

/** `base` with a value at the path of a secret: in a provider named `one`, and first in lists. */
export function withSecret(path: readonly string[], value: unknown) {
  const at: (string | number)[] = [];
  const put = (node: unknown, schema: unknown, [key, ...rest]: readonly string[]): unknown => {
    if (key === undefined) return value;
    const { items, properties, additionalProperties } = asRecord(schema) ?? {};
    if (items !== undefined) {
      at.push(0);
      return [put(besides(items, rest), items, rest)];
    }
    const name = key === '*' ? 'one' : key;
    at.push(name);
    const below = asRecord(properties)?.[name] ?? additionalProperties;
    return { ...asRecord(node), [name]: put(asRecord(node)?.[name], below, rest) };
  };
  const whole = { ...base, providers: { one: blockFor(path.at(-1)) } };
  const input = put(whole, configJsonSchema(), path) as object;
  return { input, at };
}

/** What an entry of a list must have besides the secret. */
function besides(items: unknown, [key]: readonly string[]): object {
  const others = asArray(asRecord(items)?.required).filter((name) => name !== key);
  return Object.fromEntries(others.map((name) => [name, 'one']));
}
