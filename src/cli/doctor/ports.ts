/** Whether the two ports are free, or a gateway of ours has them. Listens on each for a moment. */
import { addressText } from '../../shared/host/loopback.ts';
import { listenFault } from '../listen-fault.ts';
import { type Finding, fine } from './finding.ts';

interface Listener {
  readonly part: string;
  readonly host: string;
  readonly port: number;
  readonly flag: string;
  /** Whether a gateway of ours answers there, or why it could not be asked. */
  readonly isOurs: () => Promise<boolean | { readonly unasked: string }>;
}

/** A finding for each port. */
export async function portFindings(listeners: readonly Listener[]): Promise<Finding[]> {
  return Promise.all(listeners.map(portFinding));
}

async function portFinding({ part, host, port, flag, isOurs }: Listener): Promise<Finding> {
  const code = await listenFault(host, port);
  const where = addressText(host, port);
  if (code === null) return fine(part, `${where} is free`);
  if (code === 'EADDRINUSE') {
    const answer = await isOurs();
    if (answer === true) return fine(part, `${where} is in use by a gateway that runs`);
    if (answer !== false) {
      const cure = 'put the certificate and the key of this port there';
      return { level: 'fail', part, what: `${where} is in use, and cannot be asked by what: ${answer.unasked}`, cure };
    }
    const cure = `stop what listens there (ss -ltnp 'sport = :${port}'), or take another port by ${flag}`;
    return { level: 'fail', part, what: `${where} is in use by another program`, cure };
  }
  const cures: Readonly<Record<string, string>> = {
    EACCES: 'take a port from 1024 on, or give the program CAP_NET_BIND_SERVICE',
    EADDRNOTAVAIL: 'no interface of this host has that address: correct host',
    ENOTFOUND: 'the name has no address: correct host',
  };
  return {
    level: 'fail',
    part,
    what: `${where} cannot be listened on (${code})`,
    cure: cures[code] ?? 'correct host and port',
  };
}
