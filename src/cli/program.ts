/**
 * All commands, and how they end. Only this file turns a thrown error into a message, its JSON and an exit code; no other
 * code prints errors or ends the process, but for `closed-output.ts`, where nobody reads any more.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { registerCheck } from './check.ts';
import { registerCircuit } from './circuit.ts';
import { registerCompletion } from './completion.ts';
import { registerDoctor } from './doctor.ts';
import { registerErrors } from './errors.ts';
import { registerExplain } from './explain.ts';
import { exitCodeOf, explainFailure, failureJson } from './failures.ts';
import { registerFaultwall } from './faultwall.ts';
import { registerImport } from './import.ts';
import { registerInit } from './init.ts';
import { registerMock } from './mock.ts';
import { registerModels } from './models.ts';
import { registerPrice } from './price.ts';
import { registerReload } from './reload.ts';
import { registerRestart } from './restart.ts';
import { complain, hasSaidJson, sayJson } from './say.ts';
import { registerSchema } from './schema.ts';
import { registerServe } from './serve.ts';
import { registerSpend } from './spend.ts';
import { registerStatus } from './status.ts';
import { registerTop } from './top/top.ts';

/** All commands; nothing is run yet. */
export function createProgram(): Command {
  const version = readVersion();
  const program = new Command('headgate')
    .description('An LLM gateway for one host with many cores')
    .version(version)
    .showHelpAfterError('(--help lists the commands and options)')
    // Makes commander throw instead of ending the process; commands added after this call inherit it.
    .exitOverride();
  registerServe(program, version);
  registerMock(program);
  registerFaultwall(program);
  registerCheck(program);
  registerDoctor(program);
  registerModels(program);
  registerInit(program);
  registerImport(program);
  registerExplain(program);
  registerStatus(program);
  registerTop(program);
  registerErrors(program);
  registerSpend(program);
  registerPrice(program);
  registerReload(program);
  registerRestart(program);
  registerCircuit(program);
  registerSchema(program);
  registerCompletion(program);
  return program;
}

/** Runs the command in these arguments (without node and script); resolves with its exit code. */
export async function run(given: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(given, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has already printed its own errors. It also throws for --help and --version.
    const isPrinted = error instanceof CommanderError;
    const exitCode = isPrinted ? error.exitCode : exitCodeOf(error);
    // A program reads one document: the command's own, or that of its error.
    if (exitCode !== 0 && wantsJson(given) && !hasSaidJson()) sayJson({ error: failureJson(error, exitCode) });
    if (!isPrinted) complain(explainFailure(error));
    return exitCode;
  }
}

/** Whether the answer is for a program. */
function wantsJson(given: readonly string[]): boolean {
  const end = given.indexOf('--');
  return (end < 0 ? given : given.slice(0, end)).includes('--json');
}

/** The package's version; `package.json` is two folders up in `src` and in `dist`. */
function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
