/**
 * Worker CPU of two versions of the gateway, as ratios of neighbouring readings.
 *
 * Two gateways of each version stand side by side and are loaded in turn: A B A B. So each pair of versions has a
 * control pair of the same code. Processes of the same code differ too (memory layout, what V8 has compiled), so all
 * four are started several times, every other time in the opposite order.
 */
import { OtherVersion } from '../../rig/other-version.ts';
import { Rig } from '../../rig/rig.ts';
import { headgate, type ProxyKind } from '../proxies/proxies.ts';
import type { Part } from './parts.ts';
import { leaveLastCore, onLastCore } from './pinned.ts';

/** What one start of the four gateways gave; one entry for each pair of readings. */
export interface Start {
  readonly seconds: number;
  /** CPU of ours, µs. */
  readonly cpu: readonly number[];
  /** The alternative to ours. */
  readonly ratios: readonly number[];
  /** The same code to itself. */
  readonly control: readonly number[];
  /** More than none make the figures void. */
  readonly failures: number;
}

/** Of both versions. */
const TWINS = [1, 2] as const;

/** Compares a part with its alternative. @param ended is called after each start, with its number from 1 */
export function compare(
  part: Part,
  starts: number,
  ended: (start: Start, number: number) => void,
): Promise<readonly Start[]> {
  return Rig.with(async (rig) => {
    // Ours runs from a copy too, so that the part is the only difference.
    const ours = rig.add(new OtherVersion([], true));
    const other = rig.add(new OtherVersion([], true));
    part.replace(other);
    return comparePrograms({ ours: ours.program, other: other.program, measure: part.measure }, starts, ended);
  });
}

/** Two built gateways, by their command's script, and the load under which they are compared. */
interface Programs {
  readonly ours: string;
  readonly other: string;
  readonly measure: Part['measure'];
}

/** Compares two versions. @param ended is called after each start, with its number from 1 */
export async function comparePrograms(
  { ours, other, measure }: Programs,
  starts: number,
  ended: (start: Start, number: number) => void,
): Promise<readonly Start[]> {
  leaveLastCore();
  const kinds = TWINS.flatMap((twin) => [
    onLastCore(headgate(`ours ${twin}`, { workers: 1, program: ours })),
    onLastCore(headgate(`other ${twin}`, { workers: 1, program: other })),
  ]);
  const all: Start[] = [];
  for (let number = 1; number <= starts; number += 1) {
    const start = await measured(measure, number % 2 === 1 ? kinds : kinds.toReversed());
    all.push(start);
    ended(start, number);
  }
  return all;
}

async function measured(measure: Part['measure'], kinds: readonly ProxyKind[]): Promise<Start> {
  const startedAt = performance.now();
  const { cpu, failures } = await measure(kinds);
  // In the first round the code is not yet as fast as it will be.
  const of = (name: string) => cpu.of(name).slice(1);
  const [ours, other] = [TWINS.map((twin) => of(`ours ${twin}`)), TWINS.map((twin) => of(`other ${twin}`))];
  return {
    seconds: (performance.now() - startedAt) / 1000,
    cpu: ours.flat(),
    ratios: ours.flatMap((readings, twin) => quotients(other[twin], readings)),
    control: [ours, other].flatMap(([first, second]) => quotients(second, first)),
    failures: kinds.flatMap(({ name }) => failures.of(name)).reduce((sum, count) => sum + count, 0),
  };
}

/** Round by round. */
function quotients(above: readonly number[] = [], below: readonly number[] = []): number[] {
  return above.map((reading, round) => reading / (below[round] ?? Number.NaN));
}
