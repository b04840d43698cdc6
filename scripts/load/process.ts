/**
 * The process that makes load: answers the questions of `protocol.ts`. Forked by `driver.ts`; ends with its channel.
 */
import { HeldStreams } from './held-streams.ts';
import { pace } from './pace.ts';
import type { LoadQuestion } from './protocol.ts';
import { saturate } from './saturate.ts';
import { TalliedLoad } from './tallied-load.ts';

let held: HeldStreams | null = null;
let tallied: TalliedLoad | null = null;

async function answer(question: LoadQuestion): Promise<unknown> {
  switch (question.ask) {
    case 'saturate':
      return saturate(question.given);
    case 'pace':
      return pace(question.given);
    case 'hold':
      held = new HeldStreams(question.given.target, question.given.streams);
      await held.flowing();
      return null;
    case 'streamTally':
      return started(held).tally();
    case 'release':
      held?.release();
      held = null;
      return null;
    case 'start':
      tallied = new TalliedLoad(question.given);
      return null;
    case 'tally':
      return started(tallied).tally();
    case 'latencies':
      return started(tallied).latencies();
    case 'kill':
      started(tallied).kill(question.given);
      return null;
    case 'stop':
      return started(tallied).stop();
    default:
      return question satisfies never;
  }
}

function started<T>(load: T | null): T {
  if (load === null) throw new Error('no such load was started');
  return load;
}

process.on('message', (question: LoadQuestion) => {
  void answer(question).then((given) => process.send?.({ answer: given }));
});
process.on('disconnect', () => process.exit(0));
