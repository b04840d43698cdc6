/**
 * Loads configurations: reads a source, replaces references, checks all values and adds defaults. Only this file makes
 * a `Config`. Only this file and `load-source.ts` read the environment.
 *
 * A bad configuration throws one `ConfigError` with every fault. Nothing is loaded in part.
 */
import { dirname, resolve } from 'node:path';
import type { AdminConfig, Config, ServerConfig } from '../shared/config.ts';
import { proxiesOf } from '../shared/egress/proxy-rules.ts';
import { readSmallFile } from '../shared/host/read-small-file.ts';
import { stateFolder } from '../shared/state/state-files.ts';
import { checkCertificates } from './checks/check-certificates.ts';
import { checkProxies } from './checks/check-egress.ts';
import { checkTracing } from './checks/check-tracing.ts';
import { crossCheck } from './checks/cross-checks.ts';
import { checkStateDir } from './checks/state-dir.ts';
import { validate } from './checks/validate.ts';
import { fill, fillAdmin, fillTls } from './fill.ts';
import { pricePath } from './price-path.ts';
import { defaults } from './schema/defaults.ts';
import { configSchema } from './schema/schema.ts';
import { fullBlocks } from './schema/schema-blocks.ts';
import { secretsIn } from './schema/secret-paths.ts';
import { environmentConfigInput } from './source/environment-config.ts';
import { ConfigError, type Fault, type Path } from './source/faults.ts';
import { interpolateTree, type TreeInterpolation } from './source/interpolate-tree.ts';
import type { Environment } from './source/load-source.ts';
import { readYaml } from './source/read-yaml.ts';
import { serviceNameOf } from './source/service-name.ts';
import { isMapping, mappingAt, putAt, type SourceTree, treeFromObject } from './source/source-tree.ts';
import type { LoadedConfig } from './warnings/warning.ts';

/** A value from a flag, which replaces the value of the source. */
export interface Override {
  /** The flag's name in faults, such as `--port`. */
  readonly flag: string;
  readonly path: Path;
  readonly value: string | number;
}

/** Where the values come from. An object has the shape of a file, and faults call it `name`. */
export type LoadableSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment' }
  | { readonly kind: 'object'; readonly name: string; readonly input: object };

export interface LoadOptions {
  readonly source: LoadableSource;
  readonly overrides?: readonly Override[];
  /** Default: the environment of the process. */
  readonly environment?: Environment;
  /** Where relative paths start; those in a file start from the file's folder. Default: the working folder. */
  readonly folder?: string;
}

/** The checked, full and frozen configuration. Throws `ConfigError`. */
export function loadConfig(options: LoadOptions): Config {
  return loadWithSource(options).config;
}

/** The same with what it was made of, for who speaks of its settings. Throws `ConfigError`. */
export function loadWithSource(options: LoadOptions): LoadedConfig {
  const { tree, origins, faults, baseFolder } = prepare(options);
  const environment = options.environment ?? process.env;
  const proxies = needsProxies(tree) ? proxiesOf(environment) : null;
  const validation = validate(configSchema, tree, origins);
  const shapeFaults = validation.kind === 'invalid' ? validation.faults : [];
  const ofFiles = [...checkStateDir(tree, origins, baseFolder), ...checkCertificates(tree, baseFolder)];
  const ofHost = [...ofFiles, ...checkProxies(proxies), ...checkTracing(tree)];
  const crossFaults = [...crossCheck(tree, origins), ...ofHost];
  const all = firstOfEachValue([...tree.faults, ...faults, ...shapeFaults, ...crossFaults]);
  if (validation.kind === 'invalid' || all.length > 0) throw new ConfigError(all, tree.excerptAt);
  const { input } = validation;
  return {
    config: fill(input, baseFolder, { proxies, serviceName: serviceNameOf(environment) }),
    secrets: secretsIn(input),
    tree,
    origins,
    pricePathOf: (model, index) => pricePath(input, model, index),
  };
}

/** Whether a provider names no proxy, so that those of the environment count. */
function needsProxies(tree: SourceTree): boolean {
  return Object.values(mappingAt(tree, ['providers'])).some(
    (provider) => isMapping(provider) && (provider.proxy === undefined || provider.proxy === ''),
  );
}

/**
 * Keeps the first fault of each value. Faults of later steps about the same value are only noise: a reference without
 * a value also leaves a gap, for example.
 */
function firstOfEachValue(faults: readonly Fault[]): Fault[] {
  const firsts = new Map<string, Fault>();
  for (const fault of faults) {
    const value = JSON.stringify([fault.file, fault.line, fault.col, fault.path]);
    if (!firsts.has(value)) firsts.set(value, fault);
  }
  return [...firsts.values()];
}

/** The addresses of a running gateway. */
export interface Listeners {
  readonly admin: AdminConfig;
  /** The data port; null if its address cannot be read from the source. */
  readonly gateway: Pick<ServerConfig, 'host' | 'port' | 'tls'> | null;
  /** Of this gateway; null if its path cannot be read from the source. */
  readonly stateFolder: string | null;
}

/**
 * The addresses of a running gateway, with its admin token. Only faults of the admin block count: a shell that asks for
 * a status need not have the providers' keys. Throws `ConfigError`.
 */
export function loadListeners(options: LoadOptions): Listeners {
  const { tree, origins, faults, baseFolder } = prepare(options);
  const validation = validate(fullBlocks.admin.partial().optional(), tree, origins, ['admin']);
  const all = faults.filter((fault) => fault.path.startsWith('admin.'));
  if (validation.kind === 'invalid' || all.length > 0) {
    throw new ConfigError(validation.kind === 'invalid' ? [...all, ...validation.faults] : all, tree.excerptAt);
  }
  const gateway = dataPort({ tree, origins, faults, baseFolder });
  return {
    admin: fillAdmin(validation.input, baseFolder),
    gateway,
    stateFolder: gateway && folderOf({ tree, origins, faults, baseFolder }, gateway.port),
  };
}

/** @param port of the data plane; the folder of one that the system chose (0) is not known */
function folderOf({ tree, origins, faults, baseFolder }: Prepared, port: number): string | null {
  const dir = validate(fullBlocks.general.shape.state_dir.optional(), tree, origins, ['state_dir']);
  const unset = faults.some(({ path }) => path === 'state_dir');
  if (unset || dir.kind === 'invalid' || port === 0) return null;
  return stateFolder(resolve(baseFolder, dir.input ?? defaults.general.state_dir), port);
}

/** Checks host and port alone: other keys, such as `keys`, may have faults in this shell but not in the gateway's. */
function dataPort({ tree, origins, faults, baseFolder }: Prepared): Listeners['gateway'] {
  const { shape } = fullBlocks.server;
  const host = validate(shape.host.optional(), tree, origins, ['server', 'host']);
  const port = validate(shape.port.optional(), tree, origins, ['server', 'port']);
  const tls = validate(shape.tls, tree, origins, ['server', 'tls']);
  const unset = faults.some(({ path }) => /^server\.(?:host|port|tls)\b/.test(path));
  if (unset || host.kind === 'invalid' || port.kind === 'invalid' || tls.kind === 'invalid') return null;
  return {
    host: host.input ?? defaults.server.host,
    port: port.input ?? defaults.server.port,
    ...fillTls(tls.input, baseFolder),
  };
}

interface Prepared extends TreeInterpolation {
  readonly tree: SourceTree;
  readonly baseFolder: string;
}

/** Reads the source, applies the flags and replaces references. */
function prepare(options: LoadOptions): Prepared {
  const folder = options.folder ?? process.cwd();
  const environment = options.environment ?? process.env;
  const { tree, baseFolder } = readSource(options.source, folder, environment);
  for (const { flag, path, value } of options.overrides ?? []) {
    putAt(tree.value, path, value);
    tree.places.set(path, { file: flag, line: null, col: null });
  }
  const interpolation = interpolateTree(tree, {
    variable: (name) => environment[name],
    file: (path) => readSmallFile(resolve(baseFolder, path), MAX_FILE_BYTES),
  });
  return { tree, baseFolder, ...interpolation };
}

function readSource(
  source: LoadableSource,
  folder: string,
  environment: Environment,
): { tree: SourceTree; baseFolder: string } {
  switch (source.kind) {
    case 'file': {
      const path = resolve(folder, source.path);
      return { tree: readYaml(readConfigFile(path, source.path), source.path), baseFolder: dirname(path) };
    }
    case 'environment':
      return { tree: treeFromObject(environmentConfigInput(environment), 'environment'), baseFolder: folder };
    case 'object':
      return { tree: treeFromObject(source.input, source.name), baseFolder: folder };
    default:
      return source satisfies never;
  }
}

const MAX_CONFIG_BYTES = 2 ** 20;
/** Bundles of authorities are the largest: those of a system take 220 KB. */
const MAX_FILE_BYTES = 2 ** 20;

function readConfigFile(path: string, name: string): string {
  const file = readSmallFile(path, MAX_CONFIG_BYTES);
  if (file.kind === 'text') return file.text;
  const message = `should be a regular file of at most 1 MiB, got ${file.got}`;
  throw new ConfigError([{ file: name, line: null, col: null, path: '', message, hint: null }]);
}
