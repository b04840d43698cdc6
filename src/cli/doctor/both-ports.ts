/** Who has the two ports: asks what answers there, and at the admin port which gateway it is. */
import type { Listeners } from '../../config/load.ts';
import type { AdminConfig } from '../../shared/config.ts';
import { AdminClient } from '../admin-client.ts';
import { CommandError } from '../failures.ts';
import { agentFor } from '../own-certificate.ts';
import { askStatus } from '../status-answer.ts';
import { callableUrl } from '../urls.ts';
import type { Finding } from './finding.ts';
import { gatewayFindings } from './gateways.ts';
import { seenPort } from './ports.ts';

type Listener = Pick<AdminConfig, 'host' | 'port' | 'tls'>;

/** Listeners whose data port is known. */
export type KnownListeners = Listeners & { readonly gateway: Listener };

/** A finding for each port. @param source of the configuration, in words */
export async function bothPorts(listeners: KnownListeners, source: string): Promise<Finding[]> {
  const { admin, gateway } = listeners;
  const [atData, atAdmin] = await Promise.all([
    seenPort({ part: 'data port', ...addressOf(gateway), flag: 'server.port', isOurs: () => says(gateway, HELLO) }),
    seenPort({ part: 'admin port', ...addressOf(admin), flag: 'admin.port', isOurs: () => says(admin, LIVE) }),
  ]);
  const adminHolder = atAdmin.holder === 'gateway' ? await holderBy(new AdminClient(listeners, source)) : null;
  return gatewayFindings({ data: atData, admin: atAdmin, port: gateway.port, adminHolder });
}

/** Who answers at the admin port; null where it does not say, as for want of a token. */
async function holderBy(client: AdminClient) {
  try {
    const { listeners, config } = await askStatus(client);
    return listeners === undefined ? null : { source: config.source ?? '?', port: listeners.gateway.port };
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

function addressOf({ host, port }: Listener) {
  return { host, port };
}

/** What a gateway of ours says at its data port, also while it has no primary, and at its admin port. */
const HELLO = { path: '/api/hello', words: '"hello"' } as const;
const LIVE = { path: '/livez', words: '"ok"' } as const;

/** Whether a gateway of ours answers there, or why it could not be asked. */
async function says(
  { host, port, tls }: Listener,
  { path, words }: typeof HELLO | typeof LIVE,
): Promise<boolean | { readonly unasked: string }> {
  const { default: got } = await import('got');
  const agent = agentOrWhyNot(tls);
  if ('unasked' in agent) return agent;
  const asked = { retry: { limit: 0 }, timeout: { request: 1000 }, throwHttpErrors: false, agent } as const;
  const answer = await got(`${callableUrl(host, port, tls)}${path}`, asked).catch(() => null);
  return answer?.statusCode === 200 && answer.body.includes(words);
}

/** The files were sound when the configuration was loaded, but a renewal may be half done. */
function agentOrWhyNot(tls: Listener['tls']): ReturnType<typeof agentFor> | { readonly unasked: string } {
  try {
    return agentFor(tls);
  } catch (error) {
    if (error instanceof CommandError) return { unasked: error.message };
    throw error;
  }
}
