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

/** A port at this moment. */
export interface SeenPort {
  readonly finding: Finding;
  readonly holder: 'nobody' | 'gateway' | 'another';
}

/** Each by itself: whether the gateways that answer are one is for `gateways.ts`. */
export async function seenPort(listener: Listener): Promise<SeenPort> {
  const { part, host, port, isOurs } = listener;
  const code = await listenFault(host, port);
  const where = addressText(host, port);
  if (code === null) return { finding: fine(part, `${where} is free`), holder: 'nobody' };
  const answer = code === 'EADDRINUSE' ? await isOurs() : false;
  if (answer !== true) return { finding: unusable(listener, code, answer), holder: 'another' };
  return { finding: fine(part, `${where} is in use by a gateway that runs`), holder: 'gateway' };
}

function unusable(
  { part, host, port, flag }: Listener,
  code: string,
  answer: false | { readonly unasked: string },
): Finding {
  const where = addressText(host, port);
  if (code === 'EADDRINUSE') {
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
