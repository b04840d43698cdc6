/**
 * The two forms of a base URL: `https://host:port/prefix`, and `unix:/path/to.sock:/prefix` for a server of this host
 * that listens on a Unix socket. Pure.
 */

/** Where a base URL leads to. */
export interface BaseAddress {
  /** Scheme, host and port; of a Unix socket `http://localhost`, as its server sees it in `Host`. */
  readonly origin: string;
  /** Before the path of each request, without a trailing slash. */
  readonly prefix: string;
  /** An absolute path; null for a host. */
  readonly socketPath: string | null;
}

/** The path of the socket ends at the first colon, behind which the prefix stands. */
const unixForm = /^unix:(\/[^:]*)(?::(\/.*))?$/;

/** Throws a `TypeError` for what is neither form, which no checked configuration has. */
export function baseAddress(baseUrl: string): BaseAddress {
  const unix = unixForm.exec(baseUrl);
  if (unix === null) {
    const { origin, pathname } = new URL(baseUrl);
    return { origin, prefix: withoutSlash(pathname), socketPath: null };
  }
  const [, socketPath = '', prefix = ''] = unix;
  return { origin: 'http://localhost', prefix: withoutSlash(prefix), socketPath };
}

/** What a firewall or a resolver is asked about: `api.openai.com:443`, or the path of the socket. */
export function addressInWords(baseUrl: string): string {
  const { origin, socketPath } = baseAddress(baseUrl);
  if (socketPath !== null) return socketPath;
  const { protocol, hostname, port } = new URL(origin);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
