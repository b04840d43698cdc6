/**
 * The certificates of both ports. The primary alone reads their files: it shows that of the admin port itself, and workers
 * are told that of the data port, so one that is forked while a renewal is half done gets the last sound one.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import type { Log } from '../../shared/log.ts';
import type { ServerCertificate } from '../../shared/tls/server-certificate.ts';
import { type CertificateReport, CertificateWatch, type CertifiedPort } from './certificate-watch.ts';

interface CertificatesOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who is told of a renewal; throws if it cannot be used. */
type Renewed = (certificate: ServerCertificate) => void;

export class Certificates {
  readonly #watches: Partial<Record<CertifiedPort, CertificateWatch>> = {};
  readonly #renewed: Partial<Record<CertifiedPort, Renewed>> = {};

  /** Throws if the files of a port hold none that is sound. */
  constructor({ config, clock, log }: CertificatesOptions) {
    for (const [port, files] of [
      ['gateway', config.server.tls],
      ['admin', config.admin.tls],
    ] as const) {
      if (files === undefined) continue;
      const renewed = (certificate: ServerCertificate) => this.#renewed[port]?.(certificate);
      this.#watches[port] = new CertificateWatch({ port, files, renewed, clock, log });
    }
  }

  /** The one in use; null where the port speaks no TLS. */
  current(port: CertifiedPort): ServerCertificate | null {
    return this.#watches[port]?.current ?? null;
  }

  /** Sets who is told when the port has another one. */
  onRenewal(port: CertifiedPort, renewed: Renewed): void {
    this.#renewed[port] = renewed;
  }

  /** Looks at all files now. */
  look(): void {
    for (const watch of Object.values(this.#watches)) watch.look();
  }

  /** Of the ports with TLS. */
  reports(): CertificateReport[] {
    return Object.values(this.#watches).map((watch) => watch.report());
  }

  stop(): void {
    for (const watch of Object.values(this.#watches)) watch.stop();
  }
}
