/**
 * What dialects do alike with what an answer used: kinds of tokens besides those that all have, tools that the provider
 * ran, the tier in which it served the request. What an answer is said to cost (OpenRouter's `cost`, xAI's
 * `cost_in_usd_ticks`) is not read: it is the provider's bill to one account, in units of its own.
 */
import type { ServedTier, ServerTool, ServerToolUses } from '../shared/events.ts';
import { asCount, type JsonRecord } from '../shared/json.ts';
import type { Usage } from './hub.ts';

type Writable<T> = { -readonly [field in keyof T]: T[field] };

/** The counts that every answer has. */
type PlainUsage = Pick<Usage, 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning'>;

/** Parts of them, as a provider sent them: anything. */
type Kinds = {
  readonly [kind in
    | 'cacheWrite1h'
    | 'inputAudio'
    | 'outputAudio'
    | 'cachedAudio'
    | 'inputImage'
    | 'outputImage']?: unknown;
};

/** What else is told with them; undefined where it is not. */
interface Told {
  readonly serverTools?: ServerToolUses | undefined;
  readonly tier?: ServedTier | undefined;
  readonly speed?: 'fast' | undefined;
  readonly geo?: 'us' | undefined;
}

/** The counts, with what there is of the other kinds. */
export function usageWith(counted: PlainUsage, kinds: Kinds, { serverTools, tier, speed, geo }: Told = {}): Usage {
  const usage: Writable<Usage> = { ...counted };
  for (const kind in kinds) {
    const count = asCount(kinds[kind as keyof Kinds]);
    if (count > 0) usage[kind as keyof Kinds] = count;
  }
  if (serverTools !== undefined) usage.serverTools = serverTools;
  if (tier !== undefined) usage.tier = tier;
  if (speed !== undefined) usage.speed = speed;
  if (geo !== undefined) usage.geo = geo;
  return usage;
}

/** By the name of a tool, without what it is counted in. */
const tools: ReadonlyMap<string, ServerTool> = new Map([
  ['web_search', 'web_search'],
  ['x_search', 'web_search'],
  ['web_fetch', 'web_fetch'],
  ['code_execution', 'code_execution'],
  ['code_interpreter', 'code_execution'],
  ['file_search', 'file_search'],
  ['document_search', 'file_search'],
  ['collections_search', 'file_search'],
  ['image_generation', 'image_generation'],
]);

/**
 * Uses of tools from an object that counts them by name: `web_search_requests` (Anthropic, OpenRouter), `x_search_calls`
 * (xAI). Undefined where none was used.
 */
export function toolUsesIn(counts: JsonRecord | null): ServerToolUses | undefined {
  let uses: ServerToolUses | undefined;
  for (const name in counts) uses = withUses(uses, name.replace(/_(?:requests|calls)$/, ''), counts[name]);
  return uses;
}

/** The uses of tools, and some more of one. @param count anything: what is no count adds nothing */
export function withUses(uses: ServerToolUses | undefined, name: string, count: unknown): ServerToolUses | undefined {
  const more = asCount(count);
  if (more === 0) return uses;
  const tool = tools.get(name) ?? 'other';
  return { ...uses, [tool]: (uses?.[tool] ?? 0) + more };
}

const tiers: ReadonlyMap<unknown, ServedTier> = new Map([
  ['default', 'default'],
  // Anthropic.
  ['standard', 'default'],
  // Groq.
  ['on_demand', 'default'],
  ['priority', 'priority'],
  ['flex', 'flex'],
  ['batch', 'batch'],
  ['scale', 'scale'],
  ['fast', 'fast'],
  ['ultrafast', 'ultrafast'],
]);

/** The tier that a provider says it has served; undefined if it says none. `auto` is a wish, which some servers repeat. */
export function tierOf(value: unknown): ServedTier | undefined {
  if (typeof value !== 'string' || value === '' || value === 'auto') return undefined;
  return tiers.get(value) ?? 'other';
}

/** The cache writes that are kept for an hour, among `cache_creation`: Anthropic's words, which others repeat. */
export function writtenForAnHour(creation: JsonRecord | null): unknown {
  return creation?.ephemeral_1h_input_tokens;
}
