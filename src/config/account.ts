/** Tells accounts apart, in a form that shows no secret and stays the same from version to version. */
import { createHash } from 'node:crypto';

/**
 * `ProviderConfig.account` and `ProviderKey.account`: 16 hexadecimal digits. `secrets` are those that a provider may have,
 * in the order of the schema. Beyond the first, empty ones at the end are left out: a secret that a later version declares
 * must not change the accounts that have none, or circuits would begin anew with an upgrade.
 *
 * @param egress headers, proxies and TLS; nothing of it counts where there is none
 */
export function accountOf(type: string, baseUrl: string, secrets: readonly string[], egress: object = {}): string {
  const [first = '', ...others] = secrets;
  const given = others.slice(0, others.findLastIndex((secret) => secret !== '') + 1);
  return createHash('sha256')
    .update(JSON.stringify([type, baseUrl, first, ...given, ...(Object.keys(egress).length > 0 ? [egress] : [])]))
    .digest('hex')
    .slice(0, 16);
}
