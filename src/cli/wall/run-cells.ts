/**
 * Runs the cells: sets the fault, asks, judges. Cells that share a model run one after the other, since a fault is set for a
 * model; all others run side by side.
 */
import { type Cell, promptOf } from './cells.ts';
import { ask } from './client.ts';
import { meantAnswer } from './meant.ts';
import { type Judged, judge } from './verdict.ts';
import { rememberedFaults } from './wall-faults.ts';
import { LANES, laneNumbers, MOST_ATTEMPTS, modelKinds, modelName, spareName } from './wall-models.ts';
import type { WallProviders } from './wall-providers.ts';

/** Beyond the 6 s and 10 s of the configuration, also on a busy host. */
const LIMIT_MS = 20_000;

/** A cell and its verdict. */
export interface Outcome extends Judged {
  readonly cell: Cell;
}

/** The gateway under test, as its clients know it. */
interface UnderTest {
  readonly url: string;
  readonly key: string;
}

/** Runs all cells, or those before `stop` is aborted. */
export async function runCells(
  cells: readonly Cell[],
  gateway: UnderTest,
  providers: WallProviders,
  stop?: AbortSignal,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const runAll = async (some: readonly Cell[], lanes: readonly number[]): Promise<void> => {
    const runs = modelKinds.flatMap((kind) => {
      const waiting = some.filter((cell) => cell.kind === kind).reverse();
      return lanes.map(async (lane) => {
        for (let cell = waiting.pop(); cell !== undefined && stop?.aborted !== true; cell = waiting.pop()) {
          outcomes.push(await runCell(cell, modelName(kind, lane), gateway, providers, stop));
        }
      });
    });
    await Promise.all(runs);
  };
  const all = cells.filter(({ fault }) => !fault.remembered);
  await runAll(all, laneNumbers(LANES));
  // Each in models of its own, since the one before may still be remembered.
  for (const [index, fault] of rememberedFaults.entries()) {
    const some = cells.filter((cell) => cell.fault === fault);
    await runAll(some, [LANES + 1 + index]);
  }
  return outcomes.sort((one, other) => one.cell.number - other.cell.number);
}

async function runCell(
  cell: Cell,
  model: string,
  gateway: UnderTest,
  providers: WallProviders,
  stop: AbortSignal | undefined,
): Promise<Outcome> {
  const { face, stream, kind, fault } = cell;
  const prompt = promptOf(cell);
  providers.setFault(cell, model);
  const sighting = await ask({ ...gateway, face, model, prompt, stream, limitMs: LIMIT_MS, stop });
  const judged = judge(sighting, {
    first: meantAnswer(face.form, kind.first, model, prompt),
    spare: kind.spare === null ? null : meantAnswer(face.form, kind.spare, spareName(model), prompt),
    mayBeEmpty: fault.fault.kind === 'empty',
    asked: providers.asked(cell, model),
    mostAttempts: fault.mayBeResent ? 2 * MOST_ATTEMPTS : MOST_ATTEMPTS,
  });
  return { cell, ...judged };
}
