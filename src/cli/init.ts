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
import { ConfigError } from '../config/source/faults.ts';
import { sourceNotes } from '../config/source/load-source.ts';
import { asRecord } from '../shared/json.ts';
import { CommandError } from './failures.ts';
import { configText, FIRST_MODEL } from './init/config-text.ts';
import { type FoundProvider, providersByVariables } from './init/found-providers.ts';
import { localServers } from './init/local-servers.ts';
import { type Ask, askChoices, type UsualPorts } from './init/questions.ts';
import { listenFault } from './listen-fault.ts';
import { expectNew, writeNew } from './new-file.ts';
import { sayJson, sayLines } from './say.ts';
import { table } from './table.ts';

interface InitFlags {
  readonly file: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('write a headgate.yaml from the keys in the environment and the servers on this host')
    .option('--file <path>', 'the file to write', 'headgate.yaml')
    .option('--yes', 'ask nothing: take all that is found')
    .option('--force', 'replace the file if it is there')
    .option('--json', 'ask nothing, as with --yes, and print JSON')
    .action(init);
}

async function init({ file, yes = false, force = false, json = false }: InitFlags): Promise<void> {
  const target = { file, option: '--file', force };
  expectNew(target);
  const local = await localServers();
  const byVariables = providersByVariables();
  // A variable may name the server that answers.
  const others = local.found.filter(({ type }) => byVariables.every((each) => each.type !== type));
  const odd = others.flatMap((server) => whyOdd(server) ?? []);
  const found = [...byVariables, ...others.filter((server) => whyOdd(server) === null)];
  const notes = [...sourceNotes({ kind: 'environment' }, {}), ...local.notes, ...odd];
  if (found.length === 0) throw new CommandError([NOTHING, ...notes].join('\n'));
  if (!json) sayLines([...notes, 'found:', ...foundTable(found), '']);
  const isAsked = !yes && !json && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const ports = { port: await freeFrom(8080), adminPort: await freeFrom(9464) };
  const choices = isAsked ? await asked(found, ports) : { ...ports, providers: found };
  if (choices.providers.length === 0) throw new CommandError('no provider was chosen: nothing is written');
  const text = configText(choices);
  expectSound(file, text);
  writeNew(target, text);
  if (json) {
    const providers = found.map(({ type, name, because }) => ({ type, name, because }));
    sayJson({ wrote: file, ...ports, providers, notes });
    return;
  }
  const url = `http://127.0.0.1:${choices.port}`;
  const hasDefault = choices.providers.some(({ models }) => models.length > 0);
  const model = hasDefault ? FIRST_MODEL : `${choices.providers[0]?.type}/NAME`;
  sayLines([
    `wrote ${file}. Next:`,
    `  headgate check --config ${file} --live   (one tiny request to each target)`,
    `  headgate serve --config ${file}`,
    `  curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '{"model":"${model}","messages":[{"role":"user","content":"Hello"}]}'`,
  ]);
}

function foundTable(found: readonly FoundProvider[]): string[] {
  return table(
    ['PROVIDER', 'BECAUSE'],
    found.map(({ name, because }) => [name, because]),
  );
}

const NOTHING =
  'no variable of a provider is set, and no server of models answers on this host: set one, such as OPENAI_API_KEY (`headgate models` lists them all), and run this again. `headgate serve --demo` needs none';

async function asked(found: readonly FoundProvider[], ports: UsualPorts) {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const ask: Ask = (question) => lines.question(question);
  // Ctrl-D and Ctrl-C end the input, and then a question is never answered.
  const left = new Promise<never>((_resolve, reject) => {
    lines.once('close', () => reject(new CommandError('left without an answer: nothing is written')));
  });
  try {
    return await Promise.race([askChoices(found, ask, ports), left]);
  } finally {
    lines.close();
  }
}

/** The port, or one of the next where another program has it. */
async function freeFrom(port: number): Promise<number> {
  for (let next = port; next < port + 20; next += 1) {
    if ((await listenFault('127.0.0.1', next)) === null) return next;
  }
  return port;
}

/** Why a server that was found cannot stand in the file: the others must not be lost with it. Null where it can. */
function whyOdd(server: FoundProvider): string | null {
  try {
    expectSound('init', configText({ port: 0, adminPort: 0, providers: [server] }));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const fault = error.faults.find((each) => /^(?:models|providers)\b/.test(each.path));
    if (fault !== undefined)
      return `${server.name} (${server.because}): left out, since ${fault.path} ${fault.message}`;
  }
  return null;
}

/** Loads the text as if it stood in the file, so that a value which the gateway does not take costs no file. */
function expectSound(file: string, text: string): void {
  const input = asRecord(parse(text)) ?? {};
  loadConfig({ source: { kind: 'object', name: file, input }, folder: path.dirname(path.resolve(file)) });
}
