/**
 * Writes the parameters other than messages and tools, and says which of them Bedrock, or its model, does not take. What only
 * a maker's models know stands among the additional fields, in the maker's own words.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { CachePoint, ConverseBlock, ConverseRequest, ConverseTurn } from '../../wire/converse.ts';
import { hidesThoughts, refusesSampling } from '../anthropic-messages/claude-models.ts';
import { budgetOf, isForced, type WrittenEffort, writeEffort } from '../anthropic-messages/write-effort.ts';
import type { HubRequest, Wish } from '../hub.ts';
import { startsWithThought } from '../turn-order.ts';
import { effortOf, isClaude, isNova } from './models.ts';
import { writeFormat } from './write-format.ts';

interface WrittenParams {
  readonly fields: Omit<ConverseRequest, 'messages' | 'system' | 'toolConfig'>;
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** What a request is written for. */
interface WrittenFor {
  readonly model: string;
  /** The limit where the client sets none; null: the model's own. */
  readonly maxTokens: number | null;
  /** The conversation, as it is written. */
  readonly turns: readonly ConverseTurn[];
  /** What else only the model has words for. */
  readonly additional: JsonRecord;
}

/** Bedrock's words that are OpenAI's too. */
const tiers = new Set(['default', 'flex', 'priority']);

/** Throws `GatewayError` (400) that names what cannot be expressed. */
export function writeParams(
  request: HubRequest,
  { model, maxTokens, turns, additional: others }: WrittenFor,
): WrittenParams {
  const dropped: string[] = [];
  const drop = (wish: Wish<unknown> | null) => {
    if (wish !== null) dropped.push(wish.at);
  };
  const { verbosity, user, serviceTier } = request.wishes;
  drop(verbosity);
  drop(user);
  const tier = serviceTier !== null && tiers.has(serviceTier.value) ? { serviceTier: { type: serviceTier.value } } : {};
  if (serviceTier !== null && serviceTier.value !== 'auto' && !tiers.has(serviceTier.value)) drop(serviceTier);

  const effort = isClaude(model)
    ? writeEffort(request, () => startsWithThought(turns, isThought, isResult), model)
    : {};
  if (effort.isLost === true) drop(request.wishes.effort);
  const own = ownFields(request, effort, model, drop);
  const thinking = asRecord(own.thinking);
  const isThinking = thinking !== null && thinking.type !== 'disabled';
  const inference = writeInference(request, { model, maxTokens, isThinking, budget: budgetOf(thinking) }, dropped);
  const topK = writeTopK(request.wishes.topK, model, isThinking);
  if (topK === null) drop(request.wishes.topK);
  const format = writeFormat(request.wishes.format, model);
  const output = { ...(effort.word === undefined ? {} : { effort: effort.word }), ...format.fields };
  const additional = { ...own, ...topK, ...others };
  const stops = inference.stopSequences !== undefined && isClaude(model);
  return {
    fields: {
      ...(Object.keys(inference).length === 0 ? {} : { inferenceConfig: inference }),
      ...(Object.keys(output).length === 0 ? {} : { outputConfig: output }),
      ...tier,
      ...(Object.keys(additional).length === 0 ? {} : { additionalModelRequestFields: additional }),
      // Which of them was met stands nowhere else.
      ...(stops
        ? { additionalModelResponseFieldPaths: [request.stream ? '/delta/stop_sequence' : '/stop_sequence'] }
        : {}),
    },
    dropped: [...dropped, ...format.dropped],
  };
}

/** How the model thinks, in the words of its maker. */
function ownFields(
  request: HubRequest,
  effort: WrittenEffort,
  model: string,
  drop: (wish: Wish<unknown> | null) => void,
): JsonRecord {
  const { wishes } = request;
  const { thinking, summary, effort: wanted } = wishes;
  if (isClaude(model)) {
    const budget = effort.budget === undefined ? null : { type: 'enabled', budget_tokens: effort.budget };
    const isHidden = summary !== null && hidesThoughts(model) && !isForced(request);
    const shown = isHidden ? { type: 'adaptive', display: 'summarized' } : null;
    const own = thinking?.value ?? budget ?? shown;
    return own === null ? {} : { thinking: own };
  }
  if (thinking !== null && thinking.value.type !== 'disabled') drop(thinking);
  drop(summary);
  if (wanted === null) return {};
  switch (effortOf(model)) {
    case 'openai':
      return { reasoning_effort: wanted.value };
    case 'nova':
      if (['low', 'medium', 'high'].includes(wanted.value)) {
        return { reasoningConfig: { type: 'enabled', maxReasoningEffort: wanted.value } };
      }
      drop(wanted);
      return {};
    default:
      if (wanted.value !== 'none') drop(wanted);
      return {};
  }
}

interface Limits {
  readonly model: string;
  readonly maxTokens: number | null;
  readonly isThinking: boolean;
  /** Tokens for thoughts, for which a limit that the client did not set leaves room. */
  readonly budget: number;
}

/**
 * Here temperature is at most 1. Most of Claude's models accept only one of temperature and top_p, newer ones neither, and
 * all of them none while they think. Its default is 1, which is left out.
 */
function writeInference(
  { maxTokens: wanted, temperature, topP, stopSequences, stopsAt = 'stop' }: HubRequest,
  { model, maxTokens, isThinking, budget }: Limits,
  dropped: string[],
): NonNullable<ConverseRequest['inferenceConfig']> {
  const limit = wanted ?? (maxTokens === null ? null : maxTokens + budget);
  // Blank ones are refused.
  const stops = stopSequences.filter((text) => text.trim() !== '');
  if (stops.length < stopSequences.length) dropped.push(stopsAt);
  const isFixed = isClaude(model) && (isThinking || refusesSampling(model));
  const asked = temperature === null ? null : Math.min(temperature, 1);
  const heat = isClaude(model) && asked === 1 ? null : asked;
  if ((temperature ?? 0) > 1 || (isFixed && heat !== null)) dropped.push('temperature');
  const nucleus = isClaude(model) && topP === 1 ? null : topP;
  const isNucleusFixed = isFixed || (isClaude(model) && heat !== null);
  if (nucleus !== null && isNucleusFixed) dropped.push('top_p');
  return {
    ...(limit === null ? {} : { maxTokens: limit }),
    ...(heat === null || isFixed ? {} : { temperature: heat }),
    ...(nucleus === null || isNucleusFixed ? {} : { topP: nucleus }),
    ...(stops.length === 0 ? {} : { stopSequences: stops }),
  };
}

/** Null if the model does not take it. */
function writeTopK(wish: Wish<number> | null, model: string, isThinking: boolean): JsonRecord | null {
  if (wish === null) return {};
  if (isClaude(model)) return isThinking || refusesSampling(model) ? null : { top_k: wish.value };
  return isNova(model) ? { inferenceConfig: { topK: wish.value } } : null;
}

function isThought(block: ConverseBlock | CachePoint): boolean {
  return 'reasoningContent' in block;
}

function isResult(block: ConverseBlock | CachePoint): boolean {
  return 'toolResult' in block;
}
