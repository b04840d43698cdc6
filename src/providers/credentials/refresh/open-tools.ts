/**
 * The outside world for those who fetch credentials: variables, files, HTTP. The only file here that touches it. `got` is
 * loaded with the first request, since most workers never make one.
 */
import { readFile } from 'node:fs/promises';
import { proxyAgents } from '../../../shared/egress/agents.ts';
import type { ProxyRules } from '../../../shared/egress/proxy-rules.ts';
import { systemCode } from '../../../shared/host/system-code.ts';
import { shownPath } from '../../../shared/secrets/pasted-key.ts';
import { type Answer, CredentialsError, type FetchTools, type Question } from '../fetching.ts';

/** Of one request, with its connection. */
const FAR_MS = 10_000;
const NEAR_MS = 2_000;
const MAX_FILE_CHARACTERS = 256 * 1024;

/** @param nowMs since 1970 @param proxy through which requests go, but for those to the host's own network; absent without one */
export function openTools(nowMs: () => number, proxy?: ProxyRules): FetchTools {
  return {
    variable: (name) => process.env[name] || null,
    nowMs,
    readFile: readIfThere,
    ask: (question) => ask(question, proxy),
  };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_FILE_CHARACTERS)
      throw new CredentialsError(`${shownPath(path)} is too large for credentials`);
    return text;
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    if (code === 'ENOENT') return null;
    throw new CredentialsError(`${shownPath(path)} cannot be read (${code})`);
  }
}

async function ask(question: Question, proxy: ProxyRules | undefined): Promise<Answer> {
  const { method, url, headers = {}, form, near = false } = question;
  const { default: got, RequestError } = await import('got');
  try {
    const response = await got(url, {
      method,
      headers: { 'user-agent': 'headgate', ...headers },
      ...(form === undefined ? {} : { form }),
      agent: proxyAgents(near ? undefined : proxy, new URL(url)),
      retry: { limit: 0 },
      timeout: { request: near ? NEAR_MS : FAR_MS },
      followRedirect: false,
      throwHttpErrors: false,
    });
    const date = Date.parse(response.headers.date ?? '');
    return { status: response.statusCode, body: response.body, dateMs: Number.isNaN(date) ? null : date };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    // Without its query, which may name an account.
    throw new CredentialsError(`${url.replace(/\?.*/, '')} does not answer (${error.code})`);
  }
}
