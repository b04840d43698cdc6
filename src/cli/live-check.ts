/** Requests one tiny completion from a provider, to check its address, key and model name. */
import got, { RequestError } from 'got';
import { chatDialectAmong } from '../dialects/registry.ts';
import type { HubOutbound } from '../dialects/types.ts';
import { CredentialsError } from '../providers/credentials/fetching.ts';
import type { FetchedValues } from '../providers/credentials/types.ts';
import { credentialsFetcher } from '../providers/fetch-credentials.ts';
import { credentialsFor, pathAt, providerOf, speaks } from '../providers/registry.ts';
import { wantedCredentials } from '../providers/wanted-credentials.ts';
import { systemClock } from '../shared/clock.ts';
import type { ProviderConfig, ProviderKey, TargetConfig } from '../shared/config.ts';
import { parseJson } from '../shared/json.ts';
import { errorMessage } from './error-message.ts';

interface LiveResult {
  readonly fine: boolean;
  /** Why the check failed; empty if it did not. Holds no key. */
  readonly message: string;
  readonly milliseconds: number;
}

const TIMEOUT_MS = 30_000;

/**
 * Sends a request to the provider of a target, with one of its keys. A failure of the provider or of its
 * credentials never rejects. Null: it has no API for chats.
 */
export async function tryProvider(
  provider: ProviderConfig,
  key: ProviderKey,
  target: TargetConfig,
): Promise<LiveResult | null> {
  const spoken = provider.dialects.filter((name) => speaks(provider, name, target.model));
  const dialect = chatDialectAmong(spoken);
  if (dialect === null) return null;
  const startedMs = systemClock.nowMs();
  const message = await failureOf(provider, key, target, dialect);
  return { fine: message === null, message: message ?? '', milliseconds: Math.round(systemClock.nowMs() - startedMs) };
}

async function failureOf(
  provider: ProviderConfig,
  key: ProviderKey,
  target: TargetConfig,
  dialect: HubOutbound,
): Promise<string | null> {
  try {
    const fetched = await fetchedFor(provider);
    const { url, headers, body } = requestFor(provider, key, target, dialect, fetched);
    const response = await got.post(url, {
      headers,
      body,
      retry: { limit: 0 },
      timeout: { request: TIMEOUT_MS, connect: provider.timeouts.connectMs },
      followRedirect: false,
      throwHttpErrors: false,
    });
    return response.statusCode === 200 ? null : `${response.statusCode} ${explain(response.body)}`.trimEnd();
  } catch (error) {
    if (error instanceof CredentialsError) return `without credentials: ${error.message}`;
    if (error instanceof RequestError) return `${error.code} at ${hostAndPort(provider.baseUrl)}`;
    throw error;
  }
}

/** What a provider's requests need and is fetched; null for nothing. */
async function fetchedFor(provider: ProviderConfig): Promise<FetchedValues | null> {
  const [wanted] = wantedCredentials([provider]);
  return wanted === undefined ? null : (await credentialsFetcher(systemClock)(wanted)).values;
}

/** `api.openai.com:443`: what a firewall or a resolver is asked about. */
function hostAndPort(baseUrl: string): string {
  const { protocol, hostname, port } = new URL(baseUrl);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
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
  const url = `${config.baseUrl}${pathAt(provider, dialect.name, { model, stream: false, settings: config.settings })}`;
  const headers = dialect.headers.sent(false);
  const body = Buffer.from(JSON.stringify(dialect.probe(model)));
  const secrets = { apiKey, settings: config.settings, fetched };
  const credentials = credentialsFor(provider, secrets, dialect.name);
  const proof = credentials.authorize({ method: 'POST', url, headers, body }, secrets, systemClock.wallMs());
  return { url, headers: { ...headers, ...proof }, body };
}

/** The provider's own message, in one line of at most 200 characters. */
function explain(text: string): string {
  const body = parseJson(text);
  if (body === undefined) return 'with a body that is not JSON';
  return (errorMessage(body) ?? '').replace(/\s+/g, ' ').slice(0, 200);
}
