/**
 * Checks how providers are reached: that proxies and TLS have an effect, that certificates and keys can be read and belong
 * together, and that no header is there twice. Pure.
 */
import type { ProxyRules } from '../../shared/egress/proxy-rules.ts';
import { certificatesIn, privateKeyIn } from '../../shared/tls/pem.ts';
import type { Fault, Path } from '../source/faults.ts';
import { type Origins, wrongAt } from '../source/origins.ts';
import { faultAt, isMapping, type Mapping, mappingAt, type SourceTree } from '../source/source-tree.ts';

/** All faults of the ways to providers. */
export function checkEgress(tree: SourceTree, origins: Origins): Fault[] {
  return Object.entries(mappingAt(tree, ['providers'])).flatMap(([name, provider]) => {
    if (!isMapping(provider)) return [];
    const path = ['providers', name];
    return [
      ...checkEffect(provider, path, tree, origins),
      ...checkTls(mappingAt(tree, [...path, 'tls']), [...path, 'tls'], tree, origins),
      ...checkHeaders(mappingAt(tree, [...path, 'headers']), [...path, 'headers'], tree),
    ];
  });
}

/**
 * Faults of the environment's proxies, which are read as undici reads them. They are not shown: they may hold a password.
 *
 * @param rules null where there is none, or every provider has its own
 */
export function checkProxies(rules: ProxyRules | null): Fault[] {
  const variables = { HTTP_PROXY: rules?.http, HTTPS_PROXY: rules?.https };
  return Object.entries(variables).flatMap(([path, url]) => {
    if (!url || isProxy(url)) return [];
    const message =
      'should be the URL of an HTTP proxy such as http://proxy.example:3128, got another text (not shown)';
    const hint = 'correct it, or set "proxy: none" for the providers that need none';
    return [{ file: 'environment', line: null, col: null, path, message, hint }];
  });
}

function isProxy(url: string): boolean {
  const { protocol, username = '', password = '' } = URL.parse(url) ?? {};
  try {
    return (protocol === 'http:' || protocol === 'https:') && decodeURIComponent(username + password) !== null;
  } catch {
    // A percent sign that escapes nothing.
    return false;
  }
}

function checkEffect(provider: Mapping, path: Path, tree: SourceTree, origins: Origins): Fault[] {
  const { base_url: baseUrl, proxy } = provider;
  if (typeof baseUrl !== 'string') return [];
  const isUnix = baseUrl.startsWith('unix:');
  const isProxied = typeof proxy === 'string' && proxy !== '' && proxy !== 'none';
  const faults: Fault[] = [];
  if (isUnix && isProxied) {
    faults.push(wrongAt(tree, [...path, 'proxy'], 'left out: a socket of this host is reached by no proxy', origins));
  }
  const why = isUnix ? 'no TLS is spoken on a Unix socket' : 'no TLS is spoken at an address with http://';
  const hasTls = isMapping(provider.tls) && Object.values(provider.tls).some((value) => value !== '');
  if (hasTls && !/^https:/i.test(baseUrl)) {
    faults.push(faultAt(tree.places.ofKey([...path, 'tls']), [...path, 'tls'], `should be left out: ${why}`));
  }
  return faults;
}

function checkTls(tls: Mapping, path: Path, tree: SourceTree, origins: Origins): Fault[] {
  const text = (key: string) => (typeof tls[key] === 'string' && tls[key].trim() !== '' ? tls[key] : null);
  const [ca, cert, key] = [text('ca'), text('cert'), text('key')];
  const faults: Fault[] = [];
  const wrong = (at: string, expected: string) => faults.push(wrongAt(tree, [...path, at], expected, origins));
  if (ca !== null && certificatesIn(ca) === null) wrong('ca', 'certificates that can be read');
  const chain = cert === null ? null : certificatesIn(cert);
  if (cert !== null && chain === null) wrong('cert', 'certificates that can be read');
  const secret = key === null ? null : privateKeyIn(key);
  if (key !== null && secret === null) wrong('key', 'a private key that can be read, without a passphrase');
  // A reference without a value has its own fault.
  if (cert !== null && !('key' in tls && tls.key === undefined) && key === null) wrong('key', 'the key of tls.cert');
  if (key !== null && !('cert' in tls && tls.cert === undefined) && cert === null)
    wrong('cert', 'the certificate of tls.key');
  if (chain?.[0] !== undefined && secret !== null && !chain[0].checkPrivateKey(secret)) {
    wrong('key', 'the key of the first certificate of tls.cert');
  }
  return faults;
}

/** Names of headers have no case, but those of YAML do. */
function checkHeaders(headers: Mapping, path: Path, tree: SourceTree): Fault[] {
  const names = Object.keys(headers);
  return names.flatMap((name, index) => {
    const first = names.findIndex((other) => other.toLowerCase() === name.toLowerCase());
    if (first === index) return [];
    const at = [...path, name];
    return [faultAt(tree.places.ofKey(at), at, `should be another header, got the same as ${names[first]}`)];
  });
}
