/**
 * Checks the two listeners: who may reach them, and that they fit together. The tree may be invalid; values that this
 * file cannot read are skipped. Pure.
 */
import { addressOf, providers } from '../../providers/registry.ts';
import { isLoopback } from '../../shared/host/loopback.ts';
import { defaults } from '../schema/defaults.ts';
import { settingsOf } from '../schema/provider-settings.ts';
import { parseSize } from '../schema/quantities.ts';
import type { Fault } from '../source/faults.ts';
import { type Origins, wrongAt } from '../source/origins.ts';
import { isMapping, mappingAt, type SourceTree, valueAt } from '../source/source-tree.ts';

/** Faults of `server` and `admin`. */
export function checkListeners(tree: SourceTree, origins: Origins): Fault[] {
  const server = { ...defaults.server, ...mappingAt(tree, ['server']) };
  const admin = { ...defaults.admin, ...mappingAt(tree, ['admin']) };
  const faults: Fault[] = [];

  const keys: readonly unknown[] = Array.isArray(server.keys) ? server.keys : [];
  if (isOffLoopback(server.host) && !keys.some((key) => key !== '') && server.open !== true) {
    const expected = 'a loopback address while server.keys is empty and server.open is not true';
    faults.push(wrongAt(tree, ['server', 'host'], expected, origins));
  }
  if (isOffLoopback(admin.host) && (admin.token === '' || admin.token === null)) {
    faults.push(wrongAt(tree, ['admin', 'host'], 'a loopback address while admin.token is empty', origins));
  }

  const overlap = server.host === admin.host || isAnyAddress(server.host) || isAnyAddress(admin.host);
  if (overlap && server.port === admin.port && server.port !== 0) {
    const given = valueAt(tree.value, ['admin', 'port']) === undefined ? 'server' : 'admin';
    faults.push(
      wrongAt(tree, [given, 'port'], 'another port, since the data port and the admin port must differ', origins),
    );
  }

  const maxBody = readSize(server.max_body);
  const maxBuffered = readSize(server.max_buffered);
  if (maxBody !== null && maxBuffered !== null && maxBuffered < maxBody) {
    const given = valueAt(tree.value, ['server', 'max_buffered']) === undefined ? 'max_body' : 'max_buffered';
    const expected = given === 'max_body' ? 'at most server.max_buffered' : 'at least server.max_body';
    faults.push(wrongAt(tree, ['server', given], expected, origins));
  }
  return faults;
}

/** Faults of addresses of providers at which the gateway itself would listen: it would ask itself without end. */
export function checkOwnAddress(tree: SourceTree, origins: Origins): Fault[] {
  const { host, port } = { ...defaults.server, ...mappingAt(tree, ['server']) };
  return Object.entries(mappingAt(tree, ['providers'])).flatMap(([name, provider]) => {
    const known = isMapping(provider) ? providers.find(({ type }) => type === provider.type) : undefined;
    if (!isMapping(provider) || known === undefined) return [];
    const given = provider.base_url ?? addressOf(known, settingsOf(provider));
    const url = typeof given === 'string' ? URL.parse(given) : null;
    if (url === null || !isSame(url, host, port)) return [];
    const expected = "another address than the gateway's own (or server.port another one)";
    return [wrongAt(tree, ['providers', name, 'base_url'], expected, origins)];
  });
}

function isSame({ protocol, hostname, port }: URL, host: unknown, own: unknown): boolean {
  if (Number(port || (protocol === 'https:' ? 443 : 80)) !== own || typeof host !== 'string') return false;
  const asked = hostname.replace(/^\[(.*)\]$/, '$1');
  if (!isLoopback(asked)) return false;
  return isAnyAddress(host) || asked === host || (isLoopback(host) && [asked, host].includes('localhost'));
}

function isOffLoopback(host: unknown): boolean {
  return typeof host === 'string' && host !== '' && !isLoopback(host);
}

function isAnyAddress(host: unknown): boolean {
  return host === '0.0.0.0' || host === '::';
}

function readSize(value: unknown): number | null {
  return typeof value === 'string' ? parseSize(value) : null;
}
