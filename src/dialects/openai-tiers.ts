/** OpenAI's words for the tier in which a request was served, the same in both of its dialects. */
import type { ServedTier } from '../shared/events.ts';
import type { Usage } from './hub.ts';

const words: ReadonlySet<ServedTier | undefined> = new Set([
  'default',
  'priority',
  'flex',
  'scale',
  'fast',
  'ultrafast',
]);

/** The field that names the tier; nothing where it is not known, or OpenAI has no word for it. */
export function servedTier(usage: Usage | null): { readonly service_tier?: ServedTier } {
  const tier = usage?.speed ?? usage?.tier;
  return tier !== undefined && words.has(tier) ? { service_tier: tier } : {};
}
