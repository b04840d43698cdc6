/**
 * What it costs to count the tokens of streams whose clients do not ask for counts, in processor time of one thread:
 * `node scripts/token-cost.ts`. For each stream: the wish put into the request, the event with the counts taken out again,
 * and the counts added up. For each event of content: its text measured, by which uncounted tokens are estimated.
 */
import { openaiChat } from '../src/dialects/openai-chat/index.ts';
import { JsonPattern } from '../src/wire/json-pattern.ts';
import { SseSplitter } from '../src/wire/sse.ts';
import { consumptionOf } from '../src/worker/policies/token-counts.ts';
import { estimated, learned, unknownPace } from '../src/worker/policies/token-estimate.ts';
import { microsOf } from './processor-time.ts';

const EVENTS = 200;

const request = Buffer.from(
  JSON.stringify({ model: 'gpt-4', stream: true, messages: [{ role: 'user', content: 'word '.repeat(400) }] }),
);
const chunk = (choices: readonly object[], more: object = {}) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4', choices, ...more })}\n\n`;
const piece = chunk([{ index: 0, delta: { content: ' some words' }, finish_reason: null }]);
const content = piece.repeat(EVENTS) + chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
const usage = {
  prompt_tokens: 500,
  completion_tokens: 400,
  total_tokens: 900,
  prompt_tokens_details: { cached_tokens: 9 },
};
const plain = Buffer.from(`${content}data: [DONE]\n\n`);
const counted = Buffer.from(`${content}${chunk([], { usage })}data: [DONE]\n\n`);
const context = { model: 'gpt-4', includeUsage: false, createdAt: 1, requestId: 'r', choices: 1 };

function arrived() {
  const arriving = openaiChat.arrive({});
  arriving.push(request);
  arriving.end();
  return arriving.read(request);
}

function watched(bytes: Buffer, hidesUsage: boolean) {
  const stream = openaiChat.watch({ ...context, hidesUsage });
  for (const event of new SseSplitter().push(bytes)) stream.push(event);
  return stream;
}

type Work = () => unknown;

/** Both in turn, since the machine is busier at some times than at others: the least of each, in microseconds. */
function compare(what: string, times: number, without: Work, withIt: Work): void {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 16; round += 1) {
    for (const [index, work] of [without, withIt].entries()) {
      const micros = microsOf(times, work);
      // The first rounds are slow: nothing is compiled yet.
      if (round > 3) least[index] = Math.min(least[index] ?? 0, micros);
    }
  }
  const [one = 0, other = 0] = least;
  const [shown, beside, more] = [one, other, other - one].map((micros) => micros.toFixed(3).padStart(8));
  console.log(`${what.padEnd(40)} without ${shown} us   with ${beside} us   more ${more} us`);
}

const ready = arrived();
const edit = (askUsage: boolean) => () => ready.edited({ model: 'gpt-4-turbo', askUsage });
compare('the wish in a request of 2 KB', 20_000, edit(false), edit(true));

compare(
  `the counts in a stream of ${EVENTS} events`,
  1_000,
  () => watched(plain, false),
  () => watched(counted, true),
);

const { facts, said } = watched(counted, true);
const seen = { usage: facts.usage, said: said ?? null, requestBytes: request.length, end: 'whole' } as const;
const nothing = () => undefined;
let pace = unknownPace;
compare('the counts of an answer, and what they teach', 200_000, nothing, () => {
  pace = learned(pace, seen);
  return consumptionOf(seen.usage);
});
compare('an estimate', 200_000, nothing, () => consumptionOf(null, estimated(pace, { ...seen, usage: null })));

const data = piece.slice('data: '.length).trimEnd();
const unmeasured = JsonPattern.of(data, [], ['content']);
const measured = JsonPattern.of(data, ['content']);
compare(
  'the size of the text of one event',
  500_000,
  () => unmeasured?.measure(data),
  () => measured?.measure(data),
);
