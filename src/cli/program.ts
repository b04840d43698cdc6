/**
 * All commands in one place, and the end of each: whatever a command throws becomes one clear message and an exit code
 * here, so that nobody else prints errors or ends the process.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { registerCheck } from './check.ts';
import { registerCircuit } from './circuit.ts';
import { registerExplain } from './explain.ts';
import { exitCodeOf, explainFailure } from './failures.ts';
import { registerMock } from './mock.ts';
import { registerReload } from './reload.ts';
import { registerRestart } from './restart.ts';
import { registerSchema } from './schema.ts';
import { registerServe } from './serve.ts';
import { registerStatus } from './status.ts';
import { registerTop } from './top.ts';

/** All commands; nothing is run yet. */
export function createProgram(): Command {
  const version = readVersion();
  const program = new Command('headgate')
    .description('An LLM gateway for one host with many cores')
    .version(version)
    .showHelpAfterError('(--help shows what there is)')
    // Commander throws instead of ending the process; commands made after this inherit it.
    .exitOverride();
  registerServe(program, version);
  registerMock(program);
  registerCheck(program);
  registerExplain(program);
  registerStatus(program);
  registerTop(program);
  registerReload(program);
  registerRestart(program);
  registerCircuit(program);
  registerSchema(program);
  return program;
}

/** Runs the command that these arguments (without node and script) ask for; resolves with its exit code. */
export async function run(given: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(given, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its own errors, and throws for --help and --version too.
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`${explainFailure(error)}\n`);
    return exitCodeOf(error);
  }
}

/** The package's version; `package.json` is two folders up in `src` and in `dist`. */
function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
