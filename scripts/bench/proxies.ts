/** What is measured: ways to put a proxy before an upstream. A row of the table is one of them. */
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/helpers/free-port.ts';
import { type GatewayUnderTest, startBuilt } from './gateway-under-test.ts';
import { type ScriptOptions, startOnOwnPort } from './program.ts';
import { startNginx } from './upstream.ts';

export interface RunningProxy {
  readonly port: number;
  /** The processes that carry requests. */
  readonly serving: readonly number[];
  /** The one that supervises them, where there is one that can be told apart. */
  readonly primary: number | null;
  readonly bootMs: number;
  /** The gateway's own means, where it is one of ours. */
  readonly gateway: GatewayUnderTest | null;
  /** What its requests must carry. */
  readonly headers: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface ProxyKind {
  readonly name: string;
  start(upstreamPort: number): Promise<RunningProxy>;
}

const barePath = fileURLToPath(new URL('bare.ts', import.meta.url));

/** The yardstick, started in a way of its own. */
export function bareWith(options: ScriptOptions): ProxyKind {
  return {
    name: 'bare node:http + undici',
    async start(upstreamPort) {
      const { pid, ...program } = await startOnOwnPort(barePath, [String(upstreamPort)], options);
      return { ...program, serving: [pid], primary: null, gateway: null, headers: {} };
    },
  };
}

/** The yardstick that all ratios are to. */
export const bare: ProxyKind = bareWith({});

/** The limit: a proxy in C. Its buffers are off, so that chunks of a stream pass as they come. */
export const nginx: ProxyKind = {
  name: 'nginx proxy_pass',
  async start(upstreamPort) {
    const serve = (port: number) => `upstream behind { server 127.0.0.1:${upstreamPort}; keepalive 1024; }
      server { listen 127.0.0.1:${port}; location / { proxy_pass http://behind; proxy_http_version 1.1;
        proxy_buffering off; proxy_request_buffering off; proxy_set_header Connection ""; } }`;
    const { port, pids, bootMs, stop } = await startNginx(serve);
    return { port, serving: pids, primary: null, bootMs, gateway: null, headers: {}, stop };
  },
};

export interface HeadgateOptions {
  readonly workers: number;
  /** Default true: at `info`, to a file. */
  readonly logs?: boolean;
  /** Flags of Node for all its processes. */
  readonly nodeOptions?: readonly string[];
  /** Default: `gpt-4` alone. */
  readonly models?: readonly string[];
}

/** The built gateway, everything on as it ships. */
export function headgate(name: string, options: HeadgateOptions): ProxyKind {
  const { workers, logs = true, nodeOptions = [], models = ['gpt-4'] } = options;
  return {
    name,
    async start(upstreamPort) {
      const ports = logs ? null : { port: await freePort(), adminPort: await freePort() };
      const gateway = await startBuilt(
        {
          version: 1,
          server: { port: ports?.port ?? 0 },
          admin: { port: ports?.adminPort ?? 0 },
          workers,
          log: { level: logs ? 'info' : 'silent' },
          providers: {
            openai: { type: 'openai', base_url: `http://127.0.0.1:${upstreamPort}/v1`, api_key: 'sk-bench' },
          },
          models: Object.fromEntries(models.map((model) => [model, { targets: [{ provider: 'openai', model }] }])),
        },
        nodeOptions,
        ports,
      );
      const serving = (await gateway.status()).workers.map(({ pid }) => pid);
      const { pid: primary, bootMs } = gateway;
      const port = Number(new URL(gateway.url).port);
      return { port, serving, primary, bootMs, gateway, headers: {}, stop: () => gateway.stop() };
    },
  };
}

/** No proxy at all: what the others add is counted from here. */
export const direct: ProxyKind = {
  name: 'direct',
  async start(upstreamPort) {
    const stop = async () => undefined;
    return { port: upstreamPort, serving: [], primary: null, bootMs: 0, gateway: null, headers: {}, stop };
  },
};
