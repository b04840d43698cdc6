/**
 * Names by which dialects know whose an extension, a signature or the id of a file is. Two dialects of one family have
 * them in common.
 */

/** Anthropic's Messages API. */
export const MESSAGES = 'anthropic-messages';

/** OpenAI's Responses API. */
export const RESPONSES = 'openai-responses';

/** Gemini's own API. */
export const GEMINI = 'gemini-generate';

/** Chat completions. */
export const CHAT = 'openai-chat';

/** What chat completions and responses of OpenAI's both know. */
export const OPENAI = 'openai';

/** Fields of a request that both know under the same name. */
export const ofOpenai: ReadonlySet<string> = new Set([
  'moderation',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
]);
