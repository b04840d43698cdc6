/**
 * Files that an earlier generation has left, damaged, against the parts of a primary that start from them. They never
 * prevent the start, bring no count that is negative, and lead to no file outside of the folder; sound files are counted
 * to the last request, whatever lies beside them; and the generation after this one can start from what this one writes.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { OrphanLogs } from '../../src/primary/processes/orphan-logs.ts';
import { PrimaryRecord } from '../../src/primary/processes/primary-record.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { GatewayError } from '../../src/shared/errors.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { primaryParts, quiet, requestsOn, sampleEvents } from './primary-parts.ts';
import { type Left, leave, leftovers, REQUESTS_LEFT, type StateFiles, soundFiles } from './state-files.ts';

const CANARY = 'a file of somebody else';

const MOST_REQUESTS = 2 ** 50;

/** Reading an orphan's log takes a tenth of a second. */
const LOGS_EACH = 10;

export const state: FuzzTarget = {
  name: 'state',
  about: 'damaged files of an earlier generation, and the start of the next one from them',
  inputs: 100,
  async open() {
    const { folder, remove } = temporaryFolder('fuzz');
    const sound = await soundFiles(join(folder, 'sound', '8080'));
    let number = 0;
    return {
      async round(seed, inputs) {
        const property = fc.asyncProperty(leftovers(sound), async (files) => {
          number += 1;
          const own = join(folder, `start-${number}`);
          await checkStart(own, sound, files, number % LOGS_EACH === 0);
          rmSync(own, { recursive: true });
        });
        await fc.assert(property, { seed, numRuns: inputs, endOnFailure: true });
      },
      close: () => Promise.resolve(remove()),
    };
  },
};

async function checkStart(
  stateDir: string,
  sound: StateFiles,
  files: Readonly<Record<string, Left>>,
  readsLogs: boolean,
): Promise<void> {
  const folder = join(stateDir, '8080');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Where names with `..` would lead, and links do.
  const canaries = ['canary', 'canary.json', 'orphan-canary.json', 'books.json'].map((name) => join(stateDir, name));
  for (const canary of canaries) writeFileSync(canary, CANARY);
  leave(folder, files, join(stateDir, 'canary'));

  const record = new PrimaryRecord(folder, quiet);
  assert.ok(Number.isSafeInteger(record.generation) && record.generation > 0, 'a generation has a number');
  record.write('starting');
  const parts = primaryParts(folder);
  await parts.orphans.read();
  const before = await shown(parts);
  const isSound = Object.entries(sound).every(([name, text]) => {
    const left = files[name];
    // Neither the record of the generation nor the log has numbers.
    return !/^(?:books|orphan-w)/.test(name) || (left instanceof Buffer && left.equals(Buffer.from(text)));
  });
  if (isSound) assert.equal(before, REQUESTS_LEFT, 'what sound files hold is counted');
  if (readsLogs) await readLogs(folder);

  parts.ledger.open('w-new', 0, process.pid);
  parts.take(
    { id: 'w-new', slot: 0, send: () => undefined },
    { type: 'events', first: 1, events: sampleEvents.slice(0, 1) },
  );
  const after = await shown(parts);
  // Beyond that, a double does not grow by one.
  const isCountable = before !== null && before < MOST_REQUESTS;
  if (isCountable) assert.equal(after, before + 1, 'a new request is counted');
  await parts.ledger.close('w-new');
  parts.circuits.keepNow();

  const successor = primaryParts(folder);
  await successor.orphans.read();
  const next = await shown(successor);
  const isKept = isCountable && parts.ledger.writable && next !== null;
  if (isKept) assert.equal(next, after, 'the generation after it goes on from its numbers');
  successor.end();
  parts.end();
  record.remove();
  for (const canary of canaries) assert.equal(readFileSync(canary, 'utf8'), CANARY, `${canary} is not touched`);
  const there = [...canaries.map((canary) => canary.slice(stateDir.length + 1)), '8080'].sort();
  assert.deepEqual(readdirSync(stateDir).sort(), there, 'nothing is written outside of the folder');
}

/** The requests on the page; null while numbers are awaited from a process that seems to run. */
async function shown({ scrape }: ReturnType<typeof primaryParts>): Promise<number | null> {
  try {
    return requestsOn(await scrape());
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'metrics_unavailable') return null;
    throw error;
  }
}

async function readLogs(folder: string): Promise<void> {
  const output = { write: () => true, waitingBytes: 0 };
  const logs = new OrphanLogs({ folder, output, clock: systemClock, log: quiet });
  logs.start();
  await logs.stop();
}
