/**
 * Whether this host may get traffic, for load balancers and Kubernetes. It says no only where requests would not be served;
 * what somebody must look at besides stands beside a yes. Pure.
 */
import type { Config } from '../../shared/config.ts';
import { EXPIRES_SOON_MS } from '../../shared/tls/server-certificate.ts';
import type { CertificateReport } from '../certificates/certificate-watch.ts';
import type { CredentialsReport } from '../credentials/credential-authority.ts';

/**
 * The answer of `/readyz`. Ready: the start is complete, a worker is ready, no slot is in a crash loop, and a target has
 * credentials.
 */
export interface Readiness {
  readonly ready: boolean;
  readonly reason: string | null;
  /** What is wrong though requests can be served, a line each; absent if nothing is. */
  readonly problems?: readonly string[];
}

/** Decides readiness. Pure. */
export function judgeReadiness(state: {
  readonly started: boolean;
  readonly stopping: boolean;
  readonly slots: readonly { readonly index: number; readonly ready: boolean; readonly crashLooping: boolean }[];
  readonly credentials: readonly Pick<CredentialsReport, 'provider' | 'usable'>[];
  readonly certificates: readonly CertificateReport[];
  readonly wallMs: number;
  readonly models: Config['models'];
}): Readiness {
  const no = (reason: string): Readiness => ({ ready: false, reason });
  if (state.stopping) return no('stopping');
  if (!state.started) return no('starting');
  if (!state.slots.some((slot) => slot.ready)) return no('no worker is ready');
  const looping = state.slots.filter((slot) => slot.crashLooping).map((slot) => slot.index);
  if (looping.length > 0) return no(`workers keep dying in slot ${looping.join(', ')}`);
  const lacking = state.credentials.filter(({ usable }) => !usable).map(({ provider }) => provider);
  const problems = [
    ...lacking.map((provider) => `there are no valid credentials of provider ${provider}: see the status`),
    ...state.certificates.flatMap((report) => certificateProblems(report, state.wallMs)),
  ];
  if (problems.length === 0) return { ready: true, reason: null };
  const targets = Object.values(state.models).flatMap((model) => model.targets);
  if (lacking.length > 0 && targets.every(({ provider }) => lacking.includes(provider)))
    return { ...no('no target has credentials'), problems };
  return { ready: true, reason: null, problems };
}

/** What somebody must look at: clients turn away from a certificate that has expired, while all else looks well. */
function certificateProblems({ port, expiresAtMs, problem }: CertificateReport, wallMs: number): string[] {
  const until = new Date(expiresAtMs).toISOString();
  const leftMs = expiresAtMs - wallMs;
  return [
    ...(problem === null ? [] : [`the certificate of the ${port} port was not renewed: its file ${problem}`]),
    ...(leftMs <= 0 ? [`the certificate of the ${port} port has expired at ${until}: put a new one in its place`] : []),
    ...(leftMs > 0 && leftMs < EXPIRES_SOON_MS ? [`the certificate of the ${port} port expires at ${until}`] : []),
  ];
}
