/** What an earlier generation has left in its state folder, as it really was and damaged. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { createMetrics } from '../../src/shared/metrics/metrics.ts';
import { Registry, readRegistry } from '../../src/shared/metrics/prom.ts';
import { record } from '../../src/shared/metrics/record.ts';
import { PRIMARY_FILE } from '../../src/shared/state/primary-file.ts';
import { CHECKPOINT_FILE, orphanLogPath, orphanPath } from '../../src/shared/state/state-files.ts';
import { damagedJson, damages, mutated } from './mutations.ts';
import { failure, primaryParts, sampleEvents } from './primary-parts.ts';

/** A pid that no process has: the highest that Linux gives is 2^22. */
const GONE = 2 ** 23;
const ORPHAN = 'w-orphan';

/** The requests that sound files hold: of a worker that is gone, and of an orphan. */
export const REQUESTS_LEFT = 4;

/** The text of each file by its name. */
export type StateFiles = Readonly<Record<string, string>>;

/** Lets the parts of a primary write the files of a generation that then dies. */
export async function soundFiles(folder: string): Promise<StateFiles> {
  const parts = primaryParts(folder);
  parts.ledger.open('w-gone', 0, GONE);
  parts.take({ id: 'w-gone', slot: 0, send: () => undefined }, { type: 'events', first: 1, events: sampleEvents });
  // As many failures as open a circuit.
  parts.circuits.events(
    'w-gone',
    Array.from({ length: 10 }, (_, request) => ({ ...failure, request })),
  );
  await parts.ledger.close('w-gone');
  parts.ledger.open(ORPHAN, 1, GONE);
  parts.ledger.events(ORPHAN, 1, sampleEvents.slice(0, 1));
  parts.circuits.keepNow();
  const registry = new Registry();
  const metrics = createMetrics(registry);
  for (const event of sampleEvents) record(metrics, event);
  const orphan = { workerId: ORPHAN, sequence: sampleEvents.length, metrics: await readRegistry(registry) };
  return {
    [CHECKPOINT_FILE]: readFileSync(join(folder, CHECKPOINT_FILE), 'utf8'),
    [PRIMARY_FILE]: JSON.stringify({ pid: GONE, generation: 3, state: 'ready' }),
    [basename(orphanPath(folder, ORPHAN))]: JSON.stringify(orphan),
    [basename(orphanLogPath(folder, ORPHAN))]: '{"level":30,"msg":"a line"}\n',
  };
}

/** What lies under the name of a file: other bytes, nothing, a link to a file elsewhere, a folder. */
export type Left = Buffer | 'missing' | 'link' | 'folder';

/** What a next primary may find under these names. */
export function leftovers(sound: StateFiles): fc.Arbitrary<Record<string, Left>> {
  const names = Object.entries(sound).map(([name, text]) => [name, leftOf(text)] as const);
  return fc.record<Record<string, Left>>(Object.fromEntries(names));
}

function leftOf(text: string): fc.Arbitrary<Left> {
  const sound = Buffer.from(text);
  const damaged = damages.map((list) => Buffer.from(damagedJson(JSON.parse(text), list)));
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<Left>(sound) },
    { weight: 4, arbitrary: damaged },
    {
      weight: 2,
      arbitrary: mutated(fc.constant(sound), ['"', '{', '}', '[', '-', '0', '1e999', 'null', '\u0000', '\ud800']),
    },
    { weight: 1, arbitrary: fc.constantFrom<Left>('missing', 'link', 'folder', Buffer.alloc(0)) },
  );
}

/** Writes them, and the links to `elsewhere`. */
export function leave(folder: string, files: Readonly<Record<string, Left>>, elsewhere: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, left] of Object.entries(files)) {
    const file = join(folder, name);
    if (left === 'link') symlinkSync(elsewhere, file);
    else if (left === 'folder') mkdirSync(file);
    else if (left !== 'missing') writeFileSync(file, left);
  }
}
