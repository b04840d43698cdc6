/** `headgate spend`: what was spent, by hour, provider, model and key: of a running gateway, or from the file of its books. */

import type { Command } from 'commander';
import { z } from 'zod';
import { type SpendQuery, SpendQueryError, spendQuery } from '../primary/spend/spend-query.ts';
import { type SpendReport, spendReport } from '../primary/spend/spend-report.ts';
import { systemClock } from '../shared/clock.ts';
import { adminClient } from './admin-client.ts';
import { timeWords } from './clock-words.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { counted } from './counted.ts';
import { CommandError } from './failures.ts';
import { CommaListOption } from './listed-option.ts';
import { sayJson, sayLines } from './say.ts';
import { table } from './table.ts';

interface SpendFlags extends ConfigFlags {
  readonly by?: string;
  readonly since?: string;
  readonly until?: string;
  readonly file?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Adds the command. */
export function registerSpend(program: Command): void {
  withAdmin(program.command('spend'))
    .description('show tokens and dollars by time, provider, model and key')
    .addOption(
      new CommaListOption(
        '--by <names>',
        'total, or some of the others with commas between them (default: provider,model,key); a key alone is shown as PROVIDER/KEY',
        'total',
        ['hour', 'day', 'month', 'provider', 'model', 'key'],
      ),
    )
    .option('--since <time>', 'a date, a month, an ISO time, or a span such as 24h, 7d or 4w (times in UTC)')
    .option('--until <time>', 'the same; up to the end of that day, month or hour')
    .option('--file <file>', 'read the books from this file: spend.sqlite in the state folder, or a copy of it')
    .option('--json', 'print JSON')
    .option('--csv', 'print comma-separated values')
    .action(spend);
}

async function spend(flags: SpendFlags): Promise<void> {
  const query = queryOf(flags);
  const report = flags.file === undefined ? await ask(flags) : await readFile(flags.file, query);
  if (flags.json === true) sayJson(report);
  else sayLines(flags.csv === true ? spendCsv(report) : spendLines(report));
}

/** Throws `CommandError`: also before a gateway is asked, since it names the flag. */
function queryOf(flags: SpendFlags): SpendQuery {
  try {
    return spendQuery(flags, systemClock.wallMs());
  } catch (error) {
    if (error instanceof SpendQueryError) throw new CommandError(`--${error.message}`);
    throw error;
  }
}

const answer = z.object({
  by: z.array(z.string()),
  since: z.string().nullable(),
  until: z.string().nullable(),
  entries: z.array(
    z.object({
      group: z.record(z.string(), z.string()),
      answers: z.number(),
      unpricedAnswers: z.number(),
      tokens: z.record(z.string(), z.number()),
      usd: z.string().nullable(),
    }),
  ),
});

async function ask(flags: SpendFlags): Promise<SpendReport> {
  const given = [['by', flags.by] as const, ['since', flags.since] as const, ['until', flags.until] as const];
  const parameters = new URLSearchParams(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const result = answer.safeParse(await adminClient(flags).get(`/api/spend?${parameters}`));
  if (result.success) return result.data;
  throw new CommandError('this command cannot read what the gateway says: does the gateway run another version?');
}

async function readFile(file: string, query: SpendQuery): Promise<SpendReport> {
  // Imported here, since only this needs SQLite.
  const { readSpend } = await import('../primary/spend/spend-file.ts');
  try {
    return spendReport(query, readSpend(file, query));
  } catch (error) {
    throw new CommandError(
      `${file} cannot be read as spend books: ${error instanceof Error ? error.message : 'error'}`,
    );
  }
}

type Entry = SpendReport['entries'][number];

/** All that is in the tables, by its head. */
function columns(
  { by, entries }: SpendReport,
  usdOf: (entry: Entry) => string,
): { readonly heads: readonly string[]; readonly rows: string[][] } {
  const types = [...new Set(entries.flatMap(({ tokens }) => Object.keys(tokens)))];
  return {
    heads: [...by, 'answers', 'unpriced', ...types, 'usd'],
    rows: entries.map((entry) => [
      ...by.map((name) => entry.group[name] ?? ''),
      ...[entry.answers, entry.unpricedAnswers, ...types.map((type) => entry.tokens[type] ?? 0)].map(String),
      usdOf(entry),
    ]),
  };
}

/** Comma-separated values; an amount that is not known is an empty cell. */
export function spendCsv(report: SpendReport): string[] {
  const { heads, rows } = columns(report, ({ usd }) => usd ?? '');
  return [heads, ...rows].map((row) => row.map(cell).join(','));
}

/** As RFC 4180 has it. A name that a spreadsheet could take for a formula begins with a letter or digit already. */
function cell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** An amount in which some are missing is the least that it can be. */
function usdWords({ usd, unpricedAnswers }: Entry): string {
  if (usd === null) return 'unpriced';
  return unpricedAnswers === 0 ? usd : `≥ ${usd}`;
}

/** The lines to print for people. */
export function spendLines(report: SpendReport): string[] {
  const { heads: names, rows: cells } = columns(report, usdWords);
  const heads = names.map((name) => (name === 'day' || name === 'month' ? `${name} (UTC)` : name));
  // An hour is the same everywhere; days and months are those of the books.
  const hours = report.by.indexOf('hour');
  const rows = cells.map((row) => row.map((text, column) => (column === hours ? timeWords(text) : text)));
  if (rows.length === 0) return ['nothing was spent in this time'];
  const unpriced = report.entries.reduce((sum, each) => sum + each.unpricedAnswers, 0);
  const [have, are] = unpriced === 1 ? ['has', 'is'] : ['have', 'are'];
  const note = `${counted(unpriced, 'answer')} ${have} no known price and ${are} not in the dollars: \`headgate price MODEL\` says why`;
  return [...table(heads, rows, { rightFrom: report.by.length }), ...(unpriced > 0 ? [note] : [])];
}
