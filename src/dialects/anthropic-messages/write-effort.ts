/**
 * Writes how much effort an answer is worth. Anthropic's words are not all of OpenAI's, and its models before Claude 4.6 (of
 * Opus: 4.5) know none: they are given tokens for their thoughts, where nothing else in the request forbids them to think.
 */
import { asRecord } from '../../shared/json.ts';
import type { HubRequest } from '../hub.ts';
import { effortIn, highestEffort, thinksByItself } from './claude-models.ts';

/** What becomes of it. */
export interface WrittenEffort {
  readonly word?: string;
  /** Tokens for thoughts. */
  readonly budget?: number;
  /** The model is told something else than what was asked for, or nothing. */
  readonly isLost?: true;
}

/** Tokens for thoughts. A word that is not known here is none of those. */
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', 1_024],
  ['low', 2_048],
  ['medium', 8_192],
  ['high', 16_384],
  ['xhigh', 24_576],
  ['max', 32_000],
]);

/** Anthropic takes no fewer. */
const FEWEST_TOKENS = 1_024;

const OWN_NAME = 'output_config.effort';

/**
 * @param mayThink whether the conversation, as it is written, allows that thinking begins: of a model that thinks, the last
 *   turn must begin with a thought if its calls have just been answered, or if the model is to go on with it
 */
export function writeEffort(request: HubRequest, mayThink: () => boolean, model: string): WrittenEffort {
  const { effort: wish } = request.wishes;
  if (wish === null) return {};
  const { value: effort, at } = wish;
  // A client that uses Anthropic's own name knows its model.
  if (at === OWN_NAME) return { word: effort };
  switch (effortIn(model)) {
    case 'words':
      return inWords(effort, model);
    case 'tokens':
      return effort === 'none' ? {} : inTokens(effort, request, mayThink);
    default:
      return effort === 'none' ? {} : { isLost: true };
  }
}

function inWords(effort: string, model: string): WrittenEffort {
  if (effort === 'none' && !thinksByItself(model)) return {};
  if (effort === 'none' || effort === 'minimal') return { word: 'low', isLost: true };
  const highest = highestEffort(model);
  const isHigher = effort === 'xhigh' || (effort === 'max' && highest !== 'max');
  return highest !== null && isHigher ? { word: 'high', isLost: true } : { word: effort };
}

/** Half of the client's limit is left for the answer. */
function inTokens(effort: string, request: HubRequest, mayThink: () => boolean): WrittenEffort {
  const wanted = budgets.get(effort);
  if (wanted === undefined || !isFree(request) || !mayThink()) return { isLost: true };
  const most = request.maxTokens === null ? wanted : Math.floor(request.maxTokens / 2);
  const budget = Math.min(wanted, most);
  return budget < FEWEST_TOKENS ? { isLost: true } : { budget };
}

/** Whether the model must call a tool. */
export function isForced({ toolChoice, tools }: Pick<HubRequest, 'toolChoice' | 'tools'>): boolean {
  return tools.length > 0 && (toolChoice?.type === 'required' || toolChoice?.type === 'tool');
}

/** A model that thinks takes no temperature and calls no tool by force. */
function isFree({ wishes, toolChoice, tools, temperature, topP }: HubRequest): boolean {
  const isSampled = (temperature !== null && temperature < 1) || (topP !== null && topP < 1) || wishes.topK !== null;
  return wishes.thinking === null && !isForced({ toolChoice, tools }) && !isSampled;
}

/** How many tokens are for thoughts, of Claude's `thinking`; 0 where it says nothing of them. */
export function budgetOf(thinking: unknown): number {
  const tokens = asRecord(thinking)?.budget_tokens;
  return typeof tokens === 'number' && tokens > 0 ? tokens : 0;
}
