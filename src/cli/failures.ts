/**
 * Messages and exit codes of failed commands: 78 for a bad configuration, 69 for a port, address or state folder that
 * is taken, 1 for anything else. A stack trace is printed only for bugs of headgate, never for mistakes of users.
 */
import { ConfigError } from '../config/source/faults.ts';
import {
  AddressError,
  ClusterModeError,
  LockTakenError,
  PortTakenError,
  StateFolderTakenError,
} from '../primary/host/start-errors.ts';
import { systemCode } from '../shared/host/system-code.ts';
import { counted } from './counted.ts';

export const exitCodes = { badConfig: 78, taken: 69, failed: 1 } as const;

const configErrors = [ConfigError, ClusterModeError, AddressError];
const takenErrors = [PortTakenError, LockTakenError, StateFolderTakenError];

/** A failure with a message that explains it in full. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The exit code for an error that a command threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (configErrors.some((kind) => error instanceof kind)) return exitCodes.badConfig;
  if (takenErrors.some((kind) => error instanceof kind)) return exitCodes.taken;
  return systemCode(error) === 'EADDRINUSE' ? exitCodes.taken : exitCodes.failed;
}

/** The text to print for an error that a command threw. */
export function explainFailure(error: unknown): string {
  if (error instanceof ConfigError) {
    return `${error.explanation}\nheadgate: ${counted(error.faults.length, 'fault')} in the configuration`;
  }
  const known = [CommandError, ...configErrors, ...takenErrors].some((kind) => error instanceof kind);
  if (error instanceof Error && (known || systemCode(error) !== null)) return `headgate: ${error.message}`;
  return `headgate: a bug, please report it: ${error instanceof Error ? error.stack : String(error)}`;
}
