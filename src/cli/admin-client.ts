/** Calls the admin server of a running gateway. Its errors name the cure. */
import { type Listeners, loadListeners } from '../config/load.ts';
import type { ConfigSource } from '../config/source/load-source.ts';
import { pause } from '../shared/clock.ts';
import { isOfCertificate } from '../shared/egress/connect-fault.ts';
import { ASKER_HEADER } from '../shared/http/asker.ts';
import { parseJson } from '../shared/json.ts';
import { type ConfigFlags, describeSource, loadOptions, runningSource } from './config-options.ts';
import { askHealth } from './data-port.ts';
import { errorMessage } from './error-message.ts';
import { CommandError, exitCodes } from './failures.ts';
import { agentFor, shownCertificate } from './own-certificate.ts';
import { callableUrl } from './urls.ts';

/** Long enough for a busy primary. A roll has no limit: it takes as long as the open requests. */
const CALL_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** After this time a gateway has taken up what is new in its certificate's files. */
const RENEWAL_MS = 6_000;

/** A client for the admin server that the flags select. */
export function adminClient(flags: ConfigFlags): AdminClient {
  const source = runningSource(flags);
  return new AdminClient(loadListeners(loadOptions(source, flags)), describeSource(source), guessedFrom(source, flags));
}

/** Why the address is only a guess: no file was found, as in a wrong folder; an empty text if it is none. */
function guessedFrom(source: ConfigSource, { adminPort }: ConfigFlags): string {
  if (source.kind === 'file' || adminPort !== undefined) return '';
  const port = source.kind === 'demo' ? "the demo's port" : 'the default port';
  return ` (no headgate.yaml in ${process.cwd()}, so ${port}; use --config or --admin-port)`;
}

export class AdminClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  /** Trusts the certificate of the admin port. */
  readonly #agent: ReturnType<typeof agentFor>;
  readonly #gateway: Listeners['gateway'];
  /** URL of the data port; null if it is not known. */
  readonly #dataUrl: string | null;
  /** Where the address and the token come from, for messages. */
  readonly #source: string;
  readonly #guessed: string;

  /** @param guessed why the address is only a guess, for messages */
  constructor({ admin, gateway, stateFolder }: Listeners, source: string, guessed = '') {
    this.#url = callableUrl(admin.host, admin.port, admin.tls);
    this.#agent = agentFor(admin.tls, shownCertificate(stateFolder));
    this.#gateway = gateway;
    const authorization = admin.token === null ? {} : { authorization: `Bearer ${admin.token}` };
    this.#headers = { [ASKER_HEADER]: 'command', ...authorization };
    this.#dataUrl =
      gateway === null || gateway.port === 0 ? null : callableUrl(gateway.host, gateway.port, gateway.tls);
    this.#source = source;
    this.#guessed = guessed;
  }

  /** The gateway that the configuration is for: its source in words, and its data port; 0 or null: not known. */
  get meant(): { readonly source: string; readonly port: number | null } {
    return { source: this.#source, port: this.#gateway?.port ?? null };
  }

  get(path: string): Promise<unknown> {
    return this.#call('GET', path, CALL_TIMEOUT_MS);
  }

  /** Waits for the answer without limit, unless `timeoutMs` is given. */
  post(path: string, timeoutMs?: number): Promise<unknown> {
    return this.#call('POST', path, timeoutMs);
  }

  /** The lines of a streamed answer as they arrive, until the server ends it. Throws `CommandError` if it breaks. */
  async *lines(path: string): AsyncGenerator<string> {
    const { default: got } = await import('got');
    const answer = got.stream(`${this.#url}${path}`, {
      headers: this.#headers,
      agent: this.#agent,
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

  /** The answer's JSON. Throws `CommandError` if the answer is no 2xx with JSON. */
  async #call(method: 'GET' | 'POST', path: string, timeoutMs: number | undefined): Promise<unknown> {
    // Imported here, so that commands without calls do not load an HTTP client.
    const { default: got, RequestError } = await import('got');
    const call = () =>
      got(`${this.#url}${path}`, {
        method,
        headers: this.#headers,
        agent: this.#agent,
        retry: { limit: 0 },
        timeout: { connect: CONNECT_TIMEOUT_MS, ...(timeoutMs === undefined ? {} : { request: timeoutMs }) },
        followRedirect: false,
        throwHttpErrors: false,
      });
    const response = await call()
      .catch(async (error: unknown) => {
        if (!(error instanceof RequestError) || !isOfCertificate(error.code)) throw error;
        // The file has been renewed a moment ago, and the gateway looks at it soon.
        await pause(RENEWAL_MS);
        return call();
      })
      .catch(async (error: unknown) => {
        throw await this.#unreached(path, error);
      });
    const body = parseJson(response.body);
    if (response.statusCode >= 200 && response.statusCode < 300 && body !== undefined) return body;
    throw this.#refused(response.statusCode, body);
  }

  /** A `CommandError` that explains why there was no whole answer. Errors of other kinds are returned unchanged. */
  async #unreached(path: string, error: unknown): Promise<unknown> {
    const { RequestError } = await import('got');
    if (!(error instanceof RequestError)) return error;
    if (error.code !== 'ECONNREFUSED')
      return new CommandError(`${this.#url}${path} failed: ${error.code}${cureOf(error.code)}`);
    return new CommandError(`nothing answers at ${this.#url}${this.#guessed}${await this.#dataPort()}`);
  }

  /** What the data port shows when no primary answers: workers outlive their primary for a while. */
  async #dataPort(): Promise<string> {
    const health = this.#dataUrl === null ? null : await askHealth(this.#dataUrl, this.#dataAgent());
    if (health === null) return ': is headgate running?';
    const doing = health === 'ok' ? 'still serve' : 'still finish their requests';
    const cure =
      'if the admin port is a different one, use --admin-port; else the primary is gone: start it again within a minute';
    return `, but workers ${doing} at ${this.#dataUrl}: ${cure}`;
  }

  /** It says only whether somebody answers there: a certificate that cannot be read is another matter. */
  #dataAgent(): ReturnType<typeof agentFor> {
    try {
      return agentFor(this.#gateway?.tls);
    } catch (error) {
      if (error instanceof CommandError) return {};
      throw error;
    }
  }

  #refused(status: number, body: unknown): CommandError {
    const message = errorMessage(body);
    if (status === 401) {
      const given = 'authorization' in this.#headers ? `than ${this.#source} gives` : `and ${this.#source} gives none`;
      const what = 'authorization' in this.#headers ? 'another admin token ' : 'an admin token, ';
      const variable = 'the variable of admin.token (usually HEADGATE_ADMIN_TOKEN)';
      const cure = `set ${variable} to the value that the gateway has, or name the gateway's file with --config`;
      return new CommandError(`${this.#url} requires ${what}${given}: ${cure}`);
    }
    if (message === null) {
      return new CommandError(
        `${this.#url} answers ${status}, but not like headgate: does another program use this port?`,
      );
    }
    if (status === 422) {
      // Lines of the file stand indented below the fault that they are about.
      const problems = message.split('\n').filter((line) => !line.startsWith(' '));
      return new CommandError(`refused, and nothing has changed:\n${message}`, exitCodes.badConfig, problems);
    }
    return new CommandError(message);
  }
}

/** What may be wrong where TLS is, in a few words. */
function cureOf(code: string): string {
  if (code === 'EPROTO' || code === 'ECONNRESET') return ' (is TLS of the admin port as in this configuration?)';
  return isOfCertificate(code) ? ' (the gateway shows another certificate than the file of admin.tls.cert)' : '';
}
