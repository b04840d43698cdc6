/** Sequences of events in the neutral form: which ones are legal, how they are collected, and a generator of all of them. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Attachment, BlockHead, HubAnswer, HubEvent } from '../../src/dialects/hub.ts';
import { AnswerInProgress } from '../../src/dialects/hub-answer.ts';

/** Fails with the first event that must not stand where it does. */
export function assertLegal(events: readonly HubEvent[]): void {
  const open = new Set<number>();
  let opened = 0;
  let hasFinish = false;
  for (const [position, event] of events.entries()) {
    const where = `event ${position}: ${JSON.stringify(event)}`;
    expect(event.type === 'start', `${where}: start comes first, and once`).to.equal(position === 0);
    expect(events[position - 1]?.type, `${where}: nothing follows the end`).to.not.equal('end');
    switch (event.type) {
      case 'open':
        expect(event.block, `${where}: blocks are numbered in the order in which they open`).to.equal(opened);
        opened += 1;
        open.add(event.block);
        break;
      case 'delta':
      case 'attach':
        expect(open.has(event.block), `${where}: its block is open`).to.equal(true);
        break;
      case 'close':
        expect(open.delete(event.block), `${where}: its block is open`).to.equal(true);
        break;
      case 'finish':
        expect(hasFinish, `${where}: a finish comes once`).to.equal(false);
        hasFinish = true;
        break;
      case 'end':
        expect([...open], `${where}: no block is open at the end`).to.deep.equal([]);
        break;
      case 'start':
      case 'usage':
        break;
      default:
        event satisfies never;
    }
  }
}

/** The answer that the events make. */
export function collected(events: readonly HubEvent[]): HubAnswer {
  const progress = new AnswerInProgress();
  for (const event of events) progress.take(event);
  return progress.answer;
}

const word = fc.string({ maxLength: 8 });
const maybeWord = fc.option(word);
const kind = fc.constantFrom('image', 'audio', 'video', 'file');
const count = fc.nat(1_000_000);

/** Any head of an answer's block: results of tools stand in requests only. */
const head: fc.Arbitrary<BlockHead> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('text', 'refusal') }) },
  fc.record({ type: fc.constant('reasoning'), form: fc.constantFrom('raw', 'summary', 'hidden') }),
  fc.record({ type: fc.constant('call'), callId: word, name: word, by: fc.constantFrom('client', 'provider') }),
  fc.record({
    type: fc.constant('media'),
    kind,
    mediaType: maybeWord,
    name: maybeWord,
    from: fc.constantFrom('data', 'url'),
  }),
  fc.record({ type: fc.constant('file-id'), kind, of: word }),
  fc.record({ type: fc.constant('foreign'), of: word, name: word, value: fc.jsonValue(), refusal: maybeWord }),
);

const attachment: fc.Arbitrary<Attachment> = fc.record({
  type: fc.constantFrom('signature', 'redacted', 'citation'),
  of: word,
  data: word,
});

const usage: fc.Arbitrary<HubEvent> = fc.record({
  type: fc.constant('usage'),
  usage: fc.record({ input: count, output: count, cacheRead: count, cacheWrite: count, reasoning: count }),
});

const finish: fc.Arbitrary<HubEvent> = fc.record({
  type: fc.constant('finish'),
  finish: fc.record({
    reason: fc.constantFrom(
      ...([
        'stop',
        'stop-sequence',
        'length',
        'context-length',
        'calls',
        'filtered',
        'pause',
        'error',
        'other',
      ] as const),
    ),
    raw: word,
    stopSequence: maybeWord,
  }),
});

/** What a block brings after it has opened: a piece of its text, or what is attached to it. */
type Piece = string | Attachment;

const block = fc.record({ head, pieces: fc.array(fc.oneof(word, attachment), { maxLength: 4 }) });

/** Where the next event is taken from. */
const turns = fc.array(fc.nat(), { maxLength: 64 });

/** Any legal sequence: blocks interleave, and a finish and token counts come at any place after the start. */
export const legalEvents: fc.Arbitrary<HubEvent[]> = fc
  .record({
    start: fc.record({ type: fc.constant('start'), id: maybeWord, model: maybeWord }),
    blocks: fc.array(block, { maxLength: 4 }),
    finish: fc.option(finish),
    usages: fc.array(usage, { maxLength: 3 }),
    turns,
    isEnded: fc.boolean(),
  })
  .map(({ start, blocks, finish: finished, usages, turns: order, isEnded }) => {
    const strands = [
      ...blocks.map(({ head: each, pieces }) => strand(each, pieces)),
      ...(finished === null ? [] : [[() => finished]]),
      usages.map((each) => () => each),
    ];
    return [start, ...interleaved(strands, order), ...(isEnded ? [{ type: 'end' } as const] : [])];
  });

/** Events that keep their order, each made when its turn comes, as a block gets its number only when it opens. */
type Strand = ((opened: () => number) => HubEvent)[];

function strand(each: BlockHead, pieces: readonly Piece[]): Strand {
  let number = 0;
  return [
    (opened) => {
      number = opened();
      return { type: 'open', block: number, head: each };
    },
    ...pieces.map((piece) => (): HubEvent => {
      if (typeof piece === 'string') return { type: 'delta', block: number, text: piece };
      return { type: 'attach', block: number, attachment: piece };
    }),
    () => ({ type: 'close', block: number }),
  ];
}

function interleaved(strands: readonly Strand[], order: readonly number[]): HubEvent[] {
  const events: HubEvent[] = [];
  let blocks = 0;
  const opened = () => blocks++;
  const waiting = strands.map((each) => [...each]);
  for (let turn = 0; ; turn += 1) {
    const left = waiting.filter((each) => each.length > 0);
    const next = left[(order[turn] ?? 0) % left.length]?.shift();
    if (next === undefined) return events;
    events.push(next(opened));
  }
}
