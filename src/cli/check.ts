/**
 * `headgate check`: prints all faults of a configuration, or a summary and warnings if it is valid. With `--live` it also
 * sends one tiny request to each target.
 */

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { whyUnwritable } from '../config/checks/state-dir.ts';
import { loadWithSource } from '../config/load.ts';
import { ConfigError } from '../config/source/faults.ts';
import { type ConfigSource, sourceNotes } from '../config/source/load-source.ts';
import type { LoadedConfig } from '../config/warnings/warning.ts';
import { type Warning, warningLine, warningsOf } from '../config/warnings/warnings.ts';
import { credentialsIdentity } from '../providers/wanted-credentials.ts';
import { systemClock } from '../shared/clock.ts';
import type { Config, ProviderConfig, TargetConfig } from '../shared/config.ts';
import { whyForeign } from '../shared/state/own-folder.ts';
import { checkJson } from './check-json.ts';
import { type ConfigFlags, chooseSource, describeSource, loadOptions, withConfig } from './config-options.ts';
import { counted } from './counted.ts';
import { CommandError } from './failures.ts';
import { type CheckedTarget, targetLine } from './live-report.ts';
import { sayJson, sayLines } from './say.ts';
import { callableUrl } from './urls.ts';

/** What it costs that nothing is kept in `state_dir`. */
const LOSS = 'a crash of the primary would lose the counts so far';

interface CheckFlags extends ConfigFlags {
  readonly live?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function registerCheck(program: Command): void {
  withConfig(program.command('check'))
    .description('validate the configuration, and warn of what cannot work')
    .option(
      '--live',
      'also send one tiny request to each target with each key (24 at most for a provider, else each once)',
    )
    .option('--json', 'print faults, warnings and summary as JSON')
    .action(check);
}

async function check(flags: CheckFlags): Promise<void> {
  const source = chooseSource(flags);
  const isJson = flags.json === true;
  const loaded = load(source, flags);
  const { config } = loaded;
  const warnings = [
    ...sourceWarnings(source, flags),
    ...stateWarnings(loaded),
    ...warningsOf(loaded, systemClock.wallMs()),
  ];
  if (!isJson) {
    sayLines([`${validSource(source)} is valid`, ...summary(config)]);
    for (const warning of warnings) {
      sayLines(
        [`headgate: warning: ${warningLine(warning)}`, ...(loaded.tree.excerptAt(warning) ?? [])],
        process.stderr,
      );
    }
  }
  const live = flags.live === true ? await checkLive(config) : null;
  if (isJson) sayJson(checkJson({ source: nameOf(source), faults: [], warnings, config, live }));
  else if (live !== null) sayLines(['live:', ...live.map(targetLine)]);
  const failed = live?.filter(({ outcome }) => outcome === 'fails').length ?? 0;
  if (failed > 0) throw new CommandError(`the live check failed for ${counted(failed, 'target')}`);
}

/** Throws `ConfigError`; with `--json`, its faults are printed before. */
function load(source: ConfigSource, flags: CheckFlags): LoadedConfig {
  try {
    return loadWithSource(loadOptions(source, flags));
  } catch (error) {
    if (flags.json === true && error instanceof ConfigError) {
      const { faults } = error;
      sayJson(checkJson({ source: nameOf(source), faults, warnings: [], config: null, live: null }));
    }
    throw error;
  }
}

function sourceWarnings(source: ConfigSource, { demo }: CheckFlags): Warning[] {
  return sourceNotes(source, { demo }).map((message) => ({
    ...{ file: 'environment', line: null, col: null },
    ...{ path: '', message },
  }));
}

/** What is found on this host, for this user. */
function stateWarnings({ config: { stateDir }, tree }: LoadedConfig): Warning[] {
  const why = whyUnwritable(stateDir);
  const whose = existsSync(stateDir) ? whyForeign(stateDir) : null;
  const messages = [
    ...(why === null ? [] : [`state_dir cannot be written by this user (${why}): ${LOSS}`]),
    ...(whose === null ? [] : [`${whose}. Nothing would be kept there: ${LOSS}`]),
  ];
  return messages.map((message) => ({ ...tree.places.ofValue(['state_dir']), path: 'state_dir', message }));
}

async function checkLive(config: Config): Promise<CheckedTarget[]> {
  // Imported here, since only `--live` needs an HTTP client.
  const { checkTargets } = await import('./live-targets.ts');
  return checkTargets(config);
}

function nameOf(source: ConfigSource): string {
  return source.kind === 'file' ? source.path : describeSource(source);
}

function validSource(source: ConfigSource): string {
  return source.kind === 'file' ? source.path : `the configuration of ${describeSource(source)}`;
}

function summary(config: Config): string[] {
  const { server, admin, workers, stateDir, providers, models } = config;
  const access =
    server.keys.length > 0 ? counted(server.keys.length, 'key') : 'no keys: every client may send requests';
  return [
    `  gateway    ${callableUrl(server.host, server.port, server.tls)}, ${counted(workers, 'worker')}, ${access}`,
    `  admin      ${callableUrl(admin.host, admin.port, admin.tls)}, ${admin.token === null ? 'without a token' : 'with a token'}`,
    `  state      ${stateDir}`,
    ...Object.values(providers).map(
      (provider) => `  provider   ${provider.name}: ${provider.type} at ${provider.baseUrl}, ${keyWords(provider)}`,
    ),
    ...Object.values(models).map(
      ({ name, aliases, balance, targets }) =>
        `  model      ${[name, ...aliases].join(', ')} → ${targetWords(targets)}${balance === 'order' ? '' : ` (by ${byWords[balance]})`}`,
    ),
  ];
}

function keyWords(provider: ProviderConfig): string {
  const { keys } = provider;
  if (keys.length > 1) return `with the keys ${keys.map(({ name }) => name).join(', ')}`;
  if (keys[0]?.key !== '') return 'with a key';
  return credentialsIdentity(provider) === null ? 'without a key' : 'with credentials that are fetched';
}

const byWords = { weighted: 'weight', latency: 'latency', load: 'load' } as const;

/** Levels one after the other; the targets of a level with a bar between them. */
function targetWords(targets: readonly TargetConfig[]): string {
  return targets
    .map(({ provider, model, level }, index) => {
      const between = index === 0 ? '' : targets[index - 1]?.level === level ? ' | ' : ', ';
      return `${between}${provider}/${model}`;
    })
    .join('');
}
