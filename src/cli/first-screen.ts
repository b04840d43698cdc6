/**
 * The lines that `serve` prints on a terminal: at most 12 with the log lines. The last line is a curl command that
 * works as pasted. Pure.
 */
import type { Config } from '../shared/config.ts';
import { baseAddress } from '../shared/egress/base-address.ts';
import { isPattern, upstreamName } from '../shared/model-names.ts';
import { counted } from './counted.ts';
import { callableUrl } from './urls.ts';

interface FirstScreen {
  readonly version: string;
  /** The configuration's source in words. */
  readonly source: string;
  readonly config: Config;
  /** The ports in use: not 0, even if 0 is configured. */
  readonly port: number;
  readonly adminPort: number;
  /** The ports of the demo's providers; null if this is no demo. */
  readonly demo: { readonly openaiPort: number; readonly anthropicPort: number } | null;
}

const MAX_NAMES = 6;

/** The lines to print. */
export function firstScreen({ version, source, config, port, adminPort, demo }: FirstScreen): string[] {
  const { server, admin, workers, providers, models } = config;
  const url = callableUrl(server.host, port, server.tls);
  const lines = [
    `headgate ${version}, configured by ${source}`,
    `  gateway    ${url}  (${counted(workers, 'worker')})`,
    `  admin      ${callableUrl(admin.host, adminPort, admin.tls)}  (status page, /metrics)`,
    `  providers  ${listed(Object.values(providers).map(({ name, baseUrl }) => `${name} ${hostOf(baseUrl)}`))}`,
    `  models     ${listed(Object.keys(models))}`,
  ];
  if (demo !== null) {
    const fault = `curl -X PUT http://127.0.0.1:${demo.openaiPort}/_mock/fault -d '{"kind":"status","status":500}'`;
    const hint = 'These providers are fakes and need no key. To see a failover, break one (-X DELETE repairs it):';
    lines.push(hint, fault);
  }
  const key = server.keys.length > 0 ? ` -H "authorization: Bearer $HEADGATE_KEY"` : '';
  lines.push(
    key === '' ? 'To send a first request:' : 'To send a first request, with one of server.keys in $HEADGATE_KEY:',
  );
  const names = Object.keys(models);
  const model = names.find((name) => !isPattern(name)) ?? upstreamName(names[0] ?? '', 'MODEL');
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  lines.push(
    `curl ${tlsFlags(server.tls)}${url}/v1/chat/completions -H 'content-type: application/json'${key} -d '${body}'`,
  );
  return lines;
}

/** On this host its certificate is known to be the gateway's own, whatever name it is for. */
function tlsFlags(tls: Config['server']['tls']): string {
  if (tls === undefined) return '';
  return tls.clientCa === null ? '-k ' : '-k --cert "$CLIENT_CERT" --key "$CLIENT_KEY" ';
}

/** With a port that is not the scheme's own; of a socket, its path. */
function hostOf(baseUrl: string): string {
  const { origin, socketPath } = baseAddress(baseUrl);
  return socketPath ?? new URL(origin).host;
}

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
