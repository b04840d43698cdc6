/**
 * `headgate restart`: a running gateway replaces its workers one by one, and drops no request. With `--all` its primary
 * goes too, which is how a new version gets in: it ends and leaves its workers to the primary that its supervisor starts.
 */
import type { Command } from 'commander';
import { pause } from '../shared/clock.ts';
import { type AdminClient, adminClient } from './admin-client.ts';
import { type ConfigFlags, withAdmin } from './config-options.ts';
import { CommandError } from './failures.ts';
import { askStatus } from './status-answer.ts';

const ORDER_TIMEOUT_MS = 10_000;
const LOOK_EACH_MS = 200;
/** Half of what workers without a primary go on for. */
const SUCCESSOR_WITHIN_MS = 30_000;

/** Adds the command. */
export function registerRestart(program: Command): void {
  withAdmin(program.command('restart'))
    .description("replace a running gateway's workers one by one")
    .option('--all', 'the primary too, for a new version: it ends, and its supervisor (pm2, systemd) starts the next')
    .action(async (flags: ConfigFlags & { readonly all?: boolean }) => {
      const client = adminClient(flags);
      await (flags.all === true ? replacePrimary(client) : replaceWorkers(client));
    });
}

async function replaceWorkers(client: AdminClient): Promise<void> {
  await client.post('/api/restart');
  process.stdout.write('all workers are replaced\n');
}

async function replacePrimary(client: AdminClient): Promise<void> {
  const { primary } = await askStatus(client);
  await client.post('/api/restart?all', ORDER_TIMEOUT_MS);
  process.stdout.write(`the primary (pid ${primary.pid}) ends, its workers serve on until the next one's are ready\n`);
  const pid = await awaitSuccessor(client, primary, pause);
  process.stdout.write(`the next primary (pid ${pid}) serves\n`);
}

/**
 * Resolves with the pid of the next primary once all of its workers serve. Throws `CommandError` if none does within
 * half a minute.
 */
export async function awaitSuccessor(
  client: Pick<AdminClient, 'get'>,
  before: { readonly pid: number; readonly uptimeSeconds: number },
  wait: (ms: number) => Promise<void>,
): Promise<number> {
  for (let waitedMs = 0; waitedMs < SUCCESSOR_WITHIN_MS; waitedMs += LOOK_EACH_MS) {
    await wait(LOOK_EACH_MS);
    try {
      const { primary } = await askStatus(client);
      // In a container of its own each primary may have the same number.
      const isNew = primary.pid !== before.pid || primary.uptimeSeconds < before.uptimeSeconds;
      // Refused until all workers are ready.
      if (isNew && (await client.get('/readyz'))) return primary.pid;
    } catch (error) {
      // Nobody answers, or not yet as somebody who serves.
      if (!(error instanceof CommandError)) throw error;
    }
  }
  throw new CommandError(
    `no other primary serves after ${SUCCESSOR_WITHIN_MS / 1000} s: is there a supervisor (pm2, systemd) that starts it? The workers serve for half a minute more`,
  );
}
