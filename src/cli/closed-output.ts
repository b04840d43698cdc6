/**
 * What commands do when nobody reads them any more, as in `headgate schema | head -1`: they end at once, and say nothing. The
 * fake provider goes on, since its answers are what it is for.
 *
 * A gateway is left out: it writes its log by another way, which outlives its reader, and Node's own streams change how the
 * pipe behaves for its other holders.
 */
import { systemCode } from '../shared/host/system-code.ts';
import { exitCodes } from './failures.ts';

/** Of a reader that has left: of a pipe, and of a socket. */
const left = new Set(['EPIPE', 'ECONNRESET']);

/** To be called before the first output. */
export function expectClosedOutput(given: readonly string[]): void {
  const [command] = given;
  if (command === 'serve' && !given.some((each) => each === '--help' || each === '-h')) return;
  process.stdout.on('error', (error) => {
    if (left.has(systemCode(error) ?? '')) {
      if (command !== 'mock') process.exit(0);
      return;
    }
    process.stderr.write(`headgate: standard output cannot be written: ${error.message}\n`);
    process.exit(exitCodes.failed);
  });
  // Where nobody reads what went wrong, the exit code still says it.
  process.stderr.on('error', () => undefined);
}
