/**
 * Why a provider fails, in words that follow its name, and what the operator does about it. Pure.
 *
 * The last failure of a model says it best: with a status, or the system's code. Where every request was answered by another
 * target there is none, and what most attempts of the last minutes ended with says it. An open circuit is no cause: what
 * opened it is.
 */

import type { ErrorCode } from '../../shared/errors.ts';
import type { AttemptOutcome } from '../../shared/events.ts';
import { endOf } from './alert-totals.ts';
import type { LastFailure, VerdictFacts } from './facts.ts';

/** Of a provider. */
interface Cause {
  /** Such as `refuses the gateway's key (401)`. */
  readonly words: string;
  /** A sentence. */
  readonly cure: string;
}

/** What is older is no cause of what fails now. */
const LATELY_MS = 600_000;

/** Ranges in which attempts are counted, in s: the shortest with any. */
const RANGES = [60, 600] as const;

/** Of which failures: of a model as clients name it, of one as the provider names it, or of any. */
type Of = Partial<Pick<LastFailure, 'model' | 'upstreamModel'>>;

/** Null where nothing failed lately. */
export function causeOf(facts: VerdictFacts, provider: string, { model, upstreamModel }: Of = {}): Cause | null {
  const failures = facts.failures.filter(
    (each) =>
      each.provider === provider &&
      each.atMs > facts.wallMs - LATELY_MS &&
      (model === undefined || each.model === model) &&
      (upstreamModel === undefined || each.upstreamModel === upstreamModel),
  );
  const [newest] = failures.sort((one, other) => other.atMs - one.atMs);
  if (newest !== undefined) return told(newest);
  const end = usualEnd(facts, provider);
  if (end === null) return null;
  const [code, detail] = end;
  return told({ model: model ?? 'the model', provider, code, upstreamModel: upstreamModel ?? null, detail });
}

/** What an attempt that ended so stands for, with its detail. Those of clients, and of nobody, are no failures. */
const codes: Readonly<Partial<Record<AttemptOutcome, readonly [code: ErrorCode, detail: string | null]>>> = {
  rate_limited: ['rate_limited', null],
  server_error: ['provider_error', '5xx'],
  auth_error: ['provider_auth', null],
  no_credentials: ['provider_credentials', null],
  connect_error: ['provider_unreachable', null],
  timeout_connect: ['provider_timeout', null],
  timeout_headers: ['provider_timeout', null],
  timeout_first_content: ['provider_timeout', null],
  timeout_stall: ['provider_timeout', null],
  stream_cut: ['provider_stream_cut', null],
  bad_response: ['provider_error', 'unreadable'],
  empty_response: ['provider_error', 'empty'],
  model_unavailable: ['model_unavailable', null],
};

function usualEnd({ counts }: VerdictFacts, provider: string): readonly [ErrorCode, string | null] | null {
  for (const seconds of RANGES) {
    let most = 0;
    let usual: readonly [ErrorCode, string | null] | null = null;
    for (const [outcome, end] of Object.entries(codes)) {
      const ended = counts.increase('ended', endOf(provider, outcome), seconds);
      if (ended > most) [most, usual] = [ended, end];
    }
    if (usual !== null) return usual;
  }
  return null;
}

type Told = Omit<LastFailure, 'atMs'>;

const inBrackets = (detail: string | null, other = '') => {
  const text = detail ?? other;
  return text === '' ? '' : ` (${text})`;
};
const live = '`headgate check --live` tries it';

/** By the code of the error that clients get. */
const causes: Readonly<Partial<Record<ErrorCode, (failure: Told) => Cause>>> = {
  provider_auth: ({ provider, detail }) => ({
    words: `refuses the gateway's key${inBrackets(detail)}`,
    cure: `Put a valid key of ${provider} into the configuration and reload; ${live}.`,
  }),
  provider_credentials: ({ provider }) => ({
    words: 'has no valid credentials here',
    cure: `Read in \`headgate status\` why the credentials of ${provider} cannot be fetched, and cure that.`,
  }),
  provider_address: ({ provider, detail }) => ({
    words: `has no such API at its base_url${inBrackets(detail)}`,
    cure: `Correct base_url of ${provider} and reload; ${live}.`,
  }),
  provider_untrusted: ({ provider, detail }) => ({
    words: `shows a certificate that is not trusted${inBrackets(detail)}`,
    cure: `Correct base_url of ${provider}, or name its certificate authority in tls.ca, and reload.`,
  }),
  proxy_failed: ({ provider, detail }) => ({
    words: `cannot be reached through its proxy${inBrackets(detail)}`,
    cure: `Check that the proxy of ${provider} runs and accepts the gateway.`,
  }),
  model_unavailable: ({ provider, upstreamModel, detail }) => ({
    words: `does not serve ${upstreamModel ?? 'the configured model'}${inBrackets(detail)}`,
    cure: `Correct the target's model and reload; \`headgate models ${provider}\` lists those that it serves.`,
  }),
  rate_limited: ({ model, provider, detail }) => ({
    words: `limits the gateway's requests${inBrackets(detail, '429')}`,
    cure: `Ask ${provider} for a higher limit, or give ${model} another key or target, and reload.`,
  }),
  provider_error: ({ model, provider, detail }) => ({
    words: failed(detail),
    cure: `Look at the status page of ${provider}; give ${model} a target at another provider and reload, or reset ${provider} once it works again.`,
  }),
  provider_unreachable: ({ provider, detail }) => ({
    words: `cannot be reached${inBrackets(detail)}`,
    cure: `Check that ${provider} runs, and name, network and firewall between this host and its base_url; reset ${provider} once it can be reached.`,
  }),
  provider_stream_cut: ({ provider }) => ({
    words: 'breaks its streams off',
    cure: `Look whether ${provider}, or a proxy on the way to it, closes long answers.`,
  }),
  provider_timeout: ({ model, provider }) => ({
    words: 'does not answer in time',
    cure: `Look at the status page of ${provider}; give ${model} a faster target, or raise the timeouts if such answers take so long, and reload.`,
  }),
};

function told(failure: Told): Cause | null {
  return causes[failure.code]?.(failure) ?? null;
}

function failed(detail: string | null): string {
  if (detail === null) return 'fails';
  return /^\d(?:\d\d|xx)$/.test(detail) ? `answers ${detail}` : (ends[detail] ?? `fails (${detail})`);
}

/** The words of a trail for answers that are none. */
const ends: Readonly<Record<string, string>> = {
  empty: 'gives empty answers',
  unreadable: 'gives answers that cannot be read',
  'wrong-form': 'gives answers in a wrong form',
  oversized: 'gives answers that are too large',
};
