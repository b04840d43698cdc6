/**
 * What the two ports say together: a gateway has both, or none. Workers outlive their primary for a minute, and another
 * gateway may hold an admin port that is in two files. Pure.
 */
import { type Finding, fine } from './finding.ts';
import type { SeenPort } from './ports.ts';

/** The gateway that answers at the admin port. */
interface AdminHolder {
  /** Where its configuration comes from, in words. */
  readonly source: string;
  /** Of its data port. */
  readonly port: number;
}

interface BothPorts {
  readonly data: SeenPort;
  readonly admin: SeenPort;
  /** The data port of the configuration; 0 where the system chooses it. */
  readonly port: number;
  /** Null where none answers, or it does not say who it is. */
  readonly adminHolder: AdminHolder | null;
}

/** A finding for each port. */
export function gatewayFindings({ data, admin, port, adminHolder }: BothPorts): Finding[] {
  const fail = (what: string, cure: string): Finding[] => [
    data.finding,
    { level: 'fail', part: admin.finding.part, what: `${admin.finding.what}${what}`, cure },
  ];
  if (data.holder === 'gateway' && admin.holder === 'nobody') {
    const cure =
      'start it again within a minute, before they end; if it has another admin port, set admin.port to that';
    return fail(', but workers serve at the data port: their primary is gone', cure);
  }
  if (admin.holder === 'gateway' && port !== 0 && adminHolder?.port !== port) {
    const cure = 'give one of the two another admin.port, or stop that one';
    if (adminHolder !== null) {
      const who = `it runs with ${adminHolder.source}, and serves at port ${adminHolder.port}`;
      return fail(` for another data port (${who}), so \`serve\` would end`, cure);
    }
    // One that does not say who it is may be that of the data port.
    if (data.holder !== 'gateway') return fail(' for another data port, so `serve` would end', cure);
  }
  return [data.finding, admin.finding];
}

/** A provider of the demo, which is there once it is started. */
export function demoFinding(name: string, baseUrl: string): Finding {
  return fine(`provider ${name}`, `comes with the demo, at ${baseUrl}`);
}
