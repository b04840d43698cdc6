/**
 * `headgate check`: prints all faults of a configuration, or a summary if it is valid. With `--live` it also sends one
 * tiny completion request to each provider, with each of its keys.
 */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { endingModels } from '../config/checks/ending-models.ts';
import { whyUnwritable } from '../config/checks/state-dir.ts';
import { doubledKeys, weakSecrets } from '../config/checks/weak-secrets.ts';
import { loadWithSecrets } from '../config/load.ts';
import type { ConfigSource } from '../config/source/load-source.ts';
import type { Config, ProviderConfig, TargetConfig } from '../shared/config.ts';
import { isPattern } from '../shared/model-names.ts';
import { whyForeign } from '../shared/state/own-folder.ts';
import { type ConfigFlags, chooseSource, describeSource, loadOptions, withConfig } from './config-options.ts';
import { counted } from './counted.ts';
import { CommandError } from './failures.ts';
import { callableUrl } from './urls.ts';

/** What it costs that nothing is kept in `state_dir`. */
const LOSS = 'a crash of the primary would lose the counts so far';

/** Adds the command. */
export function registerCheck(program: Command): void {
  withConfig(program.command('check'))
    .description('validate the configuration')
    .option('--live', 'also send one tiny completion request to each provider, with each of its keys')
    .action(check);
}

async function check(flags: ConfigFlags & { readonly live?: boolean }): Promise<void> {
  const source = chooseSource(flags);
  const { config, secrets } = loadWithSecrets(loadOptions(source, flags));
  process.stdout.write(`${validSource(source)} is valid\n${summary(config).join('\n')}\n`);
  const why = whyUnwritable(config.stateDir);
  if (why !== null) {
    warn(`state_dir cannot be written by this user (${why}): ${LOSS}`);
  }
  const whose = existsSync(config.stateDir) ? whyForeign(config.stateDir) : null;
  if (whose !== null) warn(`${whose}. Nothing would be kept there: ${LOSS}`);
  const warnings = [...weakSecrets(config, secrets), ...doubledKeys(config), ...endingModels(config)];
  for (const warning of warnings) warn(warning);
  if (flags.live === true) await checkProviders(config);
}

function warn(text: string): void {
  process.stderr.write(`headgate: warning: ${text}\n`);
}

function validSource(source: ConfigSource): string {
  return source.kind === 'file' ? source.path : `the configuration of ${describeSource(source)}`;
}

function summary(config: Config): string[] {
  const { server, admin, workers, stateDir, providers, models } = config;
  const access =
    server.keys.length > 0 ? counted(server.keys.length, 'key') : 'no keys: every client may send requests';
  return [
    `  gateway    ${callableUrl(server.host, server.port)}, ${counted(workers, 'worker')}, ${access}`,
    `  admin      ${callableUrl(admin.host, admin.port)}, ${admin.token === null ? 'without a token' : 'with a token'}`,
    `  state      ${stateDir}`,
    ...Object.values(providers).map(
      ({ name, type, baseUrl, keys }) => `  provider   ${name}: ${type} at ${baseUrl}, ${keyWords(keys)}`,
    ),
    ...Object.values(models).map(
      ({ name, aliases, balance, targets }) =>
        `  model      ${[name, ...aliases].join(', ')} → ${targetWords(targets)}${balance === 'order' ? '' : ` (by ${byWords[balance]})`}`,
    ),
  ];
}

function keyWords(keys: ProviderConfig['keys']): string {
  if (keys.length > 1) return `with the keys ${keys.map(({ name }) => name).join(', ')}`;
  return keys[0]?.key === '' ? 'without a key' : 'with a key';
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

interface LiveLine {
  readonly line: string;
  readonly fine: boolean;
}

async function checkProviders(config: Config): Promise<void> {
  // Imported here, since only `--live` needs an HTTP client.
  const { tryProvider } = await import('./live-check.ts');
  const targets = Object.values(config.models).flatMap((model) => model.targets);
  const checks = Object.values(config.providers).flatMap((provider): readonly (LiveLine | Promise<LiveLine>)[] => {
    const own = targets.filter((candidate) => candidate.provider === provider.name);
    const target = own.find(({ model }) => !isPattern(model));
    if (target === undefined) {
      const why = own.length === 0 ? 'no model uses it' : 'it is only asked for what a * stands for';
      return [{ line: `  ${provider.name}: skipped, since ${why}`, fine: true }];
    }
    return provider.keys.map(async (key) => {
      const name = provider.keys.length === 1 ? provider.name : `${provider.name}, key ${key.name}`;
      const result = await tryProvider(provider, key, target);
      if (result === null) return { line: `  ${name}: skipped, since it has no API for chats`, fine: true };
      const outcome = result.fine ? 'answers' : `fails: ${result.message}`;
      return { line: `  ${name}: ${outcome} (${target.model}, ${result.milliseconds} ms)`, fine: result.fine };
    });
  });
  const results = await Promise.all(checks);
  process.stdout.write(`${['live:', ...results.map(({ line }) => line)].join('\n')}\n`);
  if (results.some(({ fine }) => !fine)) throw new CommandError('the live check failed for at least one provider');
}
