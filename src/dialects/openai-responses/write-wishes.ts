/** Writes the parameters that other dialects have under names of their own. What the model does not take is named. */
import type { ResponsesFormat, ResponsesRequest } from '../../wire/responses-request.ts';
import { OPENAI } from '../families.ts';
import type { AnswerFormat, HubRequest, Wishes } from '../hub.ts';
import { isOfOpenai, isOldOfOpenai, isTooLoose, toldUser } from '../openai-models.ts';

interface WrittenWishes {
  readonly fields: Partial<ResponsesRequest>;
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** The fields of the request, with the extensions that this dialect knows. */
export function writeWishes({ wishes, extensions }: HubRequest, model: string): WrittenWishes {
  const { format, effort, thinking, summary, topK, user, verbosity, serviceTier, cache } = wishes;
  const isOld = isOldOfOpenai.test(model);
  const told = toldUser(user, model);
  const isLoose = format !== null && isTooLoose(format.value, model);
  const known = extensions.filter(({ of }) => of === OPENAI);
  const written = isOfOpenai.test(model) ? known : [];
  const lost = [
    ...(isOld ? [effort, verbosity, summary] : []),
    thinking?.value.type === 'disabled' ? null : thinking,
    topK,
    told === null ? user : null,
    cache,
  ];
  const text = {
    ...(format === null ? {} : { format: writeFormat(format.value, isLoose) }),
    ...(verbosity === null || isOld ? {} : { verbosity: verbosity.value }),
  };
  const reasoning = isOld ? {} : writeReasoning(wishes);
  return {
    fields: {
      ...Object.fromEntries(written.map(({ name, value }) => [name, value])),
      ...(isEmpty(text) ? {} : { text }),
      ...(isEmpty(reasoning) ? {} : { reasoning }),
      // Models that do not reason refuse it.
      ...(isOld ? {} : { include: ['reasoning.encrypted_content'] }),
      ...(serviceTier === null ? {} : { service_tier: serviceTier.value }),
      ...(told === null ? {} : { user: told }),
    },
    dropped: [
      ...lost.flatMap((wish) => (wish === null ? [] : [wish.at])),
      ...(isLoose ? [`${format.at}.strict`] : []),
      ...(isOfOpenai.test(model) ? [] : known.map(({ name, at = name }) => at)),
    ],
  };
}

/** Anthropic's clients ask for a summary as the way in which thoughts are shown. */
function writeReasoning({ effort, thinking, summary }: Wishes): NonNullable<ResponsesRequest['reasoning']> {
  const shown = summary?.value ?? (thinking?.value.display === 'summarized' ? 'auto' : null);
  return {
    ...(effort === null ? {} : { effort: effort.value }),
    ...(shown === null ? {} : { summary: shown }),
  };
}

/** A schema needs a name here. @param isLoose it cannot be followed exactly */
function writeFormat(format: AnswerFormat, isLoose: boolean): ResponsesFormat {
  if (format.type === 'json') return { type: 'json_object' };
  const { name, description, schema, isStrict } = format;
  return {
    type: 'json_schema',
    name: name ?? 'answer',
    ...(description === null ? {} : { description }),
    schema,
    ...(isStrict === null ? {} : { strict: isStrict && !isLoose }),
  };
}

function isEmpty(fields: object): boolean {
  return Object.keys(fields).length === 0;
}
