/** The rows of the table: ways to put a proxy before an upstream. */
import { fileURLToPath } from 'node:url';
import { freePort } from '../../processes/free-port.ts';
import { type ScriptOptions, startOnOwnPort } from '../../processes/program.ts';
import { type RunningGateway, startGateway } from '../../rig/gateway.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { startNginx } from '../upstream/nginx.ts';

/** A proxy that serves. */
export interface RunningProxy {
  readonly port: number;
  /** Pids of the processes that carry requests. */
  readonly serving: readonly number[];
  /** Pid of the process that supervises them; null if there is none. */
  readonly primary: number | null;
  readonly bootMs: number;
  /** The gateway itself, if it is ours. */
  readonly gateway: RunningGateway | null;
  /** Headers that its requests must carry. */
  readonly headers: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

/** A row of the table, and how to start its proxy. */
export interface ProxyKind {
  readonly name: string;
  start(upstreamPort: number): Promise<RunningProxy>;
}

const barePath = fileURLToPath(new URL('bare.ts', import.meta.url));

/** The yardstick, with options for its process. */
export function bareWith(options: ScriptOptions): ProxyKind {
  return {
    name: 'bare node:http + undici',
    async start(upstreamPort) {
      const { pid, ...program } = await startOnOwnPort(barePath, [String(upstreamPort)], options);
      return { ...program, serving: [pid], primary: null, gateway: null, headers: {} };
    },
  };
}

/** The yardstick: all ratios are relative to it. */
export const bare: ProxyKind = bareWith({});

/** The limit: a proxy in C. Its buffers are off, so that it passes on each chunk of a stream immediately. */
export const nginx: ProxyKind = {
  name: 'nginx proxy_pass',
  async start(upstreamPort) {
    const serve = (port: number) => `upstream behind { server 127.0.0.1:${upstreamPort}; keepalive 1024; }
      server { listen 127.0.0.1:${port}; location / { proxy_pass http://behind; proxy_http_version 1.1;
        proxy_buffering off; proxy_request_buffering off; proxy_set_header Connection ""; } }`;
    const { pids, ...running } = await startNginx(serve);
    return { ...running, serving: pids, primary: null, gateway: null, headers: {} };
  },
};

interface HeadgateOptions {
  readonly workers: number;
  /** Whether it logs, at `info` and to a file. Default true. */
  readonly logs?: boolean;
  /** Flags of Node for all its processes. */
  readonly nodeOptions?: readonly string[];
  /** Default: only `gpt-4`. */
  readonly models?: readonly string[];
  /** The command's script of another version. Default: that of this checkout. */
  readonly program?: string;
}

/** The built gateway with its default features. */
export function headgate(name: string, options: HeadgateOptions): ProxyKind {
  const { workers, logs = true, nodeOptions = [], models = ['gpt-4'], program } = options;
  return {
    name,
    async start(upstreamPort) {
      // Without a log the ports cannot be read from it, so they are chosen here.
      const ports = logs ? undefined : { port: await freePort(), adminPort: await freePort() };
      const config = oneProviderConfig(upstreamPort, workers, {
        server: { port: ports?.port ?? 0 },
        admin: { port: ports?.adminPort ?? 0 },
        log: { level: logs ? 'info' : 'silent' },
        models: Object.fromEntries(models.map((model) => [model, { targets: [{ provider: 'openai', model }] }])),
      });
      const started = { built: true, nodeOptions, ...(ports && { ports }), ...(program && { program }) };
      const gateway = await startGateway(config, started);
      const serving = (await gateway.status()).workers.map(({ pid }) => pid);
      const { port, pid: primary, bootMs } = gateway;
      return { port, serving, primary, bootMs, gateway, headers: {}, end: () => gateway.end() };
    },
  };
}

/** No proxy: the base for what the others add. */
export const direct: ProxyKind = {
  name: 'direct',
  async start(upstreamPort) {
    const end = async () => undefined;
    return { port: upstreamPort, serving: [], primary: null, bootMs: 0, gateway: null, headers: {}, end };
  },
};
