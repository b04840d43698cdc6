/**
 * Preloaded into a gateway's processes (`node --import`). Each worker writes to the file `openings` in its working
 * folder when it receives a failing answer from a provider, and when it receives a view with an open circuit. It only
 * observes.
 *
 *   failed|knows PID MICROSECONDS     on a clock that all processes of the host share
 */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { WORKER_MARK } from '../../src/shared/host/worker-mark.ts';

function note(what: 'failed' | 'knows'): void {
  appendFileSync('openings', `${what} ${process.pid} ${process.hrtime.bigint() / 1000n}\n`);
}

if (process.env[WORKER_MARK] !== undefined) {
  subscribe('undici:request:headers', (message) => {
    const { response } = message as { response: { statusCode: number } };
    if (response.statusCode >= 500) note('failed');
  });
  process.on('message', (message: { type?: string; view?: { circuits: { state: string }[] } }) => {
    if (message.type === 'circuits' && message.view?.circuits.some(({ state }) => state === 'open')) note('knows');
  });
}
