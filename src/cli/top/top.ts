/**
 * `headgate top`: shows a running gateway live, until `q` or Ctrl-C. On a terminal it redraws one screen each second.
 * Elsewhere, and on one without codes for its cursor, it prints one line per event, for `grep` and files. While the gateway
 * cannot be reached it says so, with the last that is known, and tries again: a primary that was restarted is shown as soon as
 * it answers.
 */

import type { Command } from 'commander';
import { pause, systemClock } from '../../shared/clock.ts';
import { localTime } from '../../shared/local-time.ts';
import { type AdminClient, adminClient } from '../admin-client.ts';
import { type Paint, paintFor, takesCodes } from '../colour.ts';
import { type ConfigFlags, withAdmin } from '../config-options.ts';
import { CommandError } from '../failures.ts';
import { type LiveAnswer, liveAnswers } from '../live-answer.ts';
import { sayJsonLine, sayLines } from '../say.ts';
import { askStatus, type StatusAnswer } from '../status-answer.ts';
import { eventLine } from './event-line.ts';
import { screenLines } from './screen.ts';

/** Between two tries to reach the gateway. */
const RETRY_MS = 1000;

/** The output of `top`. */
export interface Screen {
  /** The size of the terminal in characters; null if the output is no terminal. */
  readonly size: { readonly columns: number; readonly rows: number } | null;
  readonly paint: Paint;
  write(text: string): void;
}

interface TopFlags extends ConfigFlags {
  readonly json?: boolean;
}

/** Adds the command. */
export function registerTop(program: Command): void {
  withAdmin(program.command('top'))
    .description('show a running gateway live, until q or Ctrl-C')
    .option('--json', 'print each event as a line of JSON')
    .action((flags: TopFlags) => {
      const { stdout, stdin } = process;
      const isScreen = stdout.isTTY === true && flags.json !== true && takesCodes();
      if (isScreen && stdin.isTTY === true) obeyKeys(stdin);
      // A terminal that does not know its size says 0.
      const size = () => (isScreen ? { columns: stdout.columns || 80, rows: stdout.rows || 24 } : null);
      return watch(
        adminClient(flags),
        {
          get size() {
            return size();
          },
          paint: paintFor(isScreen),
          write: (text) => void stdout.write(text),
        },
        { json: flags.json === true, retryMs: RETRY_MS },
      );
    });
}

/** Ends or suspends the process as a signal would. In raw mode the terminal sends no signals itself. */
function obeyKeys(stdin: NodeJS.ReadStream): void {
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.unref();
  // The shell has given the terminal its own mode meanwhile.
  process.on('SIGCONT', () => stdin.setRawMode(false).setRawMode(true));
  stdin.on('data', (key) => {
    if (key === '\x1a') {
      stdin.setRawMode(false);
      process.kill(process.pid, 'SIGTSTP');
    }
    if (key !== 'q' && key !== 'Q' && key !== '\x03' && key !== '\x04') return;
    stdin.setRawMode(false);
    process.stdout.write('\n');
    process.exit(0);
  });
}

interface WatchOptions {
  readonly json: boolean;
  /** Null: it ends with the gateway. */
  readonly retryMs: number | null;
}

/** Shows all events. Throws `CommandError` if the gateway cannot be reached at the beginning; afterwards it tries again. */
export async function watch(
  client: Pick<AdminClient, 'get' | 'lines'>,
  screen: Screen,
  { json, retryMs }: WatchOptions,
): Promise<void> {
  const view = new View(screen, json, await askStatus(client));
  for (;;) {
    try {
      for await (const event of liveAnswers(client)) await view.show(event, client);
      view.lost('the gateway has ended');
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      view.lost(error.message);
    }
    if (retryMs === null) return;
    await pause(retryMs);
  }
}

class View {
  readonly #screen: Screen;
  readonly #json: boolean;
  #status: StatusAnswer;
  #lost: { readonly sinceMs: number; readonly why: string } | null = null;
  /** Whether the gateway sends its status by itself; older versions are asked for it. */
  #isSent = false;

  constructor(screen: Screen, json: boolean, status: StatusAnswer) {
    this.#screen = screen;
    this.#json = json;
    this.#status = status;
    this.#draw();
  }

  async show(event: LiveAnswer, client: Pick<AdminClient, 'get'>): Promise<void> {
    const before = this.#status.verdict?.sentence;
    if (event.type === 'status') this.#status = event.status;
    this.#isSent ||= event.type === 'status';
    const wasLost = this.#lost !== null;
    this.#lost = null;
    if (this.#screen.size !== null) {
      // The event of an older version only names the change.
      if (!this.#isSent) this.#status = await askStatus(client);
      if (event.type === 'status' || !this.#isSent) this.#draw();
      return;
    }
    if (this.#json) return sayJsonLine(event, this.#screen);
    if (wasLost) this.#line('connected again');
    const verdict = this.#status.verdict?.sentence;
    if (event.type === 'status') return verdict === undefined || verdict === before ? undefined : this.#line(verdict);
    this.#line(eventLine(event));
  }

  /** Keeps what was known on the screen. */
  lost(why: string): void {
    const isNew = this.#lost === null;
    this.#lost ??= { sinceMs: systemClock.wallMs(), why };
    if (this.#screen.size !== null) this.#draw();
    else if (isNew && !this.#json) this.#line(`no connection: ${why}`);
  }

  #line(text: string): void {
    sayLines([`${localTime(systemClock.wallMs())} ${text}`], this.#screen);
  }

  /** Redraws from the top left, and clears what was behind each line and below. */
  #draw(): void {
    const { size, paint } = this.#screen;
    if (size === null) return;
    const seen = { status: this.#status, lost: this.#lost, wallMs: systemClock.wallMs() };
    // Below the last line stands the cursor.
    const lines = screenLines(seen, { ...size, rows: size.rows - 1 }, paint);
    this.#screen.write(`\x1b[H${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
  }
}
