/**
 * Reads the parameters that other dialects have under names of their own. What is of no form that is known becomes an
 * extension.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { Wishes } from '../hub.ts';
import { addUnread, cacheWish, formatOf, noWishes, numberWish, recordWish, textWish, wish } from '../wishes.ts';
import type { Extensions } from './extensions.ts';

/** Fields that are looked at here. */
export const readAsWishes: readonly string[] = [
  'cache_control',
  'reasoning',
  'service_tier',
  'text',
  'thinking',
  'top_k',
  'user',
];

/** Anthropic's own parameters may stand beside OpenAI's: an official client sends them as `extra_body`. */
export function readWishes(body: JsonRecord, extensions: Extensions): Wishes {
  const text = asRecord(body.text) ?? {};
  const reasoning = asRecord(body.reasoning) ?? {};
  const format = asRecord(text.format);
  const found: Wishes = {
    ...noWishes,
    format: wish(formatOf(format?.type, format), 'text.format'),
    effort: textWish(reasoning.effort, 'reasoning.effort'),
    thinking: recordWish(body.thinking, 'thinking'),
    summary: textWish(reasoning.summary, 'reasoning.summary'),
    topK: numberWish(body.top_k, 'top_k'),
    user: textWish(body.user, 'user'),
    verbosity: text.verbosity === 'medium' ? null : textWish(text.verbosity, 'text.verbosity'),
    serviceTier: body.service_tier === 'auto' ? null : textWish(body.service_tier, 'service_tier'),
    cache: cacheWish(body),
  };
  for (const name in text) {
    const isRead = name === 'format' || name === 'verbosity';
    if (!isRead) extensions.add(`text.${name}`, text[name]);
  }
  for (const name in reasoning) {
    const isRead = name === 'effort' || (name === 'summary' && found.summary !== null);
    if (!isRead) extensions.add(`reasoning.${name}`, reasoning[name]);
  }
  if (found.format === null && format?.type !== 'text') {
    extensions.add('text.format', text.format, 'is not supported by this provider');
  }
  if (asRecord(body.text) === null) extensions.add('text', body.text);
  if (asRecord(body.reasoning) === null) extensions.add('reasoning', body.reasoning);
  const fields = {
    verbosity: ['text.verbosity', text.verbosity === 'medium' ? null : text.verbosity],
    effort: ['reasoning.effort', reasoning.effort],
    serviceTier: ['service_tier', body.service_tier === 'auto' ? null : body.service_tier],
    thinking: ['thinking', body.thinking],
    topK: ['top_k', body.top_k],
    user: ['user', body.user],
    cache: ['cache_control', body.cache_control],
  } as const;
  addUnread(found, fields, extensions);
  return found;
}
