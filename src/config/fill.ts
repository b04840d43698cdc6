/**
 * Makes a full configuration from a checked input: it adds defaults, and the values that a block inherits from the
 * block above it. Pure; the result is frozen at every level.
 */
import { resolve } from 'node:path';
import { addressOf, dialectsAt, providerOf, rootOf } from '../providers/registry.ts';
import type { AdminConfig, Config, ModelConfig, ProviderConfig, ServerConfig, TargetConfig } from '../shared/config.ts';
import type { ProxyRules } from '../shared/egress/proxy-rules.ts';
import { inOrder } from '../shared/model-names.ts';
import { DEFAULT_KEY } from '../shared/provider-keys.ts';
import type { TlsFiles } from '../shared/tls/server-certificate.ts';
import type { TracingConfig } from '../shared/tracing.ts';
import { accountOf } from './account.ts';
import { availableProcessors } from './available-processors.ts';
import { fillEgress, secretsOfEgress } from './egress.ts';
import { defaults } from './schema/defaults.ts';
import { tableFrom } from './schema/price-schema.ts';
import { settingsOf } from './schema/provider-settings.ts';
import type { ConfigInput } from './schema/schema.ts';
import { fullBlocks } from './schema/schema-blocks.ts';
import { secretsIn, secretsOfProvider } from './schema/secret-paths.ts';
import { tracingDefaults } from './schema/tracing-values.ts';

const full = {
  general: fullBlocks.general.parse(defaults.general),
  server: fullBlocks.server.parse(defaults.server),
  admin: fullBlocks.admin.parse(defaults.admin),
  log: fullBlocks.log.parse(defaults.log),
  drain: fullBlocks.drain.parse(defaults.drain),
  retry: fullBlocks.retry.parse(defaults.retry),
  circuit: fullBlocks.circuit.parse(defaults.circuit),
  timeouts: fullBlocks.timeouts.parse(defaults.timeouts),
};

/** What counts where the input does not say. */
interface OfEnvironment {
  readonly proxies?: ProxyRules | null;
  readonly serviceName?: string | null;
}

/** The full configuration. A relative `state_dir` starts from `baseFolder`. */
export function fill(input: ConfigInput, baseFolder: string, ofEnvironment: OfEnvironment = {}): Config {
  const { proxies = null, serviceName = null } = ofEnvironment;
  const { workers, state_dir: stateDir, watchdog } = inherit(full.general, input);
  const admin = fillAdmin(input.admin, baseFolder);
  const drain = inherit(full.drain, input.drain);
  const providers = mapValues(input.providers, (provider, name) => fillProvider(name, provider, input, proxies));
  return deepFreeze({
    version: 1,
    server: fillServer(input, admin.token, baseFolder),
    admin,
    workers: workers === 'auto' ? availableProcessors() : workers,
    log: inherit(full.log, input.log),
    ...fillTracing(input.tracing, serviceName),
    stateDir: resolve(baseFolder, stateDir),
    drain: { stopMs: drain.stop, restartMs: drain.restart, announceMs: drain.announce },
    watchdogMs: watchdog,
    providers,
    models: mapValues(input.models, (model, name) => fillModel(name, model, input)),
    aliases: Object.fromEntries(
      Object.entries(input.models).flatMap(([name, { aliases = [] }]) => aliases.map((alias) => [alias, name])),
    ),
    patterns: inOrder(Object.keys(input.models)),
    passthrough: { files: input.passthrough?.files ?? null, batches: input.passthrough?.batches ?? null },
    secrets: [
      ...new Set([
        ...secretsIn(input).map(({ value }) => value),
        ...Object.values(providers).flatMap(secretsOfEgress),
        ...Object.values(input.tracing?.headers ?? {}).filter((value) => value !== ''),
      ]),
    ],
  });
}

/** The admin block alone, for commands that only call the admin server. Relative paths start from `baseFolder`. */
export function fillAdmin(input: ConfigInput['admin'], baseFolder: string): AdminConfig {
  const { host, port, token, open_metrics: openMetrics, origins } = inherit(full.admin, input);
  return { host, port, token: token === '' ? null : token, openMetrics, origins, ...fillTls(input?.tls, baseFolder) };
}

/** The files of a port's TLS, as a field that is only there with them. */
export function fillTls(
  input: NonNullable<ConfigInput['server']>['tls'],
  baseFolder: string,
): { readonly tls?: TlsFiles } {
  if (input === undefined) return {};
  const { cert, key, client_ca: clientCa } = input;
  const absolute = (path: string) => resolve(baseFolder, path);
  return {
    tls: { cert: absolute(cert), key: absolute(key), clientCa: clientCa === undefined ? null : absolute(clientCa) },
  };
}

function fillTracing(
  input: ConfigInput['tracing'],
  ofEnvironment: string | null,
): { readonly tracing?: TracingConfig } {
  if (input === undefined) return {};
  const { endpoint, headers = {}, sample, service_name: serviceName, conventions } = input;
  const given = Object.entries(headers).filter(([, value]) => value !== '');
  return {
    tracing: {
      endpoint: endpoint.replace(/\/+$/, ''),
      sample: sample ?? tracingDefaults.sample,
      headers: Object.fromEntries(given),
      serviceName: serviceName ?? ofEnvironment ?? tracingDefaults.service_name,
      conventions: conventions ?? tracingDefaults.conventions,
    },
  };
}

function fillServer(input: ConfigInput, adminToken: string | null, baseFolder: string): ServerConfig {
  const server = inherit(full.server, input.server);
  return {
    host: server.host,
    port: server.port,
    keys: server.keys.filter((key) => key !== ''),
    open: server.open,
    maxBodyBytes: server.max_body,
    maxInFlight: server.max_in_flight,
    maxConnections: server.max_connections,
    maxConnectionsPerAddress: server.max_connections_per_address,
    cors: server.cors,
    maxBufferedBytes: server.max_buffered,
    keepAliveMs: server.keep_alive,
    sessionHeader: server.session_header?.toLowerCase() ?? null,
    // The data port does not check the admin token, so it must not relay the page if there is one.
    metricsPath: adminToken === null ? server.metrics_path : null,
    ...fillTls(input.server?.tls, baseFolder),
  };
}

function fillProvider(
  name: string,
  provider: ConfigInput['providers'][string],
  input: ConfigInput,
  proxies: ProxyRules | null,
): ProviderConfig {
  const retry = inherit(full.retry, input.retry, provider.retry);
  const circuit = inherit(full.circuit, input.circuit, provider.circuit);
  // The check has seen that there is one.
  const settings = settingsOf(provider);
  const known = providerOf(provider.type);
  const { pricedAs } = known;
  const baseUrl = rootOf(known, provider.base_url ?? addressOf(known, settings) ?? '');
  const egress = fillEgress(provider, baseUrl, proxies);
  return {
    name,
    type: provider.type,
    baseUrl,
    dialects: provider.dialects ?? dialectsAt(known, baseUrl),
    keys: fillKeys(provider, baseUrl, egress),
    settings,
    ...(pricedAs === undefined ? {} : { pricedAs }),
    account: accountOf(provider.type, baseUrl, secretsOfProvider(provider), egress),
    ...egress,
    retry: {
      attempts: retry.attempts,
      baseDelayMs: retry.base_delay,
      maxDelayMs: retry.max_delay,
      budget: retry.budget,
    },
    circuit: {
      outcomes: circuit.outcomes,
      windowMs: circuit.window,
      minFailures: circuit.min_failures,
      failureShare: circuit.failure_share,
      openForMs: circuit.open_for,
      maxOpenForMs: circuit.max_open_for,
    },
    timeouts: fillTimeouts(input.timeouts, provider.timeouts),
  };
}

/** Its keys, without the empty ones; an empty one if it has no other. */
function fillKeys(provider: ConfigInput['providers'][string], baseUrl: string, egress: object): ProviderConfig['keys'] {
  const { type, api_key, api_keys, ...rest } = provider;
  const given = (api_keys ?? []).filter(({ key }) => key !== '');
  const only = { name: DEFAULT_KEY, key: api_key ?? '', weight: 1 };
  return (given.length === 0 ? [only] : given).map(({ name, key, weight = 1 }) => {
    const account = accountOf(type, baseUrl, secretsOfProvider({ ...rest, api_key: key }), egress);
    return { name, key, weight, account };
  });
}

function fillModel(name: string, model: ModelInput, input: ConfigInput): ModelConfig {
  return {
    name,
    keepAliveAfterMs: model.keep_alive_after ?? null,
    aliases: model.aliases ?? [],
    defaults: Object.entries(model.defaults ?? {}).map(([parameter, value]) => {
      return { name: parameter, json: JSON.stringify(value) };
    }),
    drop: model.drop ?? [],
    fallbacks: { context: model.fallbacks?.context ?? [] },
    balance: model.balance ?? 'order',
    sessions: model.sessions ?? 'auto',
    targets: leveled(model).map(({ target, level }) => ({
      provider: target.provider,
      model: target.model,
      maxTokens: target.max_tokens ?? null,
      level,
      weight: target.weight ?? 1,
      ...(model.hosted_tools === 'drop' ? { dropsTools: true } : {}),
      ...priceOf(target.price ?? model.price),
      timeouts: fillTimeouts(
        input.timeouts,
        input.providers[target.provider]?.timeouts,
        model.timeouts,
        target.timeouts,
      ),
    })),
  };
}

type ModelInput = ConfigInput['models'][string];
type TargetInput = Exclude<ModelInput['targets'][number], readonly unknown[]>;

function priceOf(price: ModelInput['price']): Partial<Pick<TargetConfig, 'price'>> {
  return price === undefined ? {} : { price: tableFrom(price) };
}

/** The targets with their levels. A nested list is one; of the others, each is one if they are only ordered, else each row. */
function leveled({
  targets,
  balance = 'order',
}: ModelInput): { readonly target: TargetInput; readonly level: number }[] {
  let level = -1;
  let isRow = false;
  return targets.flatMap((entry) => {
    const isNested = Array.isArray(entry);
    if (isNested || !isRow || balance === 'order') level += 1;
    isRow = !isNested;
    return (isNested ? entry : [entry]).map((target) => ({ target, level }));
  });
}

function fillTimeouts(...layers: readonly ConfigInput['timeouts'][]): ProviderConfig['timeouts'] {
  const timeouts = inherit(full.timeouts, ...layers);
  return {
    connectMs: timeouts.connect,
    headersMs: timeouts.headers,
    firstContentMs: timeouts.first_content,
    moveOnMs: timeouts.move_on,
    stallMs: timeouts.stall,
    totalMs: timeouts.total,
    maxStreamMs: timeouts.max_stream,
  };
}

/** Some keys of a block. An undefined key counts as not given. */
type Layer<Block> = { readonly [Key in keyof Block]?: Block[Key] | undefined };

/** All keys of `base`, each with the value of the last layer that gives it. */
function inherit<Block extends object>(base: Block, ...layers: readonly (Layer<Block> | undefined)[]): Block {
  const result = { ...base };
  for (const key of Object.keys(base) as (keyof Block)[]) {
    for (const layer of layers) {
      const value = layer?.[key];
      if (value !== undefined) result[key] = value;
    }
  }
  return result;
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  convert: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value, name)]));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
