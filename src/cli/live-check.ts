/** Requests one tiny completion from a provider, to check its address, key and model name. */
import got, { RequestError } from 'got';
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

/** Most tokens of the answer. Reasoning models need some before any content; some models refuse lower limits. */
const TINY_LIMIT = 16;
const TIMEOUT_MS = 30_000;

/** Sends a request to the provider of a target. A failure of the provider never rejects. */
export async function tryProvider(provider: ProviderConfig, target: TargetConfig): Promise<LiveResult> {
  const startedMs = systemClock.nowMs();
  const message = await failureOf(provider, target);
  return { fine: message === null, message: message ?? '', milliseconds: Math.round(systemClock.nowMs() - startedMs) };
}

async function failureOf(provider: ProviderConfig, target: TargetConfig): Promise<string | null> {
  const { path, headers, limit } = requestFor(provider);
  try {
    const response = await got.post(`${provider.baseUrl}${path}`, {
      headers,
      json: { model: target.model, messages: [{ role: 'user', content: 'Say hi.' }], [limit]: TINY_LIMIT },
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

function requestFor({ type, apiKey }: ProviderConfig) {
  switch (type) {
    case 'openai':
      return {
        path: '/chat/completions',
        headers: apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` },
        limit: 'max_completion_tokens',
      };
    case 'anthropic':
      return {
        path: '/v1/messages',
        headers: { 'anthropic-version': '2023-06-01', ...(apiKey === '' ? {} : { 'x-api-key': apiKey }) },
        limit: 'max_tokens',
      };
    default:
      return type satisfies never;
  }
}

/** The provider's own message, in one line of at most 200 characters. */
function explain(text: string): string {
  const body = parseJson(text);
  if (body === undefined) return 'with a body that is not JSON';
  return (errorMessage(body) ?? '').replace(/\s+/g, ' ').slice(0, 200);
}
