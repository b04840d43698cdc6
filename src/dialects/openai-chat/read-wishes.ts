/**
 * Reads the parameters that other dialects have under names of their own, and Anthropic's own parameters beside OpenAI's,
 * which an official client sends as `extra_body`. What is of no form that is known becomes an extension.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import { MESSAGES } from '../families.ts';
import type { Wishes } from '../hub.ts';
import {
  addUnread,
  cacheWish,
  formatOf,
  noWishes,
  numberWish,
  recordWish,
  strictFormatOf,
  textWish,
  wish,
} from '../wishes.ts';
import type { Extensions } from './extensions.ts';

/** Values that only repeat the default. */
const defaults: Readonly<Record<string, unknown>> = { service_tier: 'auto', verbosity: 'medium' };

/** Fields that are looked at here. */
export const readAsWishes: readonly string[] = [
  'cache_control',
  'output_config',
  'reasoning_effort',
  'response_format',
  'service_tier',
  'thinking',
  'top_k',
  'user',
  'verbosity',
];

/** Anthropic's own names count where OpenAI's say nothing. */
export function readWishes(body: JsonRecord, extensions: Extensions): Wishes {
  const output = asRecord(body.output_config) ?? {};
  const asked = asRecord(body.response_format);
  const said = (name: string) => (body[name] === defaults[name] ? null : textWish(body[name], name));
  const found: Wishes = {
    ...noWishes,
    format:
      wish(formatOf(asked?.type, asRecord(asked?.json_schema)), 'response_format') ??
      wish(strictFormatOf(output.format), 'output_config.format'),
    effort: textWish(body.reasoning_effort, 'reasoning_effort') ?? textWish(output.effort, 'output_config.effort'),
    thinking: recordWish(body.thinking, 'thinking'),
    topK: numberWish(body.top_k, 'top_k'),
    user: textWish(body.user, 'user'),
    verbosity: said('verbosity'),
    serviceTier: said('service_tier'),
    cache: cacheWish(body),
  };
  addOutput(output, found, extensions);
  if (asRecord(body.output_config) === null) extensions.add('output_config', body.output_config);
  if (found.format?.at !== 'response_format' && asked?.type !== 'text') {
    extensions.add('response_format', body.response_format, 'is not supported by this provider');
  }
  const fields = {
    effort: ['reasoning_effort', body.reasoning_effort],
    thinking: ['thinking', body.thinking],
    topK: ['top_k', body.top_k],
    user: ['user', body.user],
    verbosity: ['verbosity', body.verbosity],
    serviceTier: ['service_tier', body.service_tier],
    cache: ['cache_control', body.cache_control],
  } as const;
  addUnread(found, fields, extensions);
  return found;
}

/** What stands beside in Anthropic's own parameter: Anthropic's alone. */
function addOutput(output: JsonRecord, { format, effort }: Wishes, extensions: Extensions): void {
  for (const name in output) {
    if (`output_config.${name}` === format?.at || `output_config.${name}` === effort?.at) continue;
    extensions.addOf(MESSAGES, `output_config.${name}`, output[name]);
  }
}
