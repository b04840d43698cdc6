/** Answers that this dialect can say, and the orders in which their events may come: for tests of properties. */
import fc from 'fast-check';
import { MessageReader } from '../../../../src/dialects/anthropic-messages/read-stream.ts';
import type { Attachment, Block, Finish, HubAnswer, HubEvent, Usage } from '../../../../src/dialects/hub.ts';
import { AnswerInProgress } from '../../../../src/dialects/hub-answer.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';

const of = 'anthropic-messages';
const text = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', '"', '\\', 'é', '😀', '{', '}'),
  minLength: 1,
  maxLength: 12,
});
const json = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(text, fc.integer(), fc.constant(null)), {
  maxKeys: 3,
});
const citation = json.map((value): Attachment => ({ type: 'citation', of, data: JSON.stringify(value) }));
const signature = text.map((data): Attachment => ({ type: 'signature', of, data }));

const textBlock = fc.record({
  head: fc.constant({ type: 'text' } as const),
  text,
  attached: fc.array(citation, { maxLength: 2 }),
});
const thought = fc.record({
  head: fc.constant({ type: 'reasoning', form: 'summary' } as const),
  text,
  attached: fc.oneof(
    fc.constant([]),
    signature.map((each) => [each]),
  ),
});
const hidden = text.map(
  (data): Block => ({
    head: { type: 'reasoning', form: 'hidden' },
    text: '',
    attached: [{ type: 'redacted', of, data }],
  }),
);
const call = fc
  .record({ callId: text, name: text, by: fc.constantFrom('client', 'provider'), input: json })
  .map(({ input, ...head }): Block => ({ head: { type: 'call', ...head }, text: JSON.stringify(input), attached: [] }));
const foreign = json.map((value): Block => {
  const head = { type: 'foreign', of, name: 'x_result', value: { ...value, type: 'x_result' }, refusal: null } as const;
  return { head, text: '', attached: [] };
});

const count = fc.nat({ max: 1_000 });
const usage = fc
  .record({ fresh: count, output: count, cacheRead: count, cacheWrite: count, reasoning: count })
  .map(({ fresh, ...counts }): Usage => ({ ...counts, input: fresh + counts.cacheRead + counts.cacheWrite }));

const finish = fc.constantFrom<Finish>(
  { reason: 'calls', raw: 'tool_use', stopSequence: null },
  { reason: 'length', raw: 'max_tokens', stopSequence: null },
  { reason: 'context-length', raw: 'model_context_window_exceeded', stopSequence: null },
  { reason: 'stop-sequence', raw: 'stop_sequence', stopSequence: 'END' },
  { reason: 'filtered', raw: 'refusal', stopSequence: null },
  { reason: 'pause', raw: 'pause_turn', stopSequence: null },
  { reason: 'other', raw: 'a_new_reason', stopSequence: null },
);

/** Answers that the dialect's own provider could give. */
export const ownAnswers: fc.Arbitrary<HubAnswer> = fc.record({
  id: text,
  model: text,
  blocks: fc.array(fc.oneof(textBlock, thought, hidden, call, call, foreign), { maxLength: 6 }),
  finish,
  usage,
});

/** Numbers from 0 to below 1, of which an order takes as many as it needs. */
export const choices = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 40 });

/**
 * The events of an answer in one of their legal orders: calls are open at once and their pieces interleave; every block
 * may be closed late; usage comes anywhere.
 *
 * @param mixed whether pieces of all blocks interleave
 */
export function eventsOf(
  { id, model, blocks, ...end }: HubAnswer,
  picks: readonly number[],
  mixed = false,
): HubEvent[] {
  let picked = 0;
  const pick = (size: number) => Math.floor((picks[picked++ % picks.length] ?? 0) * size);
  const events: HubEvent[] = [{ type: 'start', id, model }];
  const open: HubEvent[][] = [];
  const late: HubEvent[] = [];
  const some = (most: number, least = 0) => {
    for (let left = least + pick(most); left > 0 && open.length > 0; left -= 1) {
      const at = pick(open.length);
      const event = open[at]?.shift();
      if (event === undefined) open.splice(at, 1);
      else events.push(event);
    }
  };
  for (const [block, { head, text, attached }] of blocks.entries()) {
    events.push({ type: 'open', block, head });
    const cut = pick(text.length + 1);
    const texts = [text.slice(0, cut), text.slice(cut)].filter((piece) => piece !== '');
    const pieces: HubEvent[] = [
      ...texts.map((piece) => ({ type: 'delta', block, text: piece }) as const),
      ...attached.map((attachment) => ({ type: 'attach', block, attachment }) as const),
    ];
    const close = { type: 'close', block } as const;
    if (mixed || head.type === 'call') {
      open.push([...pieces, close]);
      some(6);
      continue;
    }
    for (const piece of pieces) {
      events.push(piece);
      some(3);
    }
    if (pick(2) === 0) events.push(close);
    else late.push(close);
  }
  if (end.usage !== null && pick(2) === 0) events.push({ type: 'usage', usage: end.usage });
  if (end.finish !== null) events.push({ type: 'finish', finish: end.finish });
  while (open.length > 0) some(8, 1);
  events.push(...late);
  if (end.usage !== null) events.push({ type: 'usage', usage: end.usage });
  return [...events, { type: 'end' }];
}

/** The answer that these events are. */
export function collected(events: readonly HubEvent[]): HubAnswer {
  const answer = new AnswerInProgress();
  for (const event of events) answer.take(event);
  return answer.answer;
}

/** What is read in a stream. */
export function readBack(bytes: Buffer): HubEvent[] {
  const reader = new MessageReader();
  return new SseSplitter().push(bytes).flatMap((event) => reader.push(event));
}
