/**
 * `headgate restart`: a running gateway replaces its workers one by one and drops no request. With `--all` the primary
 * is replaced too, for a new version: the primary ends, its supervisor starts the next one, and that one replaces the
 * workers. A primary whose configuration has become invalid refuses that, since the next one could not start with it.
 */

import type { Command } from 'commander';
import { pause } from '../shared/clock.ts';
import type { AdminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { CommandError } from './failures.ts';
import { commandingClient } from './right-gateway.ts';
import { sayJson, sayLines } from './say.ts';
import { askStatus } from './status-answer.ts';

const ORDER_TIMEOUT_MS = 10_000;
const POLL_MS = 200;
/** Half of the time that workers serve without a primary. */
const SUCCESSOR_WITHIN_MS = 30_000;

/** Adds the command. */
export function registerRestart(program: Command): void {
  withAdmin(program.command('restart'))
    .description("replace a running gateway's workers one by one")
    .option(
      '--all',
      'replace the primary too, for a new version: it ends, and its supervisor (pm2, systemd) starts the next one',
    )
    .option('--json', 'print JSON, at the end')
    .action(async (flags: ConfigFlags & { readonly all?: boolean; readonly json?: boolean }) => {
      const client = await commandingClient(flags);
      const say = flags.json === true ? () => undefined : (line: string) => sayLines([line]);
      const done = await (flags.all === true ? replacePrimary(client, say) : replaceWorkers(client, say));
      if (flags.json === true) sayJson(done);
    });
}

/** Tells people what happens. */
type Say = (line: string) => void;

async function replaceWorkers(client: AdminClient, say: Say) {
  await client.post('/api/restart');
  say('all workers have been replaced');
  return { replaced: 'workers' };
}

async function replacePrimary(client: AdminClient, say: Say) {
  const { primary } = await askStatus(client);
  await client.post('/api/restart?all', ORDER_TIMEOUT_MS);
  const meanwhile = "its workers keep serving until the next primary's workers are ready";
  say(`the primary (pid ${primary.pid}) ends, and ${meanwhile}`);
  const pid = await awaitSuccessor(client, primary, pause);
  say(`the next primary (pid ${pid}) serves`);
  return { replaced: 'all', formerPid: primary.pid, pid };
}

/**
 * Resolves with the pid of the next primary when all of its workers serve. Throws `CommandError` if that takes more
 * than half a minute.
 */
export async function awaitSuccessor(
  client: Pick<AdminClient, 'get'>,
  before: { readonly pid: number; readonly uptimeSeconds: number },
  wait: (ms: number) => Promise<void>,
): Promise<number> {
  for (let waitedMs = 0; waitedMs < SUCCESSOR_WITHIN_MS; waitedMs += POLL_MS) {
    await wait(POLL_MS);
    try {
      const { primary } = await askStatus(client);
      // In a container each primary may have the same pid.
      const isNew = primary.pid !== before.pid || primary.uptimeSeconds < before.uptimeSeconds;
      // `/readyz` is refused, so `get` throws, until all workers are ready.
      if (isNew && (await client.get('/readyz'))) return primary.pid;
    } catch (error) {
      // No primary answers, or it is not ready yet.
      if (!(error instanceof CommandError)) throw error;
    }
  }
  throw new CommandError(
    [
      `no new primary is ready after ${SUCCESSOR_WITHIN_MS / 1000} s: is there a supervisor (pm2, systemd) that starts it?`,
      '`headgate check` and the log say why it does not start. The old workers serve for half a minute more: start it within that time',
    ].join(' '),
  );
}
