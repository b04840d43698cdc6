/**
 * Tells what this host lacks from what a provider does. A connection that fails because there is no descriptor, no
 * memory, no free port, no route or no resolver that answers says nothing about the provider. Pure.
 */
import { systemCode } from '../../shared/host/system-code.ts';

const lacks = new Set<string | null>([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EAGAIN',
  'EADDRNOTAVAIL',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
  'EAI_MEMORY',
]);

/** Beside another address, what only says that this host has no way to addresses of that family. */
const noSuchFamily = new Set<string | null>(['ENETUNREACH', 'EAFNOSUPPORT']);

/**
 * The code of what the host lacked, such as `EMFILE`; null where the error is something else.
 *
 * With several addresses all errors that count must be of this kind. A host without IPv6 fails there in ways of its own
 * (EADDRNOTAVAIL too), so beside errors of IPv4 those of IPv6 count only where they are neither.
 */
export function ownLack(error: Error): string | null {
  if (!(error instanceof AggregateError)) {
    const code = systemCode(error);
    return lacks.has(code) ? code : null;
  }
  const errors = error.errors.filter((each): each is Error => each instanceof Error);
  const reached = errors.filter((each) => !noSuchFamily.has(systemCode(each)));
  // No address at all was within reach: a network that is down, not a missing family.
  if (reached.length === 0) return errors.map(systemCode).find((code) => lacks.has(code)) ?? null;
  const withIpv4 = reached.some((each) => !isIpv6(each));
  const telling = reached.filter((each) => !(withIpv4 && isIpv6(each) && systemCode(each) === 'EADDRNOTAVAIL'));
  const codes = telling.map(systemCode);
  return codes.length > 0 && codes.every((code) => lacks.has(code)) ? (codes[0] ?? null) : null;
}

function isIpv6(error: Error): boolean {
  return 'address' in error && typeof error.address === 'string' && error.address.includes(':');
}
