/** `headgate errors`: the last requests of a running gateway that ended with an error, and with `--follow` those that come. */

import type { Command } from 'commander';
import {
  type FailureQuery,
  FailureQueryError,
  failureQuery,
  isAsked,
  MOST_FAILURES,
} from '../primary/failures/failure-query.ts';
import { pause, systemClock } from '../shared/clock.ts';
import { errorOwners } from '../shared/errors.ts';
import { adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { counted } from './counted.ts';
import { askErrors, type ErrorsAnswer, type FailureAnswer } from './errors-answer.ts';
import { FailureLines, someOf } from './failure-lines.ts';
import { CommandError } from './failures.ts';
import { followFailures } from './follow-failures.ts';
import { listedOption } from './listed-option.ts';
import { complain, sayJson, sayJsonLine, sayLines } from './say.ts';

interface ErrorsFlags extends ConfigFlags {
  readonly model?: string;
  readonly provider?: string;
  readonly owner?: string;
  readonly code?: string;
  readonly limit?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** How many are shown as text unless more are asked for: about two screens. */
const SHOWN = 20;

/** After this time, a gateway that does not answer is asked again. */
const ASK_AGAIN_MS = 1000;

/** Adds the command. */
export function registerErrors(program: Command): void {
  withAdmin(program.command('errors'))
    .description('show the last requests that failed: whose fault, why, and what to do')
    .option('--follow', 'go on with those that come, until Ctrl-C')
    .option('--model <name>', 'only those of this model')
    .option(
      '--provider <name>',
      'only those of this provider, also where it was left out; unknown: where none was asked',
    )
    .addOption(listedOption('--owner <owner>', 'only those of this owner', errorOwners))
    .option('--code <code>', 'only those with this code')
    .option(
      '--limit <number>',
      `how many at most, up to ${MOST_FAILURES} (default: ${SHOWN}, of each kind some; with --json all)`,
    )
    .option('--json', 'print JSON; with --follow, a line for each')
    .action(showErrors);
}

async function showErrors(flags: ErrorsFlags): Promise<void> {
  const query = queryOf(flags);
  const client = adminClient(flags);
  const answer = await askErrors(client, parametersOf(flags));
  const isUnlimited = flags.limit === undefined && flags.json !== true;
  const shown = isUnlimited ? someOf(answer.failures, SHOWN) : answer.failures.slice(0, query.limit);
  const isFollowed = flags.follow === true;
  const say = flags.json === true ? inJson(answer, shown, isFollowed) : inText(answer, shown, flags);
  if (!isFollowed) return;
  await followFailures({
    client,
    said: answer.failures,
    failed: (failure, withheld) => {
      if (isAsked(failure, query)) say(failure, withheld);
    },
    lost: (why) => complain(`headgate: ${why}; it is asked again each second`),
    wait: () => pause(ASK_AGAIN_MS),
  });
}

/** Throws `CommandError`: also before a gateway is asked, since it names the flag. */
function queryOf({ model, provider, owner, code, limit }: ErrorsFlags): FailureQuery {
  try {
    return failureQuery({ model, provider, owner, code, limit });
  } catch (error) {
    if (error instanceof FailureQueryError) throw new CommandError(`--${error.message}`);
    throw error;
  }
}

/** Without the limit: how many there are is said too. */
function parametersOf(flags: ErrorsFlags): URLSearchParams {
  const names = ['model', 'provider', 'owner', 'code'] as const;
  return new URLSearchParams(names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])));
}

/** Says one that comes. */
type Say = (failure: FailureAnswer, withheld: number) => void;

function inJson(answer: ErrorsAnswer, shown: readonly FailureAnswer[], isFollowed: boolean): Say {
  // As the gateway's own event has it.
  const line: Say = (failure, withheld) => sayJsonLine({ type: 'failure', ...failure, withheld });
  if (isFollowed) for (const failure of shown.toReversed()) line(failure, 0);
  else sayJson({ ...answer, failures: shown });
  return line;
}

function inText(answer: ErrorsAnswer, shown: readonly FailureAnswer[], flags: ErrorsFlags): Say {
  const lines = new FailureLines(process.stdout.columns ?? 0, systemClock.wallMs());
  const all = answer.failures.length;
  if (shown.length > 0 || flags.follow === true) sayLines(lines.head(titleOf(shown.length, all)));
  for (const failure of shown.toReversed()) sayLines(lines.of(failure));
  const after = [...(shown.length === 0 ? noneLines(flags) : lines.cures(shown)), ...withheldLines(answer.withheld)];
  if (shown.length > 0) sayLines(['', 'What to do:', ...after]);
  else sayLines(after);
  return (failure, withheld) => {
    if (withheld > 0) sayLines([`(${withheld} more came too fast to be shown; the log has them)`]);
    sayLines(lines.of(failure));
  };
}

function titleOf(shown: number, all: number): string {
  if (shown === 0) return 'Failed requests as they come';
  return shown === all ? counted(all, 'failed request') : `${shown} of the last ${all} failed requests`;
}

function noneLines({ model, provider, owner, code, follow }: ErrorsFlags): string[] {
  const isFiltered = [model, provider, owner, code].some((filter) => filter !== undefined);
  const waits = follow === true ? ' Waiting for some.' : '';
  if (isFiltered)
    return [`None of the last failed requests is like that: leave a filter out to see the others.${waits}`];
  return [
    `No request has failed since the primary started.${waits}`,
    ...(follow === true
      ? []
      : ['Those before it are in the log, with "outcome":"error"; --follow waits for the next.']),
  ];
}

function withheldLines(withheld: number): string[] {
  if (withheld === 0) return [];
  return [`${withheld} more since the primary's start came too fast to be kept: the log has them.`];
}
