/**
 * The configuration in force, as people may see it: every value with the place that it comes from, defaults and inherited
 * values included. What may be a secret is masked here, where it is read, so that nobody behind this can show it.
 *
 * Which settings there are follows from the schema, so that a new one is shown by its declaration alone. Pure.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Config } from '../shared/config.ts';
import { asRecord, type JsonRecord } from '../shared/json.ts';
import { formWith, rawSchema } from './schema/json-schema.ts';
import { tracingDefaults } from './schema/tracing-values.ts';
import { MASK } from './source/excerpt.ts';
import { formatPath, formatPlace, type Path } from './source/faults.ts';
import { isSecret, originKey } from './source/origins.ts';
import { isMapping, valueAt } from './source/source-tree.ts';
import type { LoadedConfig } from './warnings/warning.ts';

/** A value in force. */
export interface Setting {
  /** Such as `providers.openai.base_url`. */
  readonly path: string;
  /** As text; a secret is `•••`. */
  readonly value: string;
  /** `headgate.yaml:12:5`, with `, from …` behind it where something else has the value; `default`; a flag; a source. */
  readonly from: string;
}

/** A configuration with what people may see of it. */
export interface ActiveConfig {
  readonly config: Config;
  /** The path of a file, `environment` or `demo`. */
  readonly source: string;
  readonly values: readonly Setting[];
  /** By path, of each value that is not shown whole: it tells another one apart, and never leaves this process. */
  readonly digests: ReadonlyMap<string, string>;
  /** What may not be meant in it, a line each: logged once it is active. */
  readonly warnings: readonly string[];
}

/** Of this process alone, so that no digest can be compared with one that was made elsewhere. */
const digestKey = randomBytes(32);

/** Longer values, such as certificates, are cut. */
const LONGEST = 200;

/** Blocks of a provider whose keys are those of the top level unless it has its own. */
const inherited: ReadonlySet<string> = new Set(['retry', 'circuit', 'timeouts']);

/**
 * All values in force, in the order of the schema, and of the file within mappings by name. Models and targets list only
 * the limits that they set themselves: else those of their provider hold.
 *
 * @param redact strikes known secrets out, should one stand where none belongs
 * @param digests gets those of `ActiveConfig`
 */
export function valuesInForce(
  loaded: LoadedConfig,
  redact: (text: string) => string,
  digests: Map<string, string> = new Map(),
): Setting[] {
  const { tree, origins } = loaded;
  const settings: Setting[] = [];
  const others = otherwise(loaded);

  function add(path: Path, value: unknown, from: string): void {
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    const whole = isSecret(path, value) && !isEmpty ? MASK : asText(value);
    // Nobody has written a default.
    const text = cut(from === 'default' ? whole : redact(whole));
    settings.push({ path: formatPath(path), value: text, from });
    const unmasked = asText(value);
    if (text !== unmasked)
      digests.set(formatPath(path), createHmac('sha256', digestKey).update(unmasked).digest('base64'));
  }

  const otherwiseAt = (path: Path) => (otherKeys.has(path.at(-1)) ? others.get(formatPath(path)) : undefined);

  /** Where a value that is given comes from. */
  function placeOf(path: Path): string {
    const references = origins.get(originKey(path)) ?? [];
    const place = formatPlace(tree.places.ofValue(path));
    return references.length === 0 ? place : `${place}, from ${references.join(' and ')}`;
  }

  /** A value that the source has. */
  function given(schema: unknown, value: unknown, path: Path): void {
    const { properties, additionalProperties } = formWith(schema, 'properties') ?? asRecord(schema) ?? {};
    const known = asRecord(properties);
    const items = formWith(schema, 'items')?.items;
    if (isMapping(value) && (known !== null || asRecord(additionalProperties) !== null)) {
      below(known ?? {}, value, path);
      const named = Object.entries(value).filter(([name]) => known === null || !Object.hasOwn(known, name));
      for (const [name, child] of named) given(additionalProperties, child, [...path, name]);
    } else if (Array.isArray(value) && value.length > 0 && items !== undefined) {
      for (const [index, child] of value.entries()) given(items, child, [...path, index]);
    } else {
      const other = otherwiseAt(path);
      add(path, other === undefined ? value : other.value, other?.from ?? placeOf(path));
    }
  }

  /** The keys of a mapping, also those that the source has not. */
  function below(known: JsonRecord, value: unknown, path: Path): void {
    const block = asRecord(value);
    for (const [key, schema] of Object.entries(known)) {
      const child = block?.[key];
      if (child !== undefined) given(schema, child, [...path, key]);
      else absent(schema, [...path, key]);
    }
  }

  /** A key that the source has not. */
  function absent(schema: unknown, path: Path): void {
    const isLimit = path.length > 2 && path.some((name, index) => index > 1 && inherited.has(String(name)));
    if (isLimit && path[0] === 'models') return;
    const other = otherwiseAt(path);
    const { default: initial } = asRecord(schema) ?? {};
    // Of a provider's limits the path ends in block and key.
    const above = path.slice(-2);
    const value = isLimit ? valueAt(tree.value, above) : undefined;
    if (other !== undefined) add(path, other.value, other.from ?? 'default');
    else if (initial !== undefined && value !== undefined) {
      add(path, value, `${formatPlace(tree.places.ofValue(above))}, from ${formatPath(above)}`);
    } else if (initial !== undefined) add(path, initial, 'default');
    else if (hasDefaults(schema)) below(asRecord(formWith(schema, 'properties')?.properties) ?? {}, undefined, path);
  }

  given(rawSchema, tree.value, []);
  return settings;
}

/** Whether a provider has the value from the top level or from nobody, as no line of its own gives it. */
export function isInherited({ path, from }: Setting): boolean {
  const [, block = '', key = ''] = /^providers\..*\.(\w+)\.(\w+)$/.exec(path) ?? [];
  return inherited.has(block) && (from === 'default' || from.endsWith(`, from ${block}.${key}`));
}

/** Whether something has a default there or below; remembered, since each target has the whole schema of a price. */
function hasDefaults(schema: unknown): boolean {
  const node = asRecord(schema);
  if (node === null) return false;
  const known = defaultsBelow.get(node);
  if (known !== undefined) return known;
  const children = Object.values(asRecord(formWith(node, 'properties')?.properties) ?? {});
  const found = node.default !== undefined || children.some(hasDefaults);
  defaultsBelow.set(node, found);
  return found;
}

const defaultsBelow = new WeakMap<object, boolean>();

/** The keys of `otherwise`. */
const otherKeys: ReadonlySet<unknown> = new Set([
  ...['workers', 'state_dir', 'metrics_path', 'base_url', 'dialects', 'proxy', 'service_name'],
]);

/** Of the name of a service that the source does not name. */
const NAMED_BY = 'OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES of the environment';

/** What is in force where that is not what the source or the schema says; `from` as a setting's, if it is another. */
function otherwise({ config, tree }: LoadedConfig): Map<string, { readonly value: unknown; readonly from?: string }> {
  const { workers, stateDir, server, admin, providers, tracing } = config;
  const isAuto = (valueAt(tree.value, ['workers']) ?? 'auto') === 'auto';
  const ofProviders = Object.values(providers).flatMap(({ name, baseUrl, dialects, proxy }) => {
    const at = (key: string): Path => ['providers', name, key];
    const hasOwnProxy = (valueAt(tree.value, at('proxy')) ?? '') !== '';
    const from = 'HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment';
    return [
      [at('base_url'), { value: baseUrl }] as const,
      [at('dialects'), { value: dialects }] as const,
      ...(proxy === undefined || hasOwnProxy ? [] : [[at('proxy'), { value: proxy, from }] as const]),
    ];
  });
  const namePath: Path = ['tracing', 'service_name'];
  const isNamed =
    tracing !== undefined &&
    valueAt(tree.value, namePath) === undefined &&
    tracing.serviceName !== tracingDefaults.service_name;
  const isOff = server.metricsPath === null && admin.token !== null;
  const all = [
    [['workers'], { value: isAuto ? `auto (${workers})` : workers }] as const,
    [['state_dir'], { value: stateDir }] as const,
    ...(isOff ? [[['server', 'metrics_path'], { value: null, from: 'off, since admin.token is set' }] as const] : []),
    ...(isNamed ? [[namePath, { value: tracing.serviceName, from: NAMED_BY }] as const] : []),
    ...ofProviders,
  ];
  return new Map(all.map(([path, value]) => [formatPath(path), value]));
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
