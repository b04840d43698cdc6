/** What is said of a cause, in words that follow the provider's name, and what the operator does about it. Pure. */
import type { SecretSources } from '../../config/variables-in-force.ts';
import type { TimeoutOptions } from '../../shared/config.ts';
import { asConnectReason, type ConnectReason, connectCure } from '../../shared/egress/connect-fault.ts';
import { errorCures } from '../../shared/error-cures.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { FailureKind } from './facts.ts';

/** Why requests fail. */
export interface Cause {
  readonly code: ErrorCode;
  /** Who has to act: the `provider`, or the operator by a `setting`; of the `gateway`'s own failures no provider is to blame. */
  readonly owner: 'provider' | 'setting' | 'gateway';
  /** Such as `refuses the gateway's key (401)`, after the name of the provider; of the gateway's own, with a subject. */
  readonly words: string;
  /** A sentence. */
  readonly cure: string;
}

/** What is known of it. */
interface Known extends Pick<FailureKind, 'provider' | 'upstreamModel' | 'code' | 'end' | 'cause' | 'tookMs'> {
  readonly model: string | null;
  readonly timeouts: Partial<TimeoutOptions>;
  /** Where the provider's key comes from. */
  readonly secrets: SecretSources;
}

/** What to do where the gateway or its host has no room. */
export const CURE_OF_OVERLOAD =
  'Give the host what the log names at `this host lacks`, or more CPUs, or raise server.max_in_flight.';

/** Null for what says nothing of why. */
export function causeInWords(known: Known & { readonly code: ToldCode }): Cause;
export function causeInWords(known: Known): Cause | null;
export function causeInWords(known: Known): Cause | null {
  const { code, end, provider } = known;
  if (isOfGateway(code)) return { code, owner: 'gateway', ...ofGateway[code] };
  const reason = asConnectReason(end);
  if (reason !== null) {
    const cure = capital(connectCure(reason, provider));
    const owner = ofProvider.has(reason) ? 'provider' : 'setting';
    const words = known.cause === 'CERT_NOT_YET_VALID' ? NOT_YET_VALID : unconnected[reason];
    return { code, owner, words: `${words}${inBrackets(known.cause)}`, cure: `${cure}; ${live}.` };
  }
  return isOfProvider(code) ? { code, owner: 'provider', ...causes[code](known) } : null;
}

/** Whether the gateway itself is to blame, whichever provider was asked. */
export function isOfGateway(code: ErrorCode): code is keyof typeof ofGateway {
  return Object.hasOwn(ofGateway, code);
}

function isOfProvider(code: ErrorCode): code is ToldCode {
  return Object.hasOwn(causes, code);
}

const ofGateway = {
  overloaded: { words: 'the gateway or its host has no room for them', cure: CURE_OF_OVERLOAD },
  internal_error: { words: 'the gateway itself fails (internal_error)', cure: errorCures.internal_error },
  time_limit: { words: 'a time limit of the gateway ends them', cure: errorCures.time_limit },
  draining: { words: 'the gateway drains', cure: errorCures.draining },
} as const satisfies Partial<Record<ErrorCode, Omit<Cause, 'code' | 'owner'>>>;

const live = '`headgate check --live` tries it';

function inBrackets(detail: string | null, other = ''): string {
  const text = detail ?? other;
  return text === '' ? '' : ` (${text})`;
}

function capital(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** Why there is no connection. */
const unconnected: Readonly<Record<ConnectReason, string>> = {
  'proxy-unreachable': 'cannot be reached because its proxy does not answer',
  'proxy-auth': 'cannot be reached because its proxy wants other credentials',
  'proxy-refused': 'cannot be reached because its proxy does not allow its address',
  'proxy-failed': 'cannot be reached by its proxy',
  'certificate-name': 'cannot be reached because its certificate is for another name',
  'certificate-untrusted': 'cannot be reached because its certificate comes from an authority that is not trusted here',
  'certificate-expired': 'cannot be reached because its certificate has expired',
  'client-certificate': 'wants a certificate of the gateway, or another one',
  'no-tls': 'does not speak TLS at its base_url',
  tls: 'agrees on no TLS connection',
};

const NOT_YET_VALID = 'cannot be reached because its certificate is not valid yet';

/** Those that no setting of the operator's cures. */
const ofProvider: ReadonlySet<ConnectReason> = new Set(['proxy-failed', 'certificate-expired', 'tls']);

type Made = Omit<Cause, 'code' | 'owner'> & Partial<Pick<Cause, 'owner'>>;

/** By the code of the error that clients get. */
const causes = {
  provider_auth: ({ provider, ...known }) => ({
    owner: 'setting',
    words: `refuses the gateway's key${inBrackets(detailOf(known))}`,
    cure: cureOfKey(provider, known.secrets),
  }),
  provider_credentials: ({ provider }) => ({
    owner: 'setting',
    words: 'has no valid credentials here',
    cure: `Read in \`headgate status\` why the credentials of ${provider} cannot be fetched, and cure that.`,
  }),
  provider_address: ({ provider, ...known }) => ({
    owner: 'setting',
    words: `has no such API at its base_url${inBrackets(detailOf(known))}`,
    cure: `Correct base_url of ${provider} and reload; ${live}.`,
  }),
  model_unavailable: ({ provider, upstreamModel, ...known }) => ({
    owner: 'setting',
    words: `does not serve ${upstreamModel ?? 'the configured model'}${inBrackets(detailOf(known))}`,
    cure: `Correct the target's model and reload; \`headgate models ${provider}\` lists those that it serves.`,
  }),
  rate_limited: ({ provider, ...known }) => ({
    words: `limits the gateway's requests${inBrackets(detailOf(known), '429')}`,
    cure: `Ask ${provider} for a higher limit, or give ${modelOf(known)} another key or target, and reload.`,
  }),
  provider_error: ({ provider, ...known }) => ({
    words: failed(detailOf(known)),
    cure: `Look at the status page of ${provider}; give ${modelOf(known)} a target at another provider and reload, or reset ${provider} once it works again.`,
  }),
  provider_unreachable: ({ provider, end, tookMs, timeouts, ...known }) => ({
    words:
      end === 'timeout-connect'
        ? `takes no connection ${within(tookMs ?? timeouts.connectMs)}`
        : `cannot be reached${inBrackets(detailOf({ end, ...known }))}`,
    cure: `Check that ${provider} runs, and name, network and firewall between this host and its base_url; reset ${provider} once it can be reached.`,
  }),
  provider_stream_cut: ({ provider, end, timeouts }) => ({
    words:
      end === 'timeout-stall' ? `falls silent in its streams${forTime(timeouts.stallMs)}` : 'breaks its streams off',
    cure: `Look whether ${provider}, or a proxy on the way to it, closes long answers.`,
  }),
  provider_timeout: ({ provider, end, tookMs, ...known }) => ({
    words: `${late[end ?? ''] ?? 'does not answer'} ${within(tookMs)}`,
    cure: `Look at the status page of ${provider}; give ${modelOf(known)} a faster target, or raise the timeouts if such answers take so long, and reload.`,
  }),
} satisfies Readonly<Partial<Record<ErrorCode, (known: Known) => Made>>>;

/** Faults of a provider that have words. */
export type ToldCode = keyof typeof causes;

/** A reload reads files again, and no environment. */
function cureOfKey(provider: string, { variables, hasOthers }: SecretSources): string {
  const inFile = `ut a valid key of ${provider} into the configuration and reload`;
  if (variables.length === 0) return `P${inFile}; ${live}.`;
  const other = hasOthers ? `, or p${inFile} where it stands there` : '';
  return `Set ${variables.join(' or ')} to a valid key in the gateway's environment, then stop and start it (a reload or \`headgate restart\` does not read the environment anew; \`headgate restart --all\` does under systemd)${other}.`;
}

/** What did not come in time, by the end of the attempt. */
const late: Readonly<Record<string, string>> = {
  'timeout-first_content': 'sends no content',
  'timeout-total': 'does not finish its answers',
};

function within(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? 'in time' : `within ${seconds(ms)}`;
}

function forTime(ms: number | undefined): string {
  return ms === undefined ? '' : ` for ${seconds(ms)}`;
}

/** `0.3 s`, `30 s`: tenths only where whole ones say little. */
function seconds(ms: number): string {
  return `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000)} s`;
}

function modelOf({ model }: Pick<Known, 'model'>): string {
  return model ?? 'the model';
}

/** A status, the system's code, or else how the attempt ended. */
function detailOf({ end, cause }: Pick<Known, 'end' | 'cause'>): string | null {
  const [, status] = /^(?:error-event-)?(\d{3})$/.exec(end ?? '') ?? [];
  return status ?? cause ?? (end === 'connection' ? null : end);
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
