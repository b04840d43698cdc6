/**
 * Requests of commands to a provider: with its credentials, its headers, and by its way, as the gateway's own are made. Each
 * is sent once, and a redirection is not followed.
 */
import got from 'got';
import type { TargetDialect } from '../dialects/types.ts';
import { credentialsFetcher } from '../providers/fetch-credentials.ts';
import { credentialsFor, providerOf } from '../providers/registry.ts';
import { wantedCredentials } from '../providers/wanted-credentials.ts';
import { systemClock } from '../shared/clock.ts';
import type { ProviderConfig } from '../shared/config.ts';
import { providerAgents } from '../shared/egress/agents.ts';

/** For a whole exchange. */
const TIMEOUT_MS = 30_000;

interface ProviderQuestion {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Its headers are sent, and it may decide on the credentials. */
  readonly dialect: Pick<TargetDialect, 'name' | 'headers'>;
  /** Empty for none. */
  readonly apiKey: string;
  /** Empty with GET. */
  readonly body: Buffer;
  /** To connect. */
  readonly connectMs: number;
}

/** An answer of any status. */
interface ProviderAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Rejects with a `CredentialsError` if none could be fetched, with got's `RequestError` if there is no answer. */
export async function askProvider(
  provider: ProviderConfig,
  { method, url, dialect, apiKey, body, connectMs }: ProviderQuestion,
): Promise<ProviderAnswer> {
  const { type, settings } = provider;
  const [wanted] = wantedCredentials([provider]);
  const fetched = wanted === undefined ? null : (await credentialsFetcher(systemClock)(wanted)).values;
  const secrets = { apiKey, settings, fetched };
  const headers = { ...dialect.headers.sent(false), ...provider.headers };
  const credentials = credentialsFor(providerOf(type), secrets, dialect.name);
  const proof = credentials.authorize({ method, url, headers, body }, secrets, systemClock.wallMs());
  const answer = await got(url, {
    method,
    headers: { ...headers, ...proof },
    ...(body.length === 0 ? {} : { body }),
    agent: providerAgents(provider, new URL(url)),
    responseType: 'buffer',
    retry: { limit: 0 },
    timeout: { request: TIMEOUT_MS, connect: connectMs },
    followRedirect: false,
    throwHttpErrors: false,
  });
  return { status: answer.statusCode, body: Buffer.from(answer.body) };
}
