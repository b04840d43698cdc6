/** A gateway's status as text. Pure. */
import { clockWords, timeWords } from './clock-words.ts';
import { cooldownWords } from './cooldown-reason.ts';
import type { StatusAnswer } from './status-answer.ts';
import { table } from './table.ts';

/** The verdict, the gateway in a line or more, then tables of workers, circuits and cooldowns, with an empty line between. */
export function statusLines(status: StatusAnswer): string[] {
  const { version, primary, workers, circuits, targets, rests, keys, config } = status;
  const shown = circuits.flatMap(({ provider, ...circuit }) => {
    const own = targets.filter((target) => target.provider === provider && target.state !== 'closed');
    return [
      { name: provider, ...circuit },
      ...own.map((target) => ({ ...target, name: `  ${circuitName(provider, target.model)}` })),
    ];
  });
  const blocks = [
    verdictLines(status),
    [
      `headgate ${version}, pid ${primary.pid}, up ${formatSeconds(primary.uptimeSeconds)}, configuration version ${config.version}`,
      ...troubles(status),
    ],
    table(
      ['worker', 'pid', 'state', 'in flight', 'last snapshot'],
      workers.map(({ slot, pid, state, inFlight, snapshotAgeMs }) => {
        // A worker without a primary reports by a file, which is read at scrapes and does not say what is in flight.
        if (state === 'orphan') return [slot, pid, state, '?', byFile(snapshotAgeMs)].map(String);
        return [slot, pid, state, inFlight, lastSnapshot(snapshotAgeMs, inFlight)].map(String);
      }),
    ),
    table(
      ['circuit', 'state', 'failures', 'until'],
      shown.map(({ name, state, failures, openUntil }) => [name, state, String(failures), clockWords(openUntil)]),
    ),
    table(
      ['cooling down', 'model', 'time left', 'reason'],
      rests.map(({ provider, model, remainingMs, reason }) => [
        provider,
        model ?? '(all)',
        formatSeconds(Math.ceil(remainingMs / 1000)),
        cooldownWords(reason),
      ]),
    ),
    table(['key', 'state', 'model', 'until', 'reason'], keyRows(keys)),
  ];
  return blocks.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** Whether the gateway is well; if not, what is wrong, a line each, with what to do under it. */
function verdictLines({ verdict }: StatusAnswer): string[] {
  if (verdict === undefined) return [];
  if (verdict.findings.length === 0) return [verdict.sentence];
  return verdict.findings.flatMap(({ severity, sentence, cure }) => [`${severity}: ${sentence}`, `      ${cure}`]);
}

/** The keys of providers that have several: a line for each of its cooldowns, or one that it has none. */
function keyRows(keys: StatusAnswer['keys']): string[][] {
  const several = keys.filter(({ provider }) => keys.filter((other) => other.provider === provider).length > 1);
  return several.flatMap(({ provider, name, state, cooldowns }) => {
    const key = `${provider}/${name}`;
    if (cooldowns.length === 0) return [[key, state, '', '', '']];
    return cooldowns.map(({ model, until, reason }) => {
      return [key, 'cooling down', model ?? '(all)', clockWords(until), cooldownWords(reason)];
    });
  });
}

/** What is not as it should be with the whole gateway, a line each. */
function troubles({ config, roll, state, stopping, credentials }: StatusAnswer): string[] {
  const lines: string[] = [];
  if (stopping !== null && stopping !== undefined)
    lines.push(`stopping: open requests may finish until ${clockWords(stopping.until)}`);
  for (const { provider, usable, expiresAt, problem } of credentials) {
    if (problem === null) continue;
    const left = usable
      ? `those that are held ${expiresAt === null ? 'do not end' : `end at ${clockWords(expiresAt)}`}`
      : 'there are none';
    lines.push(`credentials of ${provider} cannot be fetched, ${left}: ${problem}`);
  }
  if (config.lastReloadSuccessful === false) {
    lines.push(...refusedReload(config.lastReload ?? null));
  }
  if (typeof roll?.problem === 'string') {
    lines.push(`the last replacement of workers ended after ${roll.replaced} of ${roll.of}: ${roll.problem}`);
  } else if (roll && roll.replaced < roll.of) {
    lines.push(`workers are being replaced since ${timeWords(roll.startedAt)}: ${roll.replaced} of ${roll.of} done`);
  }
  if (state?.writable === false) {
    const why = state.error === null ? '' : ` (${state.error})`;
    lines.push(`state_dir cannot be written${why}: a crash of the primary would lose the counts so far`);
  }
  return lines;
}

/** A version that keeps no record of its reloads leaves it to `check` to say why. */
function refusedReload(last: { at: string; by: string; problems: string[] } | null): string[] {
  const words = 'was refused, and the configuration before it stays in use';
  if (last === null) return [`the last reload ${words}: see headgate check`];
  return [
    `the last reload, by ${last.by} at ${timeWords(last.at)}, ${words}:`,
    ...last.problems.flatMap((problem) => problem.split('\n')).map((line) => `  ${line}`),
  ];
}

/** `openai`, or `openai/gpt-4` for the circuit of a target. */
export function circuitName(provider: string, model: string | null): string {
  return model === null ? provider : `${provider}/${model}`;
}

/** Snapshots arrive every two seconds while numbers change. A worker without requests correctly sends none. */
const FRESH_MS = 5_000;

function lastSnapshot(ageMs: number | null, inFlight: number): string {
  if (ageMs === null) return 'none yet';
  if (ageMs < FRESH_MS) return 'now';
  const ago = formatSeconds(Math.floor(ageMs / 1000));
  return inFlight === 0 ? `idle for ${ago}` : `${ago} ago`;
}

function byFile(ageMs: number | null): string {
  return ageMs === null ? 'none yet' : `by file, ${formatSeconds(Math.floor(ageMs / 1000))} ago`;
}

/** Seconds in the form `1h 2m 3s`. */
function formatSeconds(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const shown = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount}${unit}`);
  return shown.length === 0 ? '0s' : shown.join(' ');
}
