/** Writes the parameters other than messages and tools, and says which of them Anthropic does not take. */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { MessagesRequest, MessageTurn } from '../../wire/messages.ts';
import type { HubRequest } from '../hub.ts';
import { hasFreeObject, withBoundsInWords, withoutOtherFields } from '../json-schemas.ts';
import { unsupported } from '../refusal.ts';
import { startsWithThought } from '../turn-order.ts';
import { hidesThoughts, refusesSampling } from './claude-models.ts';
import { MESSAGES } from './facts.ts';
import { isResult, isThought } from './turn-blocks.ts';
import { mark } from './write-blocks.ts';
import { budgetOf, isForced, type WrittenEffort, writeEffort } from './write-effort.ts';

/** Used if neither the client nor the configuration sets a limit; this dialect requires one. */
const DEFAULT_MAX_TOKENS = 4096;

interface Params {
  readonly fields: Omit<MessagesRequest, 'model' | 'messages'>;
  readonly dropped: readonly string[];
}

/** What a request is written for. */
interface WrittenFor {
  readonly model: string;
  /** The limit where the client sets none; null if there is none either. */
  readonly maxTokens: number | null;
  /** The conversation, as it is written. */
  readonly turns: readonly MessageTurn[];
}

/** Throws `GatewayError` (400) that names what cannot be expressed. */
export function writeParams(request: HubRequest, { model, maxTokens, turns }: WrittenFor): Params {
  const dropped: string[] = [];
  // Anthropic refuses blank stop sequences.
  const stops = request.stopSequences.filter((text) => text.trim() !== '');
  if (stops.length < request.stopSequences.length) dropped.push('stop');
  const effort = writeEffort(request, () => startsWithThought(turns, isThought, isResult), model);
  const { thinking: asked, ...own } = ownParams(request, effort, dropped);
  const thinking = asked ?? ownThinking(request, effort, model);
  const isThinking = thinking !== null && asRecord(thinking)?.type !== 'disabled';
  const fields = {
    // It is for thoughts and answer together: one that the client did not set leaves room for both.
    max_tokens: request.maxTokens ?? (maxTokens ?? DEFAULT_MAX_TOKENS) + budgetOf(thinking),
    ...writeSampling(request, isThinking, refusesSampling(model), dropped),
    ...(stops.length === 0 ? {} : { stop_sequences: stops }),
    ...(thinking === null ? {} : { thinking }),
    ...own,
  };
  return { fields, dropped };
}

/** What this dialect has under names of its own; with what clients of other dialects ask for under these very names. */
function ownParams({ wishes, extensions }: HubRequest, effort: WrittenEffort, dropped: string[]) {
  const { user, serviceTier, thinking, cache, verbosity } = wishes;
  if (effort.isLost === true && wishes.effort !== null) dropped.push(wishes.effort.at);
  if (verbosity !== null) dropped.push(verbosity.at);
  if (serviceTier !== null && serviceTier.value !== 'default') dropped.push(serviceTier.at);
  const { output_config, ...own } = named(extensions);
  const output = {
    ...asRecord(output_config),
    ...(effort.word === undefined ? {} : { effort: effort.word }),
    ...writeFormat(wishes.format, dropped),
  };
  return {
    thinking: thinking?.value ?? null,
    ...own,
    ...(Object.keys(output).length === 0 ? {} : { output_config: output }),
    ...(user === null ? {} : { metadata: { ...asRecord(own.metadata), user_id: user.value } }),
    ...(serviceTier?.value === 'default' ? { service_tier: 'standard_only' } : {}),
    ...mark(cache?.value ?? null),
  };
}

/**
 * The extensions of this dialect as fields; `output_config.x` is `x` in `output_config`. A client makes up as many names as it
 * likes, `__proto__` too: each is set in place.
 */
function named(extensions: HubRequest['extensions']): JsonRecord {
  const fields = new Map<string, unknown>();
  const inner = new Map<string, Map<string, unknown>>();
  for (const { of, name, value } of extensions) {
    if (of !== MESSAGES) continue;
    const dot = name.indexOf('.');
    if (dot < 0) {
      fields.set(name, value);
      continue;
    }
    const field = name.slice(0, dot);
    const within = inner.get(field) ?? new Map(Object.entries(asRecord(fields.get(field)) ?? {}));
    inner.set(field, within.set(name.slice(dot + 1), value));
  }
  for (const [field, within] of inner) fields.set(field, Object.fromEntries(within));
  return Object.fromEntries(fields);
}

/** The name of a schema means nothing for the answer. */
function writeFormat(format: HubRequest['wishes']['format'], dropped: string[]): { readonly format?: JsonRecord } {
  if (format === null) return {};
  const { value, at } = format;
  if (value.type === 'json') throw unsupported(at, 'should be a schema for this provider');
  if (hasFreeObject(value.schema)) {
    throw unsupported(
      at,
      'should name the fields of each object for this provider: it makes none with fields of any name',
    );
  }
  if (value.description !== null) dropped.push(`${at}.description`);
  const { schema, loosened } = withBoundsInWords(withoutOtherFields(value.schema));
  dropped.push(...loosened.map((name) => `${at}.${name}`));
  return { format: { type: 'json_schema', schema } };
}

/** What models show of their thoughts by themselves is a summary of them; newer ones must be asked for it. */
function ownThinking(request: HubRequest, { budget }: WrittenEffort, model: string): JsonRecord | null {
  if (budget !== undefined) return { type: 'enabled', budget_tokens: budget };
  const isHidden = request.wishes.summary !== null && hidesThoughts(model) && !isForced(request);
  return isHidden ? { type: 'adaptive', display: 'summarized' } : null;
}

/**
 * Here temperature is at most 1, and most models accept only one of temperature and top_p. Newer ones accept neither, and
 * so do all while they think. For names that are not Claude's, nothing is assumed.
 */
function writeSampling(
  { temperature: wanted, topP, wishes: { topK } }: HubRequest,
  isThinking: boolean,
  isRefused: boolean,
  dropped: string[],
): Pick<MessagesRequest, 'temperature' | 'top_p' | 'top_k'> {
  // 1 is the default. It is left out, so that models which refuse the parameter can be used.
  const temperature = wanted === null || wanted >= 1 ? null : wanted;
  const nucleus = topP === 1 ? null : topP;
  const isFixed = isRefused || isThinking;
  const isNucleusTaken = temperature === null && !isRefused && (!isThinking || (nucleus ?? 0) >= LOWEST_OF_THINKING);
  if ((wanted !== null && wanted > 1) || (isFixed && temperature !== null)) dropped.push('temperature');
  if (nucleus !== null && !isNucleusTaken) dropped.push('top_p');
  if (topK !== null && isFixed) dropped.push(topK.at);
  return {
    ...(temperature === null || isFixed ? {} : { temperature }),
    ...(nucleus === null || !isNucleusTaken ? {} : { top_p: nucleus }),
    ...(topK === null || isFixed ? {} : { top_k: topK.value }),
  };
}

/** `top_p` that a model takes while it thinks. */
const LOWEST_OF_THINKING = 0.95;
