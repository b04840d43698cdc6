/** `headgate faultwall`: what clients of a gateway see of each fault of its providers. */

import type { Command } from 'commander';
import { systemCode } from '../shared/host/system-code.ts';
import { counted } from './counted.ts';
import { CommandError, exitCodes } from './failures.ts';
import { complain, sayJson, sayLines } from './say.ts';
import { type Cell, cellsOf } from './wall/cells.ts';
import { faces } from './wall/faces/all.ts';
import { type OwnGateway, startOwnGateway } from './wall/own-gateway.ts';
import { countsOf, reportJson, reportLines, unanswered } from './wall/report.ts';
import { type Outcome, runCells } from './wall/run-cells.ts';
import { modelKinds, modelName, type WallPorts, wallYaml } from './wall/wall-models.ts';
import { WallProviders } from './wall/wall-providers.ts';

interface Flags {
  readonly key: string;
  readonly ports: string;
  readonly host: string;
  readonly face?: readonly string[];
  readonly model?: readonly string[];
  readonly printConfig?: true;
  readonly json?: true;
}

/** What `--help` says below the options. */
export const faultwallGuide = `
Without a URL the command starts a gateway of its own, with a configuration made for the wall, and needs nothing else.

With the URL of any other gateway:
  1. headgate faultwall --print-config shows the two fake providers, the models with one and with two targets, and the
     limits that the gateway must have. Give it the same, in its own way.
  2. headgate faultwall http://127.0.0.1:8080 starts the fake providers on --ports, asks for each model in each API,
     plain and streamed, and prints what a client saw. The gateway must answer within 20 s.

answered, failed over   the whole answer of the first target, or of the second
empty                   no content, as the provider meant it
400 some_code           an error, before any content
broken                  an error that the client's SDK notices, after a 200
SILENT TRUNCATION, WRONG ANSWER, HANG, DOUBLE   what no gateway may do: exit code 1

It also ends with 1 if requests without any fault are not answered.`;

/** Adds the command. */
export function registerFaultwall(program: Command): void {
  program
    .command('faultwall')
    .description('show what clients see of each fault of a provider, through this gateway or any other')
    .argument('[url]', 'address of the gateway, without a path (default: a gateway of its own)')
    .option('--key <key>', 'key of a client of the gateway', 'wall')
    .option('--ports <openai,anthropic>', 'ports of the fake providers', '8101,8102')
    .option('--host <address>', 'address of the fake providers', '127.0.0.1')
    .option('--face <name>', `only this API; may be repeated: ${faces.map(({ name }) => name).join(', ')}`, collect)
    .option('--model <name>', 'only models whose names begin so, as wall-one; may be repeated', collect)
    .option('--print-config', 'print the configuration that the gateway must have, and end')
    .option('--json', 'print JSON')
    .addHelpText('after', faultwallGuide)
    .action(faultwall);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function faultwall(url: string | undefined, flags: Flags): Promise<void> {
  const ports = readPorts(flags.ports);
  if (flags.printConfig === true) {
    sayLines(wallYaml(flags.host, ports).trimEnd().split('\n'));
    return;
  }
  const outcomes = await runWall(chosenCells(flags), url === undefined ? null : readUrl(url), ports, flags);
  if (flags.json === true) sayJson(reportJson(outcomes));
  else sayLines(reportLines(outcomes));
  const silent = unanswered(outcomes);
  if (silent.length > 0) {
    const cure = 'is it set up as --print-config says? --face and --model choose what to try';
    throw new CommandError(
      `${counted(silent.length, 'request')} without any fault got no answer from the gateway: ${cure}`,
    );
  }
  const { bad } = countsOf(outcomes);
  if (bad > 0) throw new CommandError(`${bad} of ${counted(outcomes.length, 'cell')} ${bad === 1 ? 'is' : 'are'} bad`);
}

/** Starts what is needed, runs all cells, and stops it again. @param url null for a gateway of its own */
async function runWall(
  cells: readonly Cell[],
  url: string | null,
  ports: WallPorts,
  { host, key }: Flags,
): Promise<Outcome[]> {
  // Before anything is started: a signal must not leave it behind.
  const stop = stopSignal();
  const providers = await startProviders(host, url === null ? { openai: 0, anthropic: 0 } : ports);
  let own: OwnGateway | null = null;
  try {
    if (url === null) own = await startOwnGateway(wallYaml(host, providers.ports));
    const gateway = { url: url ?? own?.url ?? '', key };
    complain(`${counted(cells.length, 'cell')} in front of ${gateway.url}`);
    const outcomes = await runCells(cells, gateway, providers, stop);
    if (stop.aborted) throw new CommandError('stopped by a signal before the end');
    return outcomes;
  } finally {
    await own?.stop();
    await providers.close();
  }
}

/** Aborted by the first SIGINT or SIGTERM. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}

async function startProviders(host: string, ports: WallPorts): Promise<WallProviders> {
  try {
    return await WallProviders.start(host, ports);
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw error;
    const { openai, anthropic } = ports;
    throw new CommandError(`port ${openai} or ${anthropic} is taken: choose others with --ports`, exitCodes.taken);
  }
}

function chosenCells({ face, model: prefixes }: Flags): Cell[] {
  const cells = cellsOf(chosenFaces(face));
  const wrong = prefixes?.find((prefix) => !modelKinds.some((kind) => modelName(kind, 1).startsWith(prefix)));
  if (wrong !== undefined) {
    const known = modelKinds.map(({ name }) => `wall-${name}`).join(', ');
    throw new CommandError(`--model: no model begins with "${wrong}"; known are ${known}`);
  }
  return cells.filter(({ kind }) => prefixes?.some((prefix) => modelName(kind, 1).startsWith(prefix)) ?? true);
}

function chosenFaces(names: readonly string[] | undefined) {
  const wrong = names?.find((name) => !faces.some((face) => face.name === name));
  if (wrong !== undefined) {
    throw new CommandError(`--face: there is no "${wrong}"; known are ${faces.map(({ name }) => name).join(', ')}`);
  }
  return faces.filter(({ name }) => names?.includes(name) ?? true);
}

function readPorts(text: string): WallPorts {
  const [, openai, anthropic] = (/^(\d{1,5}),(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (openai === undefined || anthropic === undefined || Math.max(openai, anthropic) > 65_535) {
    throw new CommandError(`--ports: should be two ports, as 8101,8102, got ${JSON.stringify(text)}`);
  }
  return { openai, anthropic };
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/') {
    throw new CommandError(
      `the URL should be an address without a path, as http://127.0.0.1:8080, got ${JSON.stringify(text)}`,
    );
  }
  return url.origin;
}
