/**
 * `headgate init`: writes a commented `headgate.yaml` from the keys and servers that it finds. On a terminal it asks before
 * it writes; with `--yes`, or without a terminal, it takes what it has found. It never writes over a file that it was not
 * told to replace, and what it writes has passed the checks of `headgate check` before.
 */
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { loadConfig } from '../config/load.ts';
import { sourceNotes } from '../config/source/load-source.ts';
import { asRecord } from '../shared/json.ts';
import { CommandError } from './failures.ts';
import { configText, FIRST_MODEL } from './init/config-text.ts';
import { type FoundProvider, localServers, providersByVariables } from './init/found-providers.ts';
import { type Ask, askChoices } from './init/questions.ts';
import { expectNew, writeNew } from './new-file.ts';
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
  const target = { file, option: '--file', force };
  expectNew(target);
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
  const text = configText(choices);
  expectSound(file, text);
  writeNew(target, text);
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

async function asked(found: readonly FoundProvider[]) {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const ask: Ask = (question) => lines.question(question);
  // Ctrl-D and Ctrl-C end the input, and then a question is never answered.
  const left = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new CommandError('left without an answer: nothing is written')));
  });
  try {
    return await Promise.race([askChoices(found, ask), left]);
  } finally {
    lines.close();
  }
}

/** Loads the text as if it stood in the file, so that a value which the gateway does not take costs no file. */
function expectSound(file: string, text: string): void {
  const input = asRecord(parse(text)) ?? {};
  loadConfig({ source: { kind: 'object', name: file, input }, folder: path.dirname(path.resolve(file)) });
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
