/** Maps each provider type to its translator. A new translator folder is registered only here. */
import type { ProviderType } from '../shared/config.ts';
import { anthropic } from './anthropic/index.ts';
import { openai } from './openai/index.ts';
import type { Translator } from './types.ts';

const translators: Readonly<Record<ProviderType, Translator>> = { openai, anthropic };

/** The translator for a configured provider's type. */
export function translatorFor(type: ProviderType): Translator {
  return translators[type];
}
