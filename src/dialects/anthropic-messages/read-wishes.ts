/**
 * Reads the parameters that other dialects have under names of their own, and what stands beside them: how much effort the
 * answer is worth may be left out, its form may not.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Wish, Wishes } from '../hub.ts';
import { addUnread, cacheWish, noWishes, numberWish, recordWish, strictFormatOf, textWish, wish } from '../wishes.ts';
import type { Extensions } from './extensions.ts';

const REFUSAL = 'is not supported by this provider';

/** Fields that are looked at here. */
export const readAsWishes: readonly string[] = [
  'cache_control',
  'metadata',
  'output_config',
  'output_format',
  'service_tier',
  'thinking',
  'top_k',
];

/** What is of another form than the one that is known becomes an extension. */
export function readWishes(body: JsonRecord, extensions: Extensions): Wishes {
  const output = asRecord(body.output_config) ?? {};
  const metadata = asRecord(body.metadata) ?? {};
  const { format, effort, ...otherOutput } = output;
  const { user_id: user, ...otherMetadata } = metadata;
  for (const name in otherOutput) extensions.add(`output_config.${name}`, otherOutput[name]);
  for (const name in otherMetadata) extensions.add(`metadata.${name}`, otherMetadata[name]);
  const found: Wishes = {
    ...noWishes,
    format:
      wish(strictFormatOf(format), 'output_config.format') ?? wish(strictFormatOf(body.output_format), 'output_format'),
    effort: textWish(effort, 'output_config.effort'),
    thinking: recordWish(body.thinking, 'thinking'),
    topK: numberWish(body.top_k, 'top_k'),
    user: textWish(user, 'metadata.user_id'),
    serviceTier: serviceTier(body),
    cache: cacheWish(body),
  };
  if (asRecord(body.metadata) === null) extensions.add('metadata', body.metadata);
  if (asRecord(body.output_config) === null) extensions.add('output_config', body.output_config);
  if (found.format === null) {
    extensions.add('output_config.format', format, REFUSAL);
    extensions.add('output_format', body.output_format, REFUSAL);
  }
  const fields = {
    effort: ['output_config.effort', effort],
    thinking: ['thinking', body.thinking],
    topK: ['top_k', body.top_k],
    user: ['metadata.user_id', user],
    cache: ['cache_control', body.cache_control],
  } as const;
  addUnread(found, fields, extensions);
  return found;
}

/** Anthropic has words of its own: the usual capacity alone is what OpenAI calls the default. */
function serviceTier({ service_tier: value }: JsonRecord): Wish<string> | null {
  const tier = asString(value);
  return tier === 'auto' ? null : textWish(tier === 'standard_only' ? 'default' : tier, 'service_tier');
}
