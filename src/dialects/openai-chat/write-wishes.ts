/**
 * Writes the parameters that other dialects have under names of their own. Servers that are compatible with OpenAI refuse
 * names that they do not know, and OpenAI's older models what came after them: that is left out, and named.
 */
import { createHash } from 'node:crypto';
import type { ChatRequest, ChatResponseFormat } from '../../wire/chat-request.ts';
import { OPENAI } from '../families.ts';
import type { AnswerFormat, Extension, HubRequest } from '../hub.ts';
import { isComplete } from '../json-schemas.ts';
import { CHAT } from './facts.ts';

interface WrittenWishes {
  readonly fields: Partial<ChatRequest>;
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** The fields of the request, with the extensions that this dialect knows. */
export function writeWishes({ wishes, extensions }: HubRequest, model: string): WrittenWishes {
  const { format, effort, thinking, summary, topK, user, verbosity, serviceTier, cache } = wishes;
  const isOld = isOldOfOpenai.test(model);
  // What agents of Anthropic's always send, other servers need not know.
  const isUserTaken = user !== null && (user.at === 'user' || isOfOpenai.test(model));
  const isLoose = format !== null && isOfOpenai.test(model) && isTooLoose(format.value);
  const known = extensions.filter(({ of, name }) => (of === CHAT || of === OPENAI) && !/[.[]/.test(name));
  const isTaken = ({ of }: Extension) => of === CHAT || isOfOpenai.test(model);
  const lost = [
    isOld ? effort : null,
    isOld ? verbosity : null,
    thinking?.value.type === 'disabled' ? null : thinking,
    summary,
    topK,
    isUserTaken ? null : user,
    cache,
  ];
  return {
    fields: {
      ...Object.fromEntries(known.filter(isTaken).map(({ name, value }) => [name, value])),
      ...(format === null ? {} : { response_format: writeFormat(format.value, isLoose) }),
      ...(effort === null || isOld ? {} : { reasoning_effort: effort.value }),
      ...(verbosity === null || isOld ? {} : { verbosity: verbosity.value }),
      ...(serviceTier === null ? {} : { service_tier: serviceTier.value }),
      ...(user === null || !isUserTaken ? {} : { user: user.at === 'user' ? user.value : userId(user.value) }),
    },
    dropped: [
      ...lost.flatMap((wish) => (wish === null ? [] : [wish.at])),
      ...(isLoose ? [`${format.at}.strict`] : []),
      ...known.filter((each) => !isTaken(each)).map(({ name, at = name }) => at),
    ],
  };
}

/**
 * OpenAI follows a schema exactly only if each field of it is required. Clients of Anthropic's have others: then the answer
 * is only meant to follow it. A client of OpenAI's says itself what it wants.
 */
function isTooLoose(format: AnswerFormat): boolean {
  return format.type === 'schema' && format.isStrict === true && format.name === null && !isComplete(format.schema);
}

/** A schema needs a name here. @param isLoose it cannot be followed exactly */
function writeFormat(format: AnswerFormat, isLoose: boolean): ChatResponseFormat {
  if (format.type === 'json') return { type: 'json_object' };
  const { name, description, schema, isStrict } = format;
  return {
    type: 'json_schema',
    json_schema: {
      name: name ?? 'answer',
      ...(description === null ? {} : { description }),
      schema,
      ...(isStrict === null || isLoose ? {} : { strict: isStrict }),
    },
  };
}

/** What servers take of an id: OpenAI no more than 64 characters, others only some of them. */
const plainId = /^[\w-]{6,64}$/;

/** So much of a longer text is in the tree. */
const HEAD_CHARACTERS = 96;

/** The ids that Anthropic's clients make are longer, and JSON: then a digest stands for the user. */
function userId(id: string): string {
  if (plainId.test(id)) return id;
  return createHash('sha256').update(id.slice(0, HEAD_CHARACTERS)).digest('hex');
}

/** Matches `gpt-4o`, `openai/gpt-5`, `global.openai.gpt-6-sol`, `o3-mini`, but not `gpt-oss`, which others serve. */
export const isOfOpenai = /(?:^|[^a-z])(?:chat)?gpt-?\d|(?:^|[/.:])(?:o\d|chatgpt-|codex-)/i;

/** Matches those that neither reason nor know how long an answer should be: a list of the past. */
const isOldOfOpenai = /(?:^|[^a-z])(?:chat)?gpt-?(?:3\.5|4)/i;
