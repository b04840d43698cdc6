/**
 * Decides where a configuration comes from. The documented order is: `--demo`, `--config`, `$HEADGATE_CONFIG`,
 * `./headgate.yaml`, API keys in the environment, the demo. In production the demo only runs with `--demo`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentConfigInput, leftOutNotes, type PresentProvider, presentProviders } from './environment-config.ts';
import { ConfigError } from './faults.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigSource =
  /** `path` as the user gave it; faults show it like this. */
  | { readonly kind: 'file'; readonly path: string }
  /** API keys in the environment. */
  | { readonly kind: 'environment' }
  /** Fake providers that the gateway starts. */
  | { readonly kind: 'demo' };

interface SourceOptions {
  /** The value of `--config`. */
  readonly config?: string | undefined;
  readonly demo?: boolean | undefined;
  /** Whether the demo is used if there is no other source. Default: only outside of production. */
  readonly demoAllowed?: boolean | undefined;
  /** Default: the working folder. */
  readonly folder?: string;
  readonly environment?: Environment;
}

/** The source to load; it is not read yet. Throws `ConfigError` if there is none. */
export function findConfigSource(options: SourceOptions): ConfigSource {
  const environment = options.environment ?? process.env;
  const folder = options.folder ?? process.cwd();
  if (options.demo && options.config !== undefined) {
    throw sourceError('--demo', 'should be given without --config, got both');
  }
  if (options.demo) return { kind: 'demo' };
  if (options.config !== undefined) return { kind: 'file', path: options.config };
  if (environment.HEADGATE_CONFIG) return { kind: 'file', path: environment.HEADGATE_CONFIG };
  if (existsSync(join(folder, 'headgate.yaml'))) return { kind: 'file', path: 'headgate.yaml' };
  const variables = environmentSource(environment);
  if (variables !== null) return variables;
  if (options.demoAllowed ?? environment.NODE_ENV !== 'production') return { kind: 'demo' };
  const expected =
    'should be given by --config, HEADGATE_CONFIG, ./headgate.yaml, the variables of a provider such as OPENAI_API_KEY (`headgate models` lists them), or --demo';
  throw sourceError('configuration', `${expected}, got none of them`, leftOutNotes(environment).join('; ') || null);
}

/** The variables of providers as a source; null if they add none. */
export function environmentSource(environment: Environment = process.env): { readonly kind: 'environment' } | null {
  return environmentConfigInput(environment) === null ? null : { kind: 'environment' };
}

/** The providers whose variables are set. */
export function providersOfEnvironment(environment: Environment = process.env): PresentProvider[] {
  return presentProviders(environment);
}

/** What is to be known of a source that was not chosen by name: providers that it lacks a variable for, a sentence each. */
export function sourceNotes({ kind }: ConfigSource, options: Pick<SourceOptions, 'demo' | 'environment'>): string[] {
  if (kind === 'file' || options.demo === true) return [];
  return leftOutNotes(options.environment ?? process.env);
}

function sourceError(file: string, message: string, hint: string | null = null): ConfigError {
  return new ConfigError([{ file, line: null, col: null, path: '', message, hint }]);
}
