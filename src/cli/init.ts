/**
 * `headgate init`: writes a commented `headgate.yaml` from the keys and servers that it finds. On a terminal it asks before
 * it writes; with `--yes`, or without a terminal, it takes what it has found. It never writes over a file that it was not
 * told to replace, and what it writes has passed the checks of `headgate check`.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { sourceNotes } from '../config/source/load-source.ts';
import { systemCode } from '../shared/host/system-code.ts';
import { CommandError } from './failures.ts';
import { configText, FIRST_MODEL } from './init/config-text.ts';
import { type FoundProvider, localServers, providersByVariables } from './init/found-providers.ts';
import { type Ask, askChoices } from './init/questions.ts';
import { table } from './table.ts';

interface InitFlags {
  readonly file: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** Adds the command. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write a headgate.yaml from the keys in the environment and the servers on this host')
    .option('--file <path>', 'the file to write', 'headgate.yaml')
    .option('--yes', 'ask nothing: take all that is found')
    .option('--force', 'replace the file if it is there')
    .action(init);
}

async function init({ file, yes = false, force = false }: InitFlags): Promise<void> {
  if (!force && existsSync(file)) throw new CommandError(isThere(file));
  const found = [...providersByVariables(), ...(await localServers())];
  const notes = sourceNotes({ kind: 'environment' }, {});
  if (found.length === 0) throw new CommandError([NOTHING, ...notes].join('\n'));
  say([
    ...notes,

    'found:',
    ...table(
      ['PROVIDER', 'BECAUSE'],
      found.map(({ name, because }) => [name, because]),
    ),
    '',
  ]);
  const isAsked = !yes && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const choices = isAsked ? await asked(found) : { port: 8080, adminPort: 9464, providers: found };
  if (choices.providers.length === 0) throw new CommandError('no provider was chosen: nothing is written');
  write(file, configText(choices), force);
  const url = `http://127.0.0.1:${choices.port}`;
  const hasDefault = choices.providers.some(({ models }) => models.length > 0);
  const model = hasDefault ? FIRST_MODEL : `${choices.providers[0]?.type}/NAME`;
  say([
    `wrote ${file}. Next:`,
    `  headgate check --config ${file} --live   (one tiny request to each target)`,
    `  headgate serve --config ${file}`,
    `  curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '{"model":"${model}","messages":[{"role":"user","content":"Hello"}]}'`,
  ]);
}

const NOTHING =
  'no variable of a provider is set, and no server of models answers on this host: set one, such as OPENAI_API_KEY (`headgate models` lists them all), and run this again. `headgate serve --demo` needs none';

function isThere(file: string): string {
  return `${file} is there already: nothing is written. Give another --file, or --force to replace it`;
}

async function asked(found: readonly FoundProvider[]) {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const ask: Ask = (question) => lines.question(question);
  try {
    return await askChoices(found, ask);
  } finally {
    lines.close();
  }
}

/** Writes the file and loads it. What does not load is a bug of ours: it is not left behind. */
function write(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx', mode: 0o600 });
  } catch (error) {
    throw systemCode(error) === 'EEXIST' ? new CommandError(isThere(file)) : error;
  }
  try {
    loadConfig({ source: { kind: 'file', path: file } });
  } catch (error) {
    if (!force) rmSync(file);
    throw error;
  }
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
