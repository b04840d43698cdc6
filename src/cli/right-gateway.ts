/**
 * Whether a command reaches the gateway that its configuration is for. Two gateways of a host may have the same admin port in
 * their files, and only one of them can hold it; a command for the other would change the wrong one.
 *
 * Only a file and a data port that are both others tell another gateway: flags at its start may have changed its port, and a
 * container sees the same file under another path.
 */
import path from 'node:path';
import { type AdminClient, adminClient } from './admin-client.ts';
import type { ConfigFlags } from './config-options.ts';
import { CommandError } from './failures.ts';
import { askStatus } from './status-answer.ts';

/** A client for commands that change something. Rejects with `CommandError` if another gateway answers. */
export async function commandingClient(flags: ConfigFlags): Promise<AdminClient> {
  const client = adminClient(flags);
  // A port that is given means whoever has it.
  if (flags.adminPort === undefined) await refuseAnother(client, client.meant);
  return client;
}

/** Throws `CommandError` if another gateway answers. */
export async function refuseAnother(client: Pick<AdminClient, 'get'>, meant: AdminClient['meant']): Promise<void> {
  const { listeners, config } = await askStatus(client);
  const { source } = config;
  if (listeners === undefined || source === undefined || meant.port === null || meant.port === 0) return;
  if (listeners.gateway.port === meant.port || isSameFile(source, meant.source)) return;
  throw new CommandError(
    [
      `another gateway has the admin port ${listeners.admin.port}: it runs with ${source} and serves at port ${listeners.gateway.port},`,
      `but ${meant.source} is for port ${meant.port}. Nothing has changed. Name its file with --config,`,
      `or give the gateways admin ports of their own; --admin-port ${listeners.admin.port} means whichever has that`,
    ].join(' '),
  );
}

/** Either may be relative to a folder that is not known here. */
function isSameFile(one: string, other: string): boolean {
  const [a, b] = [path.resolve('/', one), path.resolve('/', other)];
  return a.endsWith(b) || b.endsWith(a);
}
