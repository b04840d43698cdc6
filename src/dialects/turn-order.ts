/** The order within turns that Claude's models require, in the form of Anthropic's API and of Bedrock's alike. */

interface TurnOf<Block> {
  readonly role: 'user' | 'assistant';
  readonly content: readonly Block[];
}

/**
 * The results of tools first, one for each call, then all else.
 *
 * @param callOf the id of the call that a result answers
 * @param joined makes one of what a tool gave in several pieces, as some agents hand it back
 */
export function resultsFirst<Block, Result extends Block>(
  content: readonly Block[],
  isResult: (block: Block) => block is Result,
  callOf: (result: Result) => string,
  joined: (pieces: readonly [Result, ...Result[]]) => Result,
): readonly Block[] {
  const byCall = new Map<string, [Result, ...Result[]]>();
  const others: Block[] = [];
  for (const block of content) {
    if (!isResult(block)) {
      others.push(block);
      continue;
    }
    const pieces = byCall.get(callOf(block));
    if (pieces === undefined) byCall.set(callOf(block), [block]);
    else pieces.push(block);
  }
  return byCall.size === 0 ? content : [...[...byCall.values()].map(joined), ...others];
}

/** What is said after a call comes before it, as long as no thought binds them to their places. */
export function callsLast<Block>(
  content: readonly Block[],
  isCall: (block: Block) => boolean,
  isThought: (block: Block) => boolean,
): readonly Block[] {
  const first = content.findIndex(isCall);
  const after = first < 0 ? [] : content.slice(first);
  if (after.every(isCall) || after.some(isThought)) return content;
  return [...content.slice(0, first), ...after.filter((block) => !isCall(block)), ...after.filter(isCall)];
}

/** Whether thinking may begin: where calls have just been answered, or an answer is to go on, that turn must begin with a thought. */
export function startsWithThought<Block>(
  turns: readonly TurnOf<Block>[],
  isThought: (block: Block) => boolean,
  isResult: (block: Block) => boolean,
): boolean {
  const begins = (turn: TurnOf<Block> | undefined) => {
    const first = turn?.content[0];
    return first !== undefined && isThought(first);
  };
  const last = turns.at(-1);
  if (last?.role === 'assistant') return begins(last);
  return last?.content.some(isResult) !== true || begins(turns.findLast(({ role }) => role === 'assistant'));
}
