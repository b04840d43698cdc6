/** A gateway's status as people read it. Pure. */
import type { StatusAnswer } from './status-answer.ts';
import { table } from './table.ts';

/** A gateway's workers, circuits and cooldowns; blocks with an empty line between. */
export function statusLines({ version, primary, workers, circuits, rests, config }: StatusAnswer): string[] {
  const blocks = [
    [`headgate ${version}, pid ${primary.pid}, up ${spell(primary.uptimeSeconds)}, configuration ${config.version}`],
    table(
      ['worker', 'pid', 'state', 'in flight', 'last counts'],
      workers.map(({ slot, pid, state, inFlight, snapshotAgeMs }) => {
        return [slot, pid, state, inFlight, lastCounts(snapshotAgeMs, inFlight)].map(String);
      }),
    ),
    table(
      ['circuit', 'state', 'failures', 'until'],
      circuits.map(({ provider, state, failures, openUntil }) => [provider, state, String(failures), openUntil ?? '']),
    ),
    table(
      ['cooling down', 'model', 'for'],
      rests.map(({ provider, model, remainingMs }) => [
        provider,
        model ?? '(all)',
        spell(Math.ceil(remainingMs / 1000)),
      ]),
    ),
  ];
  return blocks.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** Numbers come every two seconds while they change: that none come from a worker without requests is as it should be. */
const FRESH_MS = 5_000;

function lastCounts(ageMs: number | null, inFlight: number): string {
  if (ageMs === null) return 'none yet';
  if (ageMs < FRESH_MS) return 'now';
  const ago = spell(Math.floor(ageMs / 1000));
  return inFlight === 0 ? `idle for ${ago}` : `${ago} ago`;
}

/** Seconds as `1h 2m 3s`. */
function spell(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const shown = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount}${unit}`);
  return shown.length === 0 ? '0s' : shown.join(' ');
}
