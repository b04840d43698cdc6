/**
 * The reference of the configuration file, generated from the JSON Schema of the loader's own schema: one table per
 * block, with the type, default and meaning of every key.
 */
import { configJsonSchema } from '../../src/config/schema/json-schema.ts';
import { durationPattern, sizePattern } from '../../src/config/schema/quantities.ts';
import { asArray, asRecord, asString, type JsonRecord } from '../../src/shared/json.ts';
import { code, GENERATED, table } from './markdown.ts';

const intro = `# The configuration file

YAML, strict at every level: an unknown key, a wrong type or a name that leads nowhere is refused, every fault at once,
by line and column (\`headgate check\`). Only \`providers\` and \`models\` are required. \`headgate schema\` prints the same
as JSON Schema (draft-7), for editors.

- A **duration** is a number with its unit: \`500ms\`, \`75s\`, \`10m\`, \`1h\`, up to \`24d\`. A **size** likewise: \`512kb\`,
  \`32mb\`, \`1gb\`, in steps of 1,024. Bare numbers are refused.
- **References** may stand in every value: \`\${NAME}\`, \`\${NAME:-default}\`, \`\${NAME:?message}\` from the environment,
  \`\${file:PATH}\` for a file's text (relative to this file, less its last line break). \`$\${\` is a plain \`\${\`. They are
  replaced in parsed values only, so what they hold never becomes structure; an empty variable counts as not set.
- An **empty text** under a provider counts as left out, so \`\${NAME:-}\` may stand there (\`proxy\`, \`tls\`, \`headers\`, keys);
  an empty \`base_url\` is refused, since the key would go to another address.
- \`retry\`, \`circuit\` and \`timeouts\` may also stand under a provider, \`timeouts\` under a model and a target too; the
  innermost value wins, key by key.
- \`server\`, \`admin\`, \`workers\` and \`state_dir\` need a restart (\`headgate restart --all\`, or stop and start the
  service): a reload that would change them is refused and names them.`;

/** The whole document. */
export function configReference(): string {
  const schema = configJsonSchema();
  const atTop = Object.keys(asRecord(schema.properties) ?? {});
  return `${[GENERATED, intro, ...sections(schema, '', atTop, new Map())].join('\n\n')}\n`;
}

/**
 * A block's table, then those of the blocks in it. A block that also exists at the top level is only described there, and
 * one with the same keys as another only where it comes first.
 *
 * @param described the path of each block by its keys, added to here
 */
function sections(
  schema: JsonRecord,
  path: string,
  atTop: readonly string[],
  described: Map<string, string>,
): string[] {
  const required = new Set(asArray(schema.required));
  const children = Object.entries(asRecord(schema.properties) ?? {}).map(([key, value]) => {
    const child = asRecord(value) ?? {};
    return { key, child, block: inner(child), isRepeated: path !== '' && atTop.includes(key) };
  });
  const rows = children.map(({ key, child, block, isRepeated }) => [
    code(key) + (required.has(key) ? ' (required)' : ''),
    block === null ? typeOf(child) : block.kind,
    code(defaultOf(child)),
    isRepeated ? `Any keys of ${code(key)} at the top level, for this alone.` : (asString(child.description) ?? ''),
  ]);
  const parts = [
    `## ${path === '' ? 'Top level' : code(path)}`,
    table(['key', 'type', 'default', 'meaning'], rows).join('\n'),
  ];
  const below = children.flatMap(({ key, block, isRepeated }) => {
    if (block === null || isRepeated) return [];
    const here = `${path === '' ? '' : `${path}.`}${key}${block.suffix}`;
    const keys = JSON.stringify(block.schema.properties);
    const before = described.get(keys);
    if (before !== undefined) return [`## ${code(here)}\n\nThe keys of ${code(before)}.`];
    described.set(keys, here);
    return sections(block.schema, here, atTop, described);
  });
  return [parts.join('\n\n'), ...below];
}

/**
 * The mapping in a value: the value itself, the items of a list, or the values under any name. Null for a plain value.
 */
function inner(
  schema: JsonRecord,
): { readonly schema: JsonRecord; readonly suffix: string; readonly kind: string } | null {
  if (schema.properties !== undefined) return { schema, suffix: '', kind: 'mapping' };
  const [first, second] = asArray(schema.anyOf).map(asRecord);
  if (first?.properties !== undefined && second?.items !== undefined) {
    return { schema: first, suffix: '', kind: 'mapping, or list of mappings' };
  }
  const named = asRecord(schema.additionalProperties);
  if (named?.properties !== undefined) return { schema: named, suffix: '.NAME', kind: 'mappings by name' };
  const item = asRecord(schema.items);
  const [single, ...others] = asArray(item?.anyOf).map(asRecord);
  if (single?.properties !== undefined && others.length > 0) {
    return { schema: single, suffix: '[]', kind: 'list of mappings, and of lists of them' };
  }
  return item?.properties === undefined ? null : { schema: item, suffix: '[]', kind: 'list of mappings' };
}

/** A type in words. */
function typeOf(schema: JsonRecord): string {
  const variants = asArray(schema.anyOf).map((variant) => asRecord(variant) ?? {});
  // The last variant is a reference, which every value may be.
  if (variants.length > 0) return variants.slice(0, -1).map(typeOf).join(' or ');
  if (schema.const !== undefined) return code(String(schema.const));
  const words = asArray(schema.enum);
  if (words.length > 0) return words.map((word) => code(String(word))).join(', ');
  switch (schema.type) {
    case 'integer':
      return `whole number, ${schema.minimum} to ${schema.maximum}`;
    case 'number':
      return `number, ${lowest(schema)} to ${schema.maximum}`;
    case 'boolean':
      return '`true`, `false`';
    case 'null':
      return '`null`';
    case 'object':
      return 'mapping of any values';
    case 'array':
      return listOf(asRecord(schema.items) ?? {});
    default:
      if (schema.pattern === durationPattern.source) return 'duration';
      return schema.pattern === sizePattern.source ? 'size' : 'text';
  }
}

function lowest({ minimum, exclusiveMinimum }: JsonRecord): string {
  return minimum === undefined ? `above ${exclusiveMinimum}` : String(minimum);
}

function listOf(items: JsonRecord): string {
  const [item = items] = asArray(items.anyOf).map((variant) => asRecord(variant) ?? {});
  return item.enum === undefined ? `list of ${typeOf(items)}s` : `list of any of ${typeOf(items)}`;
}

function defaultOf(schema: JsonRecord): string {
  const { default: value } = schema;
  if (value === undefined || value === '') return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
