/**
 * What an event costs the primary, and how many requests a second one primary bears: measured by having it take in as
 * many as it can, from one sender and from several, with few series and with many.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { formatShare } from './cpu-time.ts';
import type { Flood, FloodFigures } from './flood-protocol.ts';
import { endGroup, endWithThis, withFolder } from './program.ts';
import type { Section } from './section.ts';

const program = fileURLToPath(new URL('flood-primary.ts', import.meta.url));

/** A loop that is busy for such a share of the time has more to take in than it can. */
const SATURATED = 0.95;

/** A busy worker tells of many requests at once, an idle one of each by itself, which costs more. */
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
      `primary: ${cores} cores are not enough for the senders too: they give way to the primary, but share its caches`,
    );
  }
  return { figures: {}, notes };
};

/** One flood in processes of its own, all gone when it is over. */
function flood(what: Omit<Flood, 'folder'>): Promise<FloodFigures> {
  return withFolder(async (folder) => {
    const child = fork(program, { detached: true });
    endWithThis(child.pid);
    try {
      return await answerOf(child, { ...what, folder });
    } finally {
      await endGroup(child);
    }
  });
}

async function answerOf(child: ChildProcess, question: Flood): Promise<FloodFigures> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the process that stands for the primary has ended');
  });
  // Heard below; after the answer its end is wanted.
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
    most.loopBusy >= SATURATED ? 'more it could not' : `more was not sent: one core bears about ${bearable(most)}`;
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
