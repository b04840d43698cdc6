/** Requests one tiny completion from a provider, to check its address, key and model name. */
import got, { RequestError } from 'got';
import { chatDialectAmong } from '../dialects/registry.ts';
import type { HubOutbound } from '../dialects/types.ts';
import { credentialsFor, pathAt, providerOf, speaks } from '../providers/registry.ts';
import { systemClock } from '../shared/clock.ts';
import type { ProviderConfig, TargetConfig } from '../shared/config.ts';
import { parseJson } from '../shared/json.ts';
import { errorMessage } from './error-message.ts';

interface LiveResult {
  readonly fine: boolean;
  /** Why the check failed; empty if it did not. Holds no key. */
  readonly message: string;
  readonly milliseconds: number;
}

const TIMEOUT_MS = 30_000;

/** Sends a request to the provider of a target. A failure of the provider never rejects. Null: it has no API for chats. */
export async function tryProvider(provider: ProviderConfig, target: TargetConfig): Promise<LiveResult | null> {
  const spoken = provider.dialects.filter((name) => speaks(provider, name, target.model));
  const dialect = chatDialectAmong(spoken);
  if (dialect === null) return null;
  const startedMs = systemClock.nowMs();
  const message = await failureOf(provider, target, dialect);
  return { fine: message === null, message: message ?? '', milliseconds: Math.round(systemClock.nowMs() - startedMs) };
}

async function failureOf(provider: ProviderConfig, target: TargetConfig, dialect: HubOutbound): Promise<string | null> {
  const { url, headers, body } = requestFor(provider, target, dialect);
  try {
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
    if (error instanceof RequestError) return `${error.code} at ${hostAndPort(provider.baseUrl)}`;
    throw error;
  }
}

/** `api.openai.com:443`: what a firewall or a resolver is asked about. */
function hostAndPort(baseUrl: string): string {
  const { protocol, hostname, port } = new URL(baseUrl);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

/** The smallest request in the dialect of chats that the provider speaks best. */
function requestFor(config: ProviderConfig, { model }: TargetConfig, dialect: HubOutbound) {
  const provider = providerOf(config.type);
  const url = `${config.baseUrl}${pathAt(provider, dialect.name, { model, stream: false, settings: config.settings })}`;
  const headers = dialect.headers.sent(false);
  const body = Buffer.from(JSON.stringify(dialect.probe(model)));
  const { apiKey, settings } = config;
  const credentials = credentialsFor(provider, config, dialect.name);
  const secrets = { apiKey, settings, fetched: null };
  const proof = credentials.authorize({ method: 'POST', url, headers, body }, secrets, systemClock.wallMs());
  return { url, headers: { ...headers, ...proof }, body };
}

/** The provider's own message, in one line of at most 200 characters. */
function explain(text: string): string {
  const body = parseJson(text);
  if (body === undefined) return 'with a body that is not JSON';
  return (errorMessage(body) ?? '').replace(/\s+/g, ' ').slice(0, 200);
}
