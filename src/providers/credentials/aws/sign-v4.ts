/**
 * AWS Signature Version 4, in a header of the request. Pure. Tested against the suite of test cases that AWS publishes.
 *
 * The canonical path is encoded once more than the path that is sent, as all services but S3 want it. It is taken to have no
 * dots, doubled slashes or the like, which AWS would have normalised.
 */
import { createHmac, hash } from 'node:crypto';

/** An access key, and what its signatures are for. */
export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null for a lasting key. */
  readonly sessionToken: string | null;
  readonly region: string;
  readonly service: string;
}

interface RequestToSign {
  readonly method: string;
  /** Absolute, encoded as it is sent. */
  readonly url: string;
  /** Those that are signed besides the host, by lower-case names, with `x-amz-date`. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, in hexadecimal digits. */
  readonly digest: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** The headers that every signed request has, in lower case. @param nowMs since 1970 */
export function headersToSign({ sessionToken }: SigningKey, nowMs: number): Record<string, string> {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return { 'x-amz-date': time, ...(sessionToken === null ? {} : { 'x-amz-security-token': sessionToken }) };
}

/** The value of the header `authorization`. AWS takes it for 5 minutes from `x-amz-date` on, by its own clock. */
export function signV4(request: RequestToSign, key: SigningKey): string {
  const time = request.headers['x-amz-date'] ?? '';
  const { canonical, signedNames } = canonicalRequest(request);
  const scope = `${time.slice(0, 8)}/${key.region}/${key.service}/aws4_request`;
  const toSign = `${ALGORITHM}\n${time}\n${scope}\n${sha256(canonical)}`;
  const signature = createHmac('sha256', derivedKey(key, scope)).update(toSign).digest('hex');
  return `${ALGORITHM} Credential=${key.accessKeyId}/${scope}, SignedHeaders=${signedNames}, Signature=${signature}`;
}

/** The form of a request that is signed, and the names of the headers in it. */
export function canonicalRequest({ method, url, headers, digest }: RequestToSign): {
  readonly canonical: string;
  readonly signedNames: string;
} {
  const signed: Readonly<Record<string, string>> = { ...headers, host: new URL(url).host };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${(signed[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
  const signedNames = names.join(';');
  const { path, query } = targetOf(url);
  const canonical = [method, encodedPath(path), sortedQuery(query), lines, signedNames, digest].join('\n');
  return { canonical, signedNames };
}

/** Path and query as they stand in the URL: what `URL` makes of them may differ from what is sent. */
function targetOf(url: string): { readonly path: string; readonly query: string } {
  const [, path = '', query = ''] = /^[^:]+:\/\/[^/?]*([^?]*)\??(.*)$/.exec(url) ?? [];
  return { path: path === '' ? '/' : path, query };
}

function encodedPath(path: string): string {
  return path.split('/').map(encoded).join('/');
}

/** By name, then by value, each encoded once. */
function sortedQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [encoded(decodeURIComponent(name)), encoded(decodeURIComponent(value.join('=')))] as const;
  });
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return pairs
    .sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map((pair) => pair.join('='))
    .join('&');
}

/** All but the unreserved characters of RFC 3986. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** In hexadecimal digits. */
export function sha256(data: string | Buffer): string {
  return hash('sha256', data, 'hex');
}

/** The last one for each key: it holds for a day. */
const derived = new WeakMap<SigningKey, { readonly scope: string; readonly key: Buffer }>();

function derivedKey(signing: SigningKey, scope: string): Buffer {
  const last = derived.get(signing);
  if (last?.scope === scope) return last.key;
  const key = scope
    .split('/')
    .reduce<Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      Buffer.from(`AWS4${signing.secretAccessKey}`),
    );
  derived.set(signing, { scope, key });
  return key;
}
