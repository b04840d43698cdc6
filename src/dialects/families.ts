/**
 * Names by which dialects know whose an extension, a signature or the id of a file is. Two dialects of one family have
 * them in common.
 */

/** Anthropic's Messages API. */
export const MESSAGES = 'anthropic-messages';

/** Chat completions. */
export const CHAT = 'openai-chat';

/** What chat completions and responses of OpenAI's both know. */
export const OPENAI = 'openai';
