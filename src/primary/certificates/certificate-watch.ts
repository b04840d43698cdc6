/**
 * The certificate of one port: read at the start, and again when one of its files has changed. Renewals replace files, or
 * the links that lead to them, one after the other; what does not fit together is not used, and the last sound one stays.
 */
import { statSync } from 'node:fs';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { readServerCertificate, type ServerCertificate, type TlsFiles } from '../../shared/tls/server-certificate.ts';

/** The ports; the label values of `llm_tls_certificate_expiry_seconds`. */
export type CertifiedPort = 'gateway' | 'admin';

/** What is known of a port's certificate. */
export interface CertificateReport {
  readonly port: CertifiedPort;
  /** Of the one in use, in unix time. */
  readonly expiresAtMs: number;
  /** Why what the files hold now is not used; null if it is. */
  readonly problem: string | null;
}

interface WatchOptions {
  readonly port: CertifiedPort;
  readonly files: TlsFiles;
  /** Another one is in use from now on. Throws if it cannot be used, which changes nothing. */
  readonly renewed: (certificate: ServerCertificate) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Two or three `stat` calls each time. */
const LOOK_EVERY_MS = 5_000;

export class CertificateWatch {
  readonly #options: WatchOptions;
  readonly #timer: Timer;
  #current: ServerCertificate;
  #seen: string;
  #problem: string | null = null;

  /** Throws if the files hold none that is sound. */
  constructor(options: WatchOptions) {
    const { files, clock } = options;
    this.#options = options;
    // Before they are read: a change in between is seen at the next look.
    this.#seen = stateOf(files);
    const read = readServerCertificate(files);
    if (read.kind === 'unfit') throw new Error(`the certificate of the ${options.port} port ${read.message}`);
    this.#current = read.certificate;
    this.#timer = clock.every(LOOK_EVERY_MS, () => this.look());
  }

  /** The one in use. */
  get current(): ServerCertificate {
    return this.#current;
  }

  report(): CertificateReport {
    return { port: this.#options.port, expiresAtMs: this.#current.expiresAtMs, problem: this.#problem };
  }

  /** Takes up what has changed in the files since the last look. What was not sound then is read again. */
  look(): void {
    const { port, files, renewed, log } = this.#options;
    const state = stateOf(files);
    if (state === this.#seen && this.#problem === null) return;
    this.#seen = state;
    const read = readServerCertificate(files);
    if (read.kind === 'unfit') {
      this.#refuse(read.message);
      return;
    }
    const { certificate } = read;
    const isNew = certificate.cert !== this.#current.cert || certificate.clientCa !== this.#current.clientCa;
    if (isNew || certificate.key !== this.#current.key) {
      try {
        renewed(certificate);
      } catch (error) {
        this.#refuse(error instanceof Error ? error.message : String(error));
        return;
      }
      log.info({ port, expiresAt: new Date(certificate.expiresAtMs).toISOString() }, 'a new certificate is in use');
    }
    this.#current = certificate;
    this.#problem = null;
  }

  stop(): void {
    this.#timer.cancel();
  }

  /** Said once for each reason. */
  #refuse(problem: string): void {
    const { port, log } = this.#options;
    if (problem !== this.#problem) {
      log.error({ port, problem }, `the certificate of the ${port} port was not renewed: the last one stays in use`);
    }
    this.#problem = problem;
  }
}

/** Changes with each of the files, also where a link leads to another one. */
function stateOf({ cert, key, clientCa }: TlsFiles): string {
  return [cert, key, clientCa].map((path) => (path === null ? '' : stateOfFile(path))).join(' ');
}

function stateOfFile(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino}:${mtimeMs}:${size}`;
  } catch {
    // Reading it says why.
    return 'none';
  }
}
