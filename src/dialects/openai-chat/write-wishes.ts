/**
 * Writes the parameters that other dialects have under names of their own. Servers that are compatible with OpenAI refuse
 * names that they do not know, and OpenAI's older models what came after them: that is left out, and named.
 */
import type { ChatRequest, ChatResponseFormat } from '../../wire/chat-request.ts';
import { OPENAI } from '../families.ts';
import type { AnswerFormat, Extension, HubRequest } from '../hub.ts';
import { isOfOpenai, isOldOfOpenai, isTooLoose, toldUser } from '../openai-models.ts';
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
  const told = toldUser(user, model);
  const isLoose = format !== null && isTooLoose(format.value, model);
  const known = extensions.filter(({ of, name }) => (of === CHAT || of === OPENAI) && !/[.[]/.test(name));
  const isTaken = ({ of }: Extension) => of === CHAT || isOfOpenai.test(model);
  const lost = [
    isOld ? effort : null,
    isOld ? verbosity : null,
    thinking?.value.type === 'disabled' ? null : thinking,
    summary,
    topK,
    told === null ? user : null,
    cache,
  ];
  return {
    fields: {
      ...Object.fromEntries(known.filter(isTaken).map(({ name, value }) => [name, value])),
      ...(format === null ? {} : { response_format: writeFormat(format.value, isLoose) }),
      ...(effort === null || isOld ? {} : { reasoning_effort: effort.value }),
      ...(verbosity === null || isOld ? {} : { verbosity: verbosity.value }),
      ...(serviceTier === null ? {} : { service_tier: serviceTier.value }),
      ...(told === null ? {} : { user: told }),
    },
    dropped: [
      ...lost.flatMap((wish) => (wish === null ? [] : [wish.at])),
      ...(isLoose ? [`${format.at}.strict`] : []),
      ...known.filter((each) => !isTaken(each)).map(({ name, at = name }) => at),
    ],
  };
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
