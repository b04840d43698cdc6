/**
 * `headgate top`: shows a running gateway live, until Ctrl-C. On a terminal it redraws one screen with each event.
 * Elsewhere it prints one line per event, for `grep` and files.
 */
import type { Command } from 'commander';
import { systemClock } from '../shared/clock.ts';
import { type AdminClient, adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { CommandError } from './failures.ts';
import { type LiveAnswer, liveAnswers } from './live-answer.ts';
import { askStatus } from './status-answer.ts';
import { circuitName, statusLines } from './status-lines.ts';
import { table } from './table.ts';

type Rates = Extract<LiveAnswer, { readonly type: 'rates' }>;

/** The output of `top`. */
export interface Screen {
  /** The size of the terminal in characters; null if the output is no terminal. */
  readonly size: { readonly columns: number; readonly rows: number } | null;
  write(text: string): void;
}

/** Adds the command. */
export function registerTop(program: Command): void {
  withAdmin(program.command('top'))
    .description('show a running gateway live, until Ctrl-C')
    .action((flags: ConfigFlags) => {
      const { stdout } = process;
      return watch(adminClient(flags), {
        get size() {
          return stdout.isTTY === true ? { columns: stdout.columns, rows: stdout.rows } : null;
        },
        write: (text) => void stdout.write(text),
      });
    });
}

/** Shows all events until the gateway ends; then it throws `CommandError`. */
export async function watch(client: Pick<AdminClient, 'get' | 'lines'>, screen: Screen): Promise<never> {
  let status = await askStatus(client);
  let rates: Rates = { type: 'rates', requestsPerSecond: 0, errorsPerSecond: 0, providers: {} };
  const show = () =>
    screen.size !== null && screen.write(drawn([...ratesLines(rates), '', ...statusLines(status)], screen.size));
  show();
  for await (const event of liveAnswers(client)) {
    if (screen.size === null) {
      screen.write(`${new Date(systemClock.wallMs()).toISOString()} ${eventLine(event)}\n`);
      continue;
    }
    if (event.type === 'rates') rates = event;
    // The event only names the change. Requests in flight, failures and cooldowns are in the status.
    status = await askStatus(client);
    show();
  }
  throw new CommandError('the gateway has ended');
}

/** The line for an event. */
export function eventLine(event: LiveAnswer): string {
  switch (event.type) {
    case 'rates': {
      const shares = Object.entries(event.providers).map(([provider, { requests, errors }]) => {
        return `${provider} ${requests}${errors === 0 ? '' : ` (${errors} failed)`}`;
      });
      return [totals(event), ...shares].join(', ');
    }
    case 'circuit':
      return `the circuit of ${circuitName(event.provider, event.model ?? null)} is ${event.state}`;
    case 'worker':
      return `worker ${event.slot} (pid ${event.pid}) is ${event.state}`;
    default:
      return event satisfies never;
  }
}

function ratesLines(rates: Rates): string[] {
  const rows = Object.entries(rates.providers).map(([provider, { requests, errors }]) =>
    [provider, requests, errors].map(String),
  );
  const providers = table(['last second', 'requests', 'errors'], rows);
  return [totals(rates), ...(providers.length === 0 ? [] : ['', ...providers])];
}

function totals({ requestsPerSecond, errorsPerSecond }: Rates): string {
  return `${requestsPerSecond} requests/s, ${errorsPerSecond} errors/s`;
}

/** The lines, cut to the terminal's size, as text that redraws from the top left and clears the rest of the screen. */
function drawn(
  lines: readonly string[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string {
  const shown = lines.slice(0, rows - 1).map((line) => `${line.slice(0, columns)}\x1b[K\n`);
  return `\x1b[H${shown.join('')}\x1b[J`;
}
