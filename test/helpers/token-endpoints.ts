/**
 * The places where credentials are fetched, on loopback: the Security Token Service and the metadata services of AWS,
 * OAuth endpoints of Google and Microsoft, and their metadata servers. Each answer has values of its own, by a number.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AskedToken {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly form: Readonly<Record<string, string>>;
}

/** Running endpoints, and how they answer. */
export class TokenEndpoints {
  readonly asked: AskedToken[] = [];
  /** Of what is given out. */
  lifeSeconds = 3600;
  /** By how much their clock is ahead of this host's. */
  aheadMs = 0;
  /** Instead of a token; null: they work. */
  failure: { readonly status: number; readonly body: string } | null = null;
  /** While it is there, answers wait for it. */
  held: Promise<void> | null = null;
  origin = '';
  readonly #server: http.Server;

  private constructor() {
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
  }

  /** Starts them, all on one port. */
  static async start(): Promise<TokenEndpoints> {
    const endpoints = new TokenEndpoints();
    endpoints.#server.listen(0, '127.0.0.1');
    await once(endpoints.#server, 'listening');
    endpoints.origin = `http://127.0.0.1:${(endpoints.#server.address() as AddressInfo).port}`;
    return endpoints;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = await request.toArray();
    const { method = '', url = '', headers } = request;
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    this.asked.push({ method, path: url, headers, form });
    await this.held;
    response.setHeader('date', new Date(Date.now() + this.aheadMs).toUTCString());
    const { status, body } = this.failure ?? this.#found(url, form, this.asked.length);
    response.writeHead(status).end(body);
  }

  #found(url: string, form: AskedToken['form'], number: number): { readonly status: number; readonly body: string } {
    const ends = new Date(Date.now() + this.aheadMs + this.lifeSeconds * 1000).toISOString();
    const key = {
      AccessKeyId: `AKIDFETCHED${number}`,
      SecretAccessKey: `secret-key-${number}`,
      Token: `session-token-${number}`,
      Expiration: ends,
    };
    const json = (value: unknown) => ({ status: 200, body: JSON.stringify(value) });
    if (form.Action !== undefined) return { status: 200, body: stsAnswer(form.Action, key) };
    if (url === '/latest/api/token') return { status: 200, body: 'instance-token' };
    if (url === '/latest/meta-data/iam/security-credentials/') return { status: 200, body: 'a-role' };
    if (url.startsWith('/latest/meta-data/iam/') || url.startsWith('/container')) return json(key);
    if (url.startsWith('/metadata/identity') || url.startsWith('/msi')) {
      const expiresOn = Math.floor(Date.parse(ends) / 1000);
      return json({ access_token: `managed-token-${number}`, expires_on: String(expiresOn), token_type: 'Bearer' });
    }
    if (!/token/.test(url)) return { status: 404, body: '' };
    return json({ access_token: `bearer-token-${number}`, expires_in: this.lifeSeconds, token_type: 'Bearer' });
  }
}

function stsAnswer(action: string, { Token, ...key }: Readonly<Record<string, string>>): string {
  const fields = Object.entries({ ...key, SessionToken: Token }).map(([name, value]) => `<${name}>${value}</${name}>`);
  const credentials = `<Credentials>${fields.join('')}</Credentials>`;
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${credentials}</${action}Result></${action}Response>`;
}
