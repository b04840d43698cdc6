/**
 * Writes how much the model thinks, and whether it shows what it thought. Models before Gemini 3 are told a number of tokens, later
 * ones a level; the numbers are those of Google's compatible API (ai.google.dev/gemini-api/docs/openai).
 */
import { asCount } from '../../shared/json.ts';
import type { ThinkingConfig } from '../../wire/generate-content.ts';
import { canRefrainFromThinking, hasMediumLevel, hasMinimalLevel, thinkingIn } from '../gemini-models.ts';
import type { Wishes } from '../hub.ts';

interface WrittenThinking {
  /** Null: as the model does by itself. */
  readonly config: ThinkingConfig | null;
  /** Names of wishes that were not followed, or not quite. */
  readonly dropped: readonly string[];
}

/** Tokens by a word for effort. */
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', 1_024],
  ['low', 1_024],
  ['medium', 8_192],
  ['high', 24_576],
]);

const HIGHEST_BUDGET = 24_576;
/** Of models that cannot refrain from thinking. */
const LOWEST_BUDGET = 128;

interface Amount {
  readonly fields: Pick<ThinkingConfig, 'thinkingBudget' | 'thinkingLevel'>;
  /** The model is told something else than what was asked for. */
  readonly isOther: boolean;
}

export function writeThinking(
  { effort, thinking, summary }: Pick<Wishes, 'effort' | 'thinking' | 'summary'>,
  model: string,
): WrittenThinking {
  const way = thinkingIn(model);
  const wished = [effort, thinking, summary].flatMap((wish) => (wish === null ? [] : [wish.at]));
  if (way === 'nothing')
    return { config: null, dropped: wished.filter((at) => at !== thinking?.at || !isOff(thinking)) };
  const { type, budget_tokens: tokens, display } = thinking?.value ?? {};
  const isShown = (thinking !== null && type !== 'disabled' && display !== 'omitted') || summary !== null;
  const amount = amountOf(effort?.value ?? null, type === 'disabled', asCount(tokens), model);
  const fields = { ...amount?.fields, ...(isShown ? { includeThoughts: true } : {}) };
  const asked = effort?.at ?? thinking?.at;
  return {
    config: Object.keys(fields).length === 0 ? null : fields,
    dropped: amount?.isOther === true && asked !== undefined ? [asked] : [],
  };
}

function isOff(thinking: Wishes['thinking']): boolean {
  return thinking?.value.type === 'disabled';
}

/** Null if nothing is said of it. A number counts more than a word, and that it should not think most. */
function amountOf(effort: string | null, isDisabled: boolean, tokens: number, model: string): Amount | null {
  if (isDisabled || effort === 'none') return none(model);
  if (tokens > 0) return { fields: { thinkingBudget: tokens }, isOther: false };
  if (effort === null) return null;
  return thinkingIn(model) === 'tokens' ? budget(effort) : level(effort, model);
}

function none(model: string): Amount {
  if (thinkingIn(model) === 'level') return { ...level('minimal', model), isOther: true };
  const isOff = canRefrainFromThinking(model);
  return { fields: { thinkingBudget: isOff ? 0 : LOWEST_BUDGET }, isOther: !isOff };
}

function budget(effort: string): Amount {
  const known = budgets.get(effort);
  return { fields: { thinkingBudget: known ?? HIGHEST_BUDGET }, isOther: known === undefined };
}

function level(effort: string, model: string): Amount {
  const [word, isOther] = levelOf(effort, model);
  return { fields: { thinkingLevel: word }, isOther };
}

function levelOf(effort: string, model: string): readonly [word: string, isOther: boolean] {
  switch (effort) {
    case 'minimal':
      return hasMinimalLevel(model) ? ['MINIMAL', false] : ['LOW', true];
    case 'low':
      return ['LOW', false];
    case 'medium':
      return hasMediumLevel(model) ? ['MEDIUM', false] : ['HIGH', true];
    case 'high':
      return ['HIGH', false];
    default:
      return ['HIGH', true];
  }
}
