/** Sessions by the key that they keep to. */
import { ownKey } from '../../src/worker/request/targets/keys.ts';

/** A session that keeps to the first of these keys of the provider `openai`, all of one weight. */
export function sessionOfKey(...names: readonly string[]): string {
  const keys = names.map((name) => ({ name, key: '', weight: 1, account: '' }));
  for (let number = 0; ; number += 1) {
    const session = `session-${number}`;
    if (ownKey(session, { name: 'openai', keys })?.name === names[0]) return session;
  }
}
