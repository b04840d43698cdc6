/**
 * Decides where a configuration comes from. The order is a promise: `--demo`, `--config`, `$HEADGATE_CONFIG`,
 * `./headgate.yaml`, API keys in the environment, the demo; in production no demo unless it was asked for.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentConfigInput, environmentProviders } from './environment-config.ts';
import { ConfigError } from './faults.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigSource =
  /** `path` as the user gave it, which is also how faults name it. */
  | { readonly kind: 'file'; readonly path: string }
  /** API keys in the environment. */
  | { readonly kind: 'environment' }
  /** Fake providers that run inside. */
  | { readonly kind: 'demo' };

interface SourceWishes {
  /** The value of `--config`. */
  readonly config?: string | undefined;
  readonly demo?: boolean | undefined;
  /** Whether the demo is a last resort. Default: not in production. */
  readonly demoAllowed?: boolean | undefined;
  /** Default: the working folder. */
  readonly folder?: string;
  readonly environment?: Environment;
}

/** The source to load; it is not read yet. Throws `ConfigError` where there is none. */
export function findConfigSource(wishes: SourceWishes): ConfigSource {
  const environment = wishes.environment ?? process.env;
  const folder = wishes.folder ?? process.cwd();
  if (wishes.demo && wishes.config !== undefined) {
    throw sourceError('--demo', 'should stand alone, got --config too');
  }
  if (wishes.demo) return { kind: 'demo' };
  if (wishes.config !== undefined) return { kind: 'file', path: wishes.config };
  if (environment.HEADGATE_CONFIG) return { kind: 'file', path: environment.HEADGATE_CONFIG };
  if (existsSync(join(folder, 'headgate.yaml'))) return { kind: 'file', path: 'headgate.yaml' };
  if (environmentConfigInput(environment) !== null) return { kind: 'environment' };
  if (wishes.demoAllowed ?? environment.NODE_ENV !== 'production') return { kind: 'demo' };
  const variables = environmentProviders.map(({ variable }) => variable).join(' or ');
  const wish = `should be given by --config, HEADGATE_CONFIG, ./headgate.yaml, ${variables}, or --demo`;
  throw sourceError('configuration', `${wish}, got none of them`);
}

function sourceError(file: string, message: string): ConfigError {
  return new ConfigError([{ file, line: null, col: null, path: '', message, hint: null }]);
}
