/**
 * What the environment calls this gateway, by OpenTelemetry's own rule: `OTEL_SERVICE_NAME`, else `service.name` of
 * `OTEL_RESOURCE_ATTRIBUTES`. The list is read as OpenTelemetry's SDK reads it, which takes all other attributes from
 * there: one entry that is broken makes the whole list nothing. Pure.
 */
import type { Environment } from './load-source.ts';

/** Null where the environment does not say. */
export function serviceNameOf(environment: Environment): string | null {
  const { OTEL_SERVICE_NAME: name = '', OTEL_RESOURCE_ATTRIBUTES: list = '' } = environment;
  if (name.trim() !== '') return name;
  return attributesIn(list)?.get('service.name') || null;
}

/** Null for a list that cannot be read. */
function attributesIn(list: string): ReadonlyMap<string, string> | null {
  const attributes = new Map<string, string>();
  for (const entry of list.split(',').filter((text) => text.trim() !== '')) {
    const [key = '', value, ...more] = entry.split('=').map(decoded);
    if (!key || value === null || value === undefined || more.length > 0) return null;
    if (key.length > MOST || value.length > MOST) return null;
    attributes.set(key, value);
  }
  return attributes;
}

/** Of a key or a value, in characters. */
const MOST = 255;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    // A % that begins no escape.
    return null;
  }
}
