/** An HTTP proxy on a free port of 127.0.0.1: it opens tunnels, forwards requests, and can refuse both. */
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface RunningProxy {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What it was asked for: `CONNECT host:port`, or `POST http://host:port/path`. */
  readonly asked: string[];
  /** The headers of each. */
  readonly headers: Readonly<Record<string, unknown>>[];
  /** `user:password` that it wants; null for none. */
  credentials: string | null;
  /** A status with which it refuses all; null to serve. */
  refusal: number | null;
  /** Says nothing to a CONNECT. */
  silent: boolean;
  /** Closes the connection at a CONNECT. */
  closing: boolean;
  /** Names that it knows better than the resolver: by host, the address to go to. */
  readonly hosts: Map<string, string>;
  close(): Promise<void>;
}

export async function startProxy(): Promise<RunningProxy> {
  const sockets = new Set<Socket>();
  const proxy: Omit<RunningProxy, 'port' | 'url' | 'close'> = {
    asked: [],
    headers: [],
    credentials: null,
    refusal: null,
    silent: false,
    closing: false,
    hosts: new Map(),
  };
  const refusalOf = (authorization: string | undefined): number | null => {
    const { credentials } = proxy;
    if (credentials !== null && authorization !== `Basic ${Buffer.from(credentials).toString('base64')}`) return 407;
    return proxy.refusal;
  };
  const server = createServer((incoming, outgoing) => {
    proxy.asked.push(`${incoming.method} ${incoming.url}`);
    proxy.headers.push(incoming.headers);
    const refusal = refusalOf(incoming.headers['proxy-authorization']);
    if (refusal !== null) {
      incoming.resume();
      outgoing.writeHead(refusal).end();
      return;
    }
    const { hostname, port, pathname } = new URL(incoming.url ?? '');
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const host = proxy.hosts.get(hostname) ?? hostname;
    const onward = request({ host, port, path: pathname, method: incoming.method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket: Socket) => {
    proxy.asked.push(`CONNECT ${incoming.url}`);
    proxy.headers.push(incoming.headers);
    socket.on('error', () => socket.destroy());
    if (proxy.silent) return;
    if (proxy.closing) {
      socket.destroy();
      return;
    }
    const refusal = refusalOf(incoming.headers['proxy-authorization']);
    if (refusal !== null) {
      socket.end(`HTTP/1.1 ${refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const onward = connect(Number(port), proxy.hosts.get(hostname) ?? hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    port,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
