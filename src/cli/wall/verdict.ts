/** What a cell comes to: the client's view beside what the providers meant and how often they were asked. Pure. */
import { counted } from '../counted.ts';
import { beginningsIn } from './meant.ts';
import type { Sighting } from './sighting.ts';

/** The good ones first. */
export const verdicts = [
  'answered',
  'failed over',
  'empty',
  'refused',
  'broken',
  'unreachable',
  'SILENT TRUNCATION',
  'WRONG ANSWER',
  'HANG',
  'DOUBLE',
] as const;
export type Verdict = (typeof verdicts)[number];

/** Those that no gateway may give. */
const bad: readonly Verdict[] = ['SILENT TRUNCATION', 'WRONG ANSWER', 'HANG', 'DOUBLE'];

export function isBad(verdict: Verdict): boolean {
  return bad.includes(verdict);
}

/** What is known of a cell beside the client's view. */
export interface Facts {
  /** The whole answer of the first target, and of the second; null if there is none. */
  readonly first: string;
  readonly spare: string | null;
  /** Whether the first target's answer has no content by its fault. */
  readonly mayBeEmpty: boolean;
  /** How often each was asked. */
  readonly asked: { readonly first: number; readonly spare: number };
  /** How often one may be. */
  readonly mostAttempts: number;
}

export interface Judged {
  readonly verdict: Verdict;
  /** The status, the code, or what is wrong. */
  readonly detail: string;
}

/** The verdict on a cell. */
export function judge(sighting: Sighting, facts: Facts): Judged {
  const judged = judgeSighting(sighting, facts);
  const { first, spare } = facts.asked;
  if (isBad(judged.verdict)) return judged;
  const asked = `asked ${first} and ${spare} times`;
  if (Math.max(first, spare) > facts.mostAttempts) return { verdict: 'DOUBLE', detail: asked };
  // Once the client has content, another attempt can only cost, or repeat it.
  const hasContent = sighting.kind === 'broken' && sighting.text !== '';
  if (hasContent && first + spare > 1) return { verdict: 'DOUBLE', detail: `${asked} after content` };
  return judged;
}

function judgeSighting(sighting: Sighting, facts: Facts): Judged {
  switch (sighting.kind) {
    case 'answer':
      return judgeAnswer(sighting, facts);
    case 'refused':
      return { verdict: 'refused', detail: `${sighting.status} ${sighting.code ?? 'without a code'}` };
    case 'broken': {
      const isPart = textsOf(facts).some((text) => text.startsWith(sighting.text));
      return isPart ? { verdict: 'broken', detail: sighting.code } : notTheText(sighting.text);
    }
    case 'malformed':
      return { verdict: 'WRONG ANSWER', detail: sighting.what };
    case 'unreachable':
      return { verdict: 'unreachable', detail: sighting.code };
    case 'hang':
      return { verdict: 'HANG', detail: sighting.text === '' ? 'without content' : 'after content' };
    default:
      return sighting satisfies never;
  }
}

/** Reasons that tell the client that more would have come. */
const cutOff = ['length', 'max_tokens', 'incomplete', 'error', 'content_filter', 'refusal'];

function judgeAnswer({ text, finish }: Extract<Sighting, { kind: 'answer' }>, facts: Facts): Judged {
  const isWhole = textsOf(facts).includes(text);
  if (isWhole && finish === null) return { verdict: 'SILENT TRUNCATION', detail: 'whole, but no finish' };
  // Two targets may mean the same.
  if (isWhole)
    return { verdict: text === facts.first && facts.asked.spare === 0 ? 'answered' : 'failed over', detail: '' };
  if (text === '' && finish !== null && facts.mayBeEmpty) return { verdict: 'empty', detail: '' };
  if (!textsOf(facts).some((whole) => whole.startsWith(text))) return notTheText(text);
  if (finish !== null && cutOff.includes(finish)) return { verdict: 'broken', detail: finish };
  return { verdict: 'SILENT TRUNCATION', detail: text === '' ? 'empty' : counted(text.length, 'character') };
}

/** Both answers, one behind the other, or a beginning that comes twice, are worse than a wrong one. */
function notTheText(text: string): Judged {
  return { verdict: beginningsIn(text) > 1 ? 'DOUBLE' : 'WRONG ANSWER', detail: JSON.stringify(text.slice(0, 80)) };
}

function textsOf({ first, spare }: Facts): string[] {
  return spare === null ? [first] : [first, spare];
}
