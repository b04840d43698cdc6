/** Calls of a running gateway's admin server, with errors that say what to do. */
import { loadAdmin } from '../config/load.ts';
import type { AdminConfig } from '../config/types.ts';
import { parseJson } from '../shared/json.ts';
import { type ConfigFlags, loadOptions, runningSource } from './config-options.ts';
import { errorMessage } from './error-message.ts';
import { CommandError, exitCodes } from './failures.ts';
import { callableUrl } from './urls.ts';

/** Long enough for a primary that is busy; a roll takes as long as requests do, so it has no limit. */
const CALL_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 2_000;

/** The admin server that the flags mean. */
export function adminClient(flags: ConfigFlags): AdminClient {
  return new AdminClient(loadAdmin(loadOptions(runningSource(flags), flags)));
}

export class AdminClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ host, port, token }: AdminConfig) {
    this.#url = callableUrl(host, port);
    this.#headers = token === null ? {} : { authorization: `Bearer ${token}` };
  }

  get(path: string): Promise<unknown> {
    return this.#call('GET', path, CALL_TIMEOUT_MS);
  }

  /** Waits for the answer however long it takes, unless `timeoutMs` is given. */
  post(path: string, timeoutMs?: number): Promise<unknown> {
    return this.#call('POST', path, timeoutMs);
  }

  /** The lines of an answer that goes on, as they come, until the server ends it. Throws `CommandError` if it breaks. */
  async *lines(path: string): AsyncGenerator<string> {
    const { default: got } = await import('got');
    const answer = got.stream(`${this.#url}${path}`, {
      headers: this.#headers,
      retry: { limit: 0 },
      timeout: { connect: CONNECT_TIMEOUT_MS },
      followRedirect: false,
    });
    let rest = '';
    try {
      for await (const chunk of answer.setEncoding('utf8')) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } catch (error) {
      throw await this.#unreached(path, error);
    }
  }

  /** The answer's JSON. Throws `CommandError` for anything but a 2xx. */
  async #call(method: 'GET' | 'POST', path: string, timeoutMs: number | undefined): Promise<unknown> {
    // Commands that call nobody should not wait for an HTTP client to load.
    const { default: got } = await import('got');
    const response = await got(`${this.#url}${path}`, {
      method,
      headers: this.#headers,
      retry: { limit: 0 },
      timeout: { connect: CONNECT_TIMEOUT_MS, ...(timeoutMs === undefined ? {} : { request: timeoutMs }) },
      followRedirect: false,
      throwHttpErrors: false,
    }).catch(async (error: unknown) => {
      throw await this.#unreached(path, error);
    });
    const body = parseJson(response.body);
    if (response.statusCode >= 200 && response.statusCode < 300 && body !== undefined) return body;
    throw this.#refused(response.statusCode, body);
  }

  /** Why there was no whole answer, in words; errors that are none of the network's stay what they are. */
  async #unreached(path: string, error: unknown): Promise<unknown> {
    const { RequestError } = await import('got');
    if (!(error instanceof RequestError)) return error;
    if (error.code !== 'ECONNREFUSED') return new CommandError(`${this.#url}${path} failed: ${error.code}`);
    return new CommandError(`nothing answers at ${this.#url}: is headgate running?`);
  }

  #refused(status: number, body: unknown): CommandError {
    const message = errorMessage(body);
    if (status === 401) return new CommandError(`${this.#url} asks for another admin token than the configuration's`);
    if (message === null) return new CommandError(`${this.#url} answers ${status}, but not as headgate does`);
    if (status === 422) return new CommandError(`refused, and nothing has changed:\n${message}`, exitCodes.badConfig);
    return new CommandError(message);
  }
}
