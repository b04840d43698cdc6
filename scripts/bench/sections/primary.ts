/**
 * The cost of an event in the primary, and the most requests per second that one primary can count: measured by
 * flooding it from one sender and from several, with few series and with many.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ProcessGroup } from '../../processes/process-group.ts';
import { withFolder } from '../../processes/temporary-folder.ts';
import type { Flood, FloodFigures } from '../flood/protocol.ts';
import { formatShare, type Section } from './section.ts';

const program = fileURLToPath(new URL('../flood/primary.ts', import.meta.url));

/** From this share of busy time on, an event loop is at its limit. */
const SATURATED = 0.95;

/**
 * A busy worker reports many requests in one message; an idle one reports each in a message of its own, which costs
 * more.
 */
const variants = [
  { models: 1, perTurn: 16 },
  { models: 1000, perTurn: 16 },
  { models: 1, perTurn: 1 },
] as const;

export const primary: Section = async ({ short }) => {
  const counts = short ? [2] : [1, 2, 4];
  const duration = short ? { warmUpSeconds: 1, seconds: 2 } : { warmUpSeconds: 1, seconds: 4 };
  const notes: string[] = [];
  for (const { models, perTurn } of variants) {
    const what = `${named(models, 'model')}, ${named(perTurn, 'request')} a message`;
    const measured: FloodFigures[] = [];
    for (const senders of counts) {
      const figures = await flood({ senders, models, perTurn, ...duration });
      measured.push(figures);
      notes.push(`primary: ${what}, ${named(senders, 'sender')}: ${describe(figures)}`);
    }
    notes.push(`primary: ${what}: ${ceiling(measured)}`);
  }
  const cores = availableParallelism();
  if (cores <= Math.max(...counts)) {
    notes.push(
      `primary: ${cores} cores are not enough for the senders too: they have a lower priority than the primary, but share its caches`,
    );
  }
  return { figures: {}, notes };
};

/** One flood in processes of its own, which are ended afterwards. */
function flood(what: Omit<Flood, 'folder'>): Promise<FloodFigures> {
  return withFolder('flood', async (folder) => {
    const child = fork(program, { detached: true });
    const group = new ProcessGroup(child);
    try {
      return await answerOf(child, { ...what, folder });
    } finally {
      await group.end();
    }
  });
}

async function answerOf(child: ChildProcess, question: Flood): Promise<FloodFigures> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the process in the place of a primary has ended');
  });
  // After the answer its end is not an error.
  ended.catch(() => undefined);
  child.send(question);
  const [figures] = (await Promise.race([once(child, 'message'), ended])) as [FloodFigures];
  return figures;
}

function describe(figures: FloodFigures): string {
  const { seconds, events, requests, cpuMicroseconds, loopBusy, unconfirmed, dropped } = figures;
  const megabytes = (figures.snapshotBytes / seconds / 1e6).toFixed(1);
  const lost = unconfirmed + dropped === 0 ? '' : `; ${unconfirmed} responses unconfirmed, ${dropped} events dropped`;
  return (
    `${(cpuMicroseconds / events).toFixed(2)} µs CPU per event, ${costOf(figures).toFixed(1)} µs per request ` +
    `(${(events / requests).toFixed(0)} events), ${(requests / seconds).toFixed(0)} requests/s taken in at ` +
    `${formatShare(cpuMicroseconds / (seconds * 1e6))} of a core, its loop busy for ${formatShare(loopBusy)}; ` +
    `snapshots: ${(figures.snapshots / seconds).toFixed(1)}/s, ${megabytes} MB/s${lost}`
  );
}

function costOf({ cpuMicroseconds, requests }: FloodFigures): number {
  return cpuMicroseconds / requests;
}

function ceiling(measured: readonly FloodFigures[]): string {
  const [most] = [...measured].sort((one, other) => rate(other) - rate(one));
  if (most === undefined) return 'nothing was measured';
  const verdict =
    most.loopBusy >= SATURATED
      ? 'this is its limit'
      : `more was not sent: the limit of one core is about ${bearable(most)}`;
  return `one primary took in ${rate(most).toFixed(0)} requests/s; ${verdict}`;
}

function rate({ requests, seconds }: FloodFigures): number {
  return requests / seconds;
}

function bearable(figures: FloodFigures): string {
  return `${(1e6 / costOf(figures)).toFixed(0)} requests/s`;
}

function named(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
