/** `headgate faultwall`: what clients of a gateway see of each fault of its providers. */
import { once } from 'node:events';
import type { Command } from 'commander';
import { systemCode } from '../shared/host/system-code.ts';
import { CommandError, exitCodes } from './failures.ts';
import { cellsOf } from './wall/cells.ts';
import { faces } from './wall/faces/all.ts';
import { startOwnGateway } from './wall/own-gateway.ts';
import { countsOf, reportJson, reportLines } from './wall/report.ts';
import { type Outcome, runCells, WallProviders } from './wall/run-cells.ts';
import { type WallPorts, wallYaml } from './wall/wall-models.ts';

interface Flags {
  readonly key: string;
  readonly ports: string;
  readonly host: string;
  readonly face?: readonly string[];
  readonly printConfig?: true;
  readonly json?: true;
}

const guide = `
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
SILENT TRUNCATION, WRONG ANSWER, HANG, DOUBLE   what no gateway may do: exit code 1`;

/** Adds the command. */
export function registerFaultwall(program: Command): void {
  program
    .command('faultwall')
    .description('show what clients see of each fault of a provider, through this gateway or any other')
    .argument('[url]', 'address of the gateway, without a path (default: a gateway of its own)')
    .option('--key <key>', 'key of a client of the gateway', 'wall')
    .option('--ports <openai,anthropic>', 'ports of the fake providers', '8101,8102')
    .option('--host <address>', 'address of the fake providers', '127.0.0.1')
    .option('--face <names...>', `only these APIs: ${faces.map(({ name }) => name).join(', ')}`)
    .option('--print-config', 'print the configuration that the gateway must have, and end')
    .option('--json', 'print JSON')
    .addHelpText('after', guide)
    .action(faultwall);
}

async function faultwall(url: string | undefined, flags: Flags): Promise<void> {
  const ports = readPorts(flags.ports);
  if (flags.printConfig === true) {
    process.stdout.write(wallYaml(flags.host, ports));
    return;
  }
  const cells = cellsOf(chosenFaces(flags.face));
  const address = url === undefined ? null : readUrl(url);
  const providers = await startProviders(flags.host, address === null ? { openai: 0, anthropic: 0 } : ports);
  const own = address === null ? await startOwnGateway(wallYaml('127.0.0.1', providers.ports)) : null;
  let outcomes: readonly Outcome[] = [];
  try {
    const gateway = { url: own?.url ?? address ?? '', key: flags.key };
    process.stderr.write(`${cells.length} cells in front of ${gateway.url}\n`);
    outcomes = await untilSignal(runCells(cells, gateway, providers));
  } finally {
    await own?.stop();
    await providers.close();
  }
  const report = flags.json === true ? reportJson(outcomes) : reportLines(outcomes).join('\n');
  process.stdout.write(`${report}\n`);
  const { bad } = countsOf(outcomes);
  if (bad > 0) throw new CommandError(`${bad} of ${outcomes.length} cells are bad`);
}

async function untilSignal<Result>(work: Promise<Result>): Promise<Result> {
  const signal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const stopped = signal.then(() => {
    throw new CommandError('stopped by a signal before the end');
  });
  return Promise.race([work, stopped]);
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
