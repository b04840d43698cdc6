/**
 * What commands do when nobody reads them any more, as in `headgate schema | head -1`: they end at once and say nothing, with
 * the code that shells show for a program that a closed pipe has ended. It is not 0, since what was not printed was not done.
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
  if (given[0] === 'serve' && !given.some((each) => each === '--help' || each === '-h')) return;
  process.stdout.on('error', (error) => {
    if (left.has(systemCode(error) ?? '')) process.exit(exitCodes.unread);
    process.stderr.write(`headgate: standard output cannot be written: ${error.message}\n`);
    process.exit(exitCodes.failed);
  });
  // Where nobody reads what went wrong, the exit code still says it.
  process.stderr.on('error', () => undefined);
}
