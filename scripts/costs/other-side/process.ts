/**
 * The process that is client and provider at once: it carries out what `other-side.ts` asks for. Forked by it; ends with
 * its channel. It is one process, so that a machine with two cores has one for the worker.
 */
import type { Socket } from 'node:net';
import { attacks } from '../attacks/all.ts';
import { chatBody } from './bytes.ts';
import { post, together } from './client.ts';
import type { Order, Report } from './other-side.ts';
import { shortAnswer, startProvider } from './provider.ts';

/** So many ordinary requests before an attack: the worker's code is compiled, and its young generation has its size. */
const WARM_UP = { rounds: 40, atOnce: 16 };

let answer: (socket: Socket) => void = shortAnswer;

function report(message: Report): void {
  process.send?.(message);
}

async function carryOut({ name, port }: Order): Promise<void> {
  const attack = attacks.find((one) => one.name === name);
  answer = shortAnswer;
  if (attack === undefined) {
    const body = Buffer.from(chatBody('gpt-4'));
    for (let round = 0; round < WARM_UP.rounds; round += 1) {
      together(await Promise.all(Array.from({ length: WARM_UP.atOnce }, () => post({ port }, body))));
    }
    report({ answers: [] });
    return;
  }
  answer = attack.answer ?? shortAnswer;
  report({ answers: [...(await attack.run({ port }))] });
}

process.on('message', (order: Order) => void carryOut(order));
process.on('disconnect', () => process.exit(0));
report({ providerPort: await startProvider(() => answer) });
