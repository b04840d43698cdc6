/**
 * Whether each provider is reached from here, by the way that the gateway would take: name, proxy, TLS. Nothing is asked of
 * an API and no key is sent: `check --live` does that. What they answer also tells how far this host's clock is off.
 */
import got, { RequestError } from 'got';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Config, ProviderConfig } from '../../shared/config.ts';
import { providerAgents } from '../../shared/egress/agents.ts';
import { addressInWords, baseAddress } from '../../shared/egress/base-address.ts';
import { failureByError } from '../live-failure.ts';
import { type Finding, fine } from './finding.ts';

const TIMEOUT_MS = 5000;

/** Signatures of AWS hold for 5 minutes, and tokens of Google begin at their own second. */
const MOST_SKEW_MS = 30_000;

interface Reached {
  readonly finding: Finding;
  /** The clock of what answered, less ours, in ms; null where it tells none. */
  readonly skewMs: number | null;
}

/** A finding for each provider, and one for `clock`, this host's, where one of them told the time. */
export async function reachFindings({ providers }: Config, clock: Clock = systemClock): Promise<Finding[]> {
  const reached = await Promise.all(Object.values(providers).map((provider) => reach(provider, clock)));
  const skews = reached.flatMap(({ skewMs }) => skewMs ?? []).sort((one, other) => one - other);
  const middle = skews[Math.floor(skews.length / 2)];
  return [...reached.map(({ finding }) => finding), ...(middle === undefined ? [] : [clockFinding(middle)])];
}

async function reach(provider: ProviderConfig, clock: Clock): Promise<Reached> {
  const part = `provider ${provider.name}`;
  const { origin, socketPath } = baseAddress(provider.baseUrl);
  const address = addressInWords(provider.baseUrl);
  const startedMs = clock.nowMs();
  try {
    const answer = await got(origin, {
      method: 'HEAD',
      agent: providerAgents(provider, new URL(origin)),
      retry: { limit: 0 },
      timeout: { request: TIMEOUT_MS },
      followRedirect: false,
      throwHttpErrors: false,
    });
    const elapsedMs = Math.round(clock.nowMs() - startedMs);
    const theirs = Date.parse(answer.headers.date ?? '');
    // A second is the grain of that header.
    const skewMs = socketPath !== null || Number.isNaN(theirs) ? null : theirs + 500 - clock.wallMs();
    return { finding: fine(part, `${address} answers (${elapsedMs} ms)`), skewMs };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { message, cure } = failureByError(error, provider);
    return { finding: { level: 'fail', part, what: message, cure }, skewMs: null };
  }
}

function clockFinding(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return fine('clock', `within ${Math.max(1, seconds)} s of what providers say`);
  const what = `${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} what providers say`;
  const cure = 'set it by NTP (timedatectl set-ntp true): signatures and tokens of clouds are refused otherwise';
  return { level: 'warn', part: 'clock', what, cure };
}
