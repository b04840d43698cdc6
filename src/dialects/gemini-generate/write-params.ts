/** Writes the parameters other than messages and tools, and says which of them Gemini does not take. */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { GenerateRequest, GenerationConfig } from '../../wire/generate-content.ts';
import { CHAT } from '../families.ts';
import type { Extension, HubRequest } from '../hub.ts';
import { lostName } from '../lost-extensions.ts';
import { cacheMarksIn } from '../openai-models.ts';
import { prefillsIn } from '../prefill.ts';
import { unsupported } from '../refusal.ts';
import type { RequestTarget } from '../types.ts';
import { writeThinking } from './write-thinking.ts';

interface Params {
  readonly fields: Partial<GenerateRequest>;
  readonly dropped: readonly string[];
}

/** Gemini refuses more. */
const MOST_STOP_SEQUENCES = 5;

/** Parameters of chats that Gemini has under a name of its own, if their value is a number. */
const ofChats: ReadonlyMap<string, 'seed' | 'presencePenalty' | 'frequencyPenalty'> = new Map([
  ['seed', 'seed'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
]);

/** OpenAI's words for how an answer is served, and Google's. */
const tiers: ReadonlyMap<string, string> = new Map([
  ['default', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
]);

/** Throws `GatewayError` (400) that names what cannot be expressed. */
export function writeParams(request: HubRequest, target: RequestTarget): Params {
  const { wishes } = request;
  const { format, user, verbosity, serviceTier, cache, topK } = wishes;
  const thinking = writeThinking(wishes, target.model);
  const own = writeExtensions(request.extensions, target);
  const tier = serviceTier === null ? undefined : tiers.get(serviceTier.value);
  const config: GenerationConfig = {
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.topP === null ? {} : { topP: request.topP }),
    ...(topK === null ? {} : { topK: topK.value }),
    ...(request.maxTokens === null ? {} : { maxOutputTokens: request.maxTokens }),
    ...writeStops(request),
    ...own.config,
    ...writeFormat(format),
    ...(thinking.config === null ? {} : { thinkingConfig: thinking.config }),
  };
  const lost = [user, verbosity, cache, tier === undefined ? serviceTier : null];
  const described = format?.value.type === 'schema' && format.value.description !== null;
  return {
    fields: {
      ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
      ...(tier === undefined ? {} : { serviceTier: tier }),
      ...own.fields,
    },
    dropped: [
      ...thinking.dropped,
      ...own.dropped,
      ...lost.flatMap((wish) => (wish === null ? [] : [wish.at])),
      ...(described ? [`${format.at}.description`] : []),
      ...cacheMarksIn(request),
      ...prefillsIn(request.messages),
    ],
  };
}

/** Without some of them the answer would go on where it must not. */
function writeStops({ stopSequences: stops, stopsAt = 'stop_sequences' }: HubRequest): GenerationConfig {
  if (stops.length > MOST_STOP_SEQUENCES) {
    throw unsupported(stopsAt, `should be at most ${MOST_STOP_SEQUENCES} for this provider`);
  }
  return stops.length === 0 ? {} : { stopSequences: stops };
}

/** The name of a schema means nothing for the answer. */
function writeFormat(format: HubRequest['wishes']['format']): GenerationConfig {
  if (format === null) return {};
  const type = { responseMimeType: 'application/json' } as const;
  return format.value.type === 'json' ? type : { ...type, responseJsonSchema: format.value.schema };
}

/** What a client of chats says beside the neutral form, and what it says to Google alone. */
function writeExtensions(extensions: readonly Extension[], target: RequestTarget) {
  const config: Record<string, number> = {};
  const fields: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const extension of extensions) {
    const { of, name, value } = extension;
    if (of !== CHAT) continue;
    const known = ofChats.get(name);
    const google = name === 'extra_body' ? asRecord(asRecord(value)?.google) : null;
    if (known !== undefined && typeof value === 'number') config[known] = value;
    else if (google !== null) Object.assign(fields, ofGoogle(google));
    else dropped.push(lostName(extension, target));
  }
  return { config, fields, dropped };
}

/** As Google's compatible API has it (ai.google.dev/gemini-api/docs/openai, `extra_body`). */
function ofGoogle({ cached_content: cached, safety_settings: safety }: JsonRecord): Partial<GenerateRequest> {
  const cachedContent = asString(cached);
  return {
    ...(cachedContent === null ? {} : { cachedContent }),
    ...(Array.isArray(safety) ? { safetySettings: asArray(safety) } : {}),
  };
}
