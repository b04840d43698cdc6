/** Requests one tiny completion from a target, to check its address, credentials and name. */
import got, { RequestError } from 'got';
import { withoutModel } from '../dialects/codec.ts';
import { chatDialectAmong } from '../dialects/registry.ts';
import type { HubOutbound } from '../dialects/types.ts';
import { CredentialsError } from '../providers/credentials/fetching.ts';
import type { FetchedValues } from '../providers/credentials/types.ts';
import { credentialsFetcher } from '../providers/fetch-credentials.ts';
import { credentialsFor, pathAt, providerOf, speaks } from '../providers/registry.ts';
import { wantedCredentials } from '../providers/wanted-credentials.ts';
import { systemClock } from '../shared/clock.ts';
import type { ProviderConfig, ProviderKey, TargetConfig } from '../shared/config.ts';
import { providerAgents } from '../shared/egress/agents.ts';
import { baseAddress } from '../shared/egress/base-address.ts';
import { asRecord, parseJson } from '../shared/json.ts';
import { failureByError, failureByStatus, type LiveFailure, withoutCredentials, wrongForm } from './live-failure.ts';

interface LiveResult {
  /** Null: it answers. */
  readonly failure: LiveFailure | null;
  readonly milliseconds: number;
}

const TIMEOUT_MS = 30_000;

/**
 * Sends a request to a target, with one of its provider's keys. A failure of the provider or of its
 * credentials never rejects. Null: it has no API for chats.
 */
export async function tryTarget(
  provider: ProviderConfig,
  key: ProviderKey,
  target: TargetConfig,
): Promise<LiveResult | null> {
  const spoken = provider.dialects.filter((name) => speaks(provider, name, target.model));
  const dialect = chatDialectAmong(spoken);
  if (dialect === null) return null;
  const startedMs = systemClock.nowMs();
  const failure = await failureOf(provider, key, target, dialect);
  return { failure, milliseconds: Math.round(systemClock.nowMs() - startedMs) };
}

async function failureOf(
  provider: ProviderConfig,
  key: ProviderKey,
  target: TargetConfig,
  dialect: HubOutbound,
): Promise<LiveFailure | null> {
  try {
    const fetched = await fetchedFor(provider);
    const { url, headers, body } = requestFor(provider, key, target, dialect, fetched);
    const response = await got.post(url, {
      headers,
      body,
      agent: providerAgents(provider, new URL(url)),
      responseType: 'buffer',
      retry: { limit: 0 },
      timeout: { request: TIMEOUT_MS, connect: target.timeouts.connectMs },
      followRedirect: false,
      throwHttpErrors: false,
    });
    const answer = Buffer.from(response.body);
    if (response.statusCode !== 200) return failureByStatus(response.statusCode, answer, dialect, provider, target);
    return isAnswer(answer, dialect) ? null : wrongForm(provider);
  } catch (error) {
    if (error instanceof CredentialsError) return withoutCredentials(error, provider);
    if (error instanceof RequestError) return failureByError(error, provider);
    throw error;
  }
}

/** What a provider's requests need and is fetched; null for nothing. */
export async function fetchedFor(provider: ProviderConfig): Promise<FetchedValues | null> {
  const [wanted] = wantedCredentials([provider]);
  return wanted === undefined ? null : (await credentialsFetcher(systemClock)(wanted)).values;
}

function isAnswer(body: Buffer, dialect: HubOutbound): boolean {
  const tree = asRecord(parseJson(body.toString('utf8')));
  if (tree === null) return false;
  try {
    dialect.readAnswer(tree);
    return true;
  } catch {
    // Whatever a reader of answers throws, it cannot read this one.
    return false;
  }
}

/** The smallest request in the dialect of chats that the provider speaks best. */
function requestFor(
  config: ProviderConfig,
  { key: apiKey }: ProviderKey,
  { model }: TargetConfig,
  dialect: HubOutbound,
  fetched: FetchedValues | null,
) {
  const provider = providerOf(config.type);
  const { settings } = config;
  const { origin, prefix } = baseAddress(config.baseUrl);
  const url = `${origin}${prefix}${pathAt(provider, dialect.name, { model, stream: false, settings })}`;
  const headers = { ...dialect.headers.sent(false), ...config.headers };
  const instead = provider.inPlaceOfModel?.[dialect.name];
  const probe = dialect.probe(model);
  const body = Buffer.from(JSON.stringify(instead === undefined ? probe : withoutModel(probe, instead)));
  const secrets = { apiKey, settings, fetched };
  const credentials = credentialsFor(provider, secrets, dialect.name);
  const proof = credentials.authorize({ method: 'POST', url, headers, body }, secrets, systemClock.wallMs());
  return { url, headers: { ...headers, ...proof }, body };
}
