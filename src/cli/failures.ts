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
  /** What is wrong, one by one, where the message lists it. */
  readonly problems: readonly string[];

  constructor(message: string, exitCode: number = exitCodes.failed, problems: readonly string[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.problems = problems;
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

/** An error as a command with `--json` tells it. Stable: fields are only added. */
interface FailureJson {
  readonly message: string;
  readonly exitCode: number;
  /** What is wrong, one by one; empty where the message says all. */
  readonly problems: readonly string[];
}

/** The same for a program, without a stack trace. */
export function failureJson(error: unknown, exitCode: number): FailureJson {
  if (error instanceof ConfigError) {
    const problems = error.explained.map(({ fault }) => fault);
    return { message: `${counted(error.faults.length, 'fault')} in the configuration`, exitCode, problems };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message, exitCode, problems: error instanceof CommandError ? error.problems : [] };
}
