/**
 * Node's pool of threads for files, names and cryptography. Its threads are made at its first use, and where the host
 * or the container allows no further thread at that moment, libuv ends the process. So they are made at the boot, when
 * the failure of one process harms nobody.
 */
import { access } from 'node:fs';

/** Makes all threads of the pool. */
export function startThreadPool(): void {
  // Any use makes all of them; its outcome does not matter.
  access('/', () => undefined);
}
