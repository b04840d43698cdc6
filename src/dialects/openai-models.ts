/** What is known of OpenAI's models by their names, and what both of its dialects write for them alike. */
import { createHash } from 'node:crypto';
import type { AnswerFormat, HubRequest, Message, Wish } from './hub.ts';
import { isComplete } from './json-schemas.ts';

/** Matches `gpt-4o`, `openai/gpt-5`, `global.openai.gpt-6-sol`, `o3-mini`, but not `gpt-oss`, which others serve. */
export const isOfOpenai = /(?:^|[^a-z])(?:chat)?gpt-?\d|(?:^|[/.:])(?:o\d|chatgpt-|codex-)/i;

/** Matches those that neither reason nor know how long an answer should be: a list of the past. */
export const isOldOfOpenai = /(?:^|[^a-z])(?:chat)?gpt-?(?:3\.5|4)/i;

/** What servers take of an id: OpenAI no more than 64 characters, others only some of them. */
const plainId = /^[\w-]{6,64}$/;

/** So much of a longer text is in the tree. */
const HEAD_CHARACTERS = 96;

/**
 * The user as a model's server is told of it; null if it is not: what agents of Anthropic's always send, other servers need
 * not know.
 */
export function toldUser(user: Wish<string> | null, model: string): string | null {
  if (user === null || user.at === 'user') return user?.value ?? null;
  return isOfOpenai.test(model) ? userId(user.value) : null;
}

/** The ids that Anthropic's clients make are longer, and JSON: then a digest stands for the user. */
function userId(id: string): string {
  if (plainId.test(id)) return id;
  return createHash('sha256').update(id.slice(0, HEAD_CHARACTERS)).digest('hex');
}

/**
 * OpenAI follows a schema exactly only if each field of it is required. Clients of Anthropic's have others: then the answer
 * is only meant to follow it. A client of OpenAI's says itself what it wants.
 */
export function isTooLoose(format: AnswerFormat, model: string): boolean {
  if (!isOfOpenai.test(model)) return false;
  return format.type === 'schema' && format.isStrict === true && format.name === null && !isComplete(format.schema);
}

/** The names of the cache marks in a request: OpenAI, and what is compatible with it, caches by itself. */
export function cacheMarksIn({ tools, messages }: HubRequest): ReadonlySet<string> {
  const marks = [...tools.map(({ cache }) => cache), ...messages.flatMap(marksIn)];
  return new Set(marks.flatMap((mark) => (mark === null ? [] : [mark.at ?? 'cache_control'])));
}

/** The marks of its blocks, and of those in results of tools. */
function marksIn({ blocks }: Pick<Message, 'blocks'>): Message['blocks'][number]['cache'][] {
  return blocks.flatMap(({ cache, head }) => [
    cache,
    ...(head.type === 'result' ? marksIn({ blocks: head.content }) : []),
  ]);
}
