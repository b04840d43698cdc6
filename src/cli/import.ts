/**
 * `headgate import litellm FILE`: writes a `headgate.yaml` from a configuration of LiteLLM's, and reports all that it did
 * not carry over, each with its path and a reason. The file that it writes has passed the checks; where it has faults it is
 * written too, they are shown, and the command fails.
 */
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '../config/source/faults.ts';
import { asRecord } from '../shared/json.ts';
import { counted } from './counted.ts';
import { CommandError, exitCodes } from './failures.ts';
import { type Converted, convertLitellm } from './litellm/convert.ts';
import { inTheirFiles, readLitellmFiles } from './litellm/read-files.ts';
import { reportLines } from './litellm/report.ts';
import { writeNew } from './new-file.ts';
import { sayJson, sayLines } from './say.ts';

interface ImportFlags {
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function registerImport(program: Command): void {
  const command = program.command('import').description("write a configuration from another gateway's");
  command
    .command('litellm')
    .description("write a headgate.yaml from LiteLLM's config.yaml, and report what was not carried over")
    .argument('<file>', "LiteLLM's config.yaml")
    .option('--out <path>', 'the file to write; - for standard output', 'headgate.yaml')
    .option('--force', 'replace the file if it is there')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExit code 1: nothing could be written, or what is written must be mended before it loads.')
    .action(importLitellm);
}

function importLitellm(file: string, { out, force = false, json = false }: ImportFlags): void {
  const files = readLitellmFiles(file);
  const converted = convertLitellm(files.tree, (variable) => (process.env[variable] ?? '') !== '');
  const left = inTheirFiles(converted.left, files);
  const { providers, models } = converted.config;
  if (sizeOf(models) === 0) {
    const lines = reportLines(left);
    const message = `${file} has no model that can be carried over:\n${lines.join('\n')}`;
    throw new CommandError(
      message,
      exitCodes.failed,
      left.map(({ path, why }) => `${path}: ${why}`),
    );
  }
  const head = `# From ${file}, by \`headgate import litellm\`. \`headgate check\` reads it.\n`;
  const text = head + stringify(converted.config, { lineWidth: 0, aliasDuplicateObjects: false });
  if (out === '-') process.stdout.write(text);
  else writeNew({ file: out, option: '--out', force }, text);
  const name = out === '-' ? 'the configuration' : out;
  // The report must not stand in the file that is piped on.
  const stream = out === '-' ? process.stderr : process.stdout;
  const counts = { providers: sizeOf(providers), models: sizeOf(models) };
  const faults = faultsOf(converted, name);
  if (json) sayJson({ written: out, ...counts, left, faults }, stream);
  else {
    const what = `${counted(counts.providers, 'provider')} and ${counted(counts.models, 'model')}`;
    const lines = [
      `wrote ${name}: ${what}`,
      '',
      ...reportLines(left),
      ...(faults.length === 0 ? [] : ['', 'to be mended before it loads:', ...faults]),
      '',
      'it listens at 127.0.0.1:4000, and LiteLLM at all addresses: set `server.host` for clients of other hosts',
      `next: headgate check --config ${out === '-' ? 'FILE' : out} --live`,
    ];
    sayLines(lines, stream);
  }
  if (faults.length > 0) {
    throw new CommandError(`${counted(faults.length, 'fault')} to be mended in ${name} before it loads`);
  }
}

function sizeOf(block: unknown): number {
  return Object.keys(asRecord(block) ?? {}).length;
}

/** Faults that the result has where every variable is set. @param name of the file, for the faults */
function faultsOf({ config }: Converted, name: string): string[] {
  const named = JSON.stringify(config).matchAll(/(?:"(\w+)":")?(?<!\$)\$\{(\w+)/g);
  const environment = Object.fromEntries(
    Array.from(named, ([, key = '', variable = '']) => [variable, examples[key] ?? 'set-in-the-environment']),
  );
  try {
    loadConfig({ source: { kind: 'object', name, input: config }, environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

/** Values of variables that are all of a setting with a form. */
const examples: Readonly<Record<string, string>> = {
  base_url: 'https://set-in-the-environment.example',
  scope: 'https://set-in-the-environment.example/.default',
  api_version: '2024-10-21',
  region: 'eu-central-1',
  location: 'europe-west4',
  role_arn: 'arn:aws:iam::123456789012:role/example',
  access_key_id: 'AKIAIOSFODNN7EXAMPLE',
  secret_access_key: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00',
};
