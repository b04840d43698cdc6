/**
 * Warns of a key that is there twice for one address: what one of them learns (a limit, a refusal) the other has to learn
 * again, and neither adds to what the account may do. Pure; shows no key.
 */
import type { Config, ProviderConfig } from '../../shared/config.ts';
import { baseAddress } from '../../shared/egress/base-address.ts';
import type { PlacedSecret } from '../schema/secret-paths.ts';
import { formatPath } from '../source/faults.ts';
import type { Concern } from './warning.ts';

/** Providers that differ in what they speak or in the headers that they get are no doubles. */
export function doubledKeys({ providers }: Config, secrets: readonly PlacedSecret[]): Concern[] {
  const firsts = new Map<string, PlacedSecret>();
  return secrets.flatMap((secret) => {
    const [block, name = ''] = secret.path;
    const provider = block === 'providers' ? providers[name] : undefined;
    if (provider === undefined) return [];
    const place = JSON.stringify([secret.value, ...whatTellsApart(provider)]);
    const first = firsts.get(place);
    if (first === undefined) firsts.set(place, secret);
    if (first === undefined) return [];
    const message = `${formatPath(secret.path)} is the same key as ${formatPath(first.path)}, for the same address: it adds nothing, and limits of one are not seen by the other`;
    return [{ path: secret.path, message }];
  });
}

function whatTellsApart({ type, baseUrl, dialects, headers, settings }: ProviderConfig): readonly unknown[] {
  const { origin, socketPath } = baseAddress(baseUrl);
  const apart = Object.entries(settings).sort(([one], [other]) => (one < other ? -1 : 1));
  return [type, origin, socketPath, dialects, headers ?? {}, apart];
}
