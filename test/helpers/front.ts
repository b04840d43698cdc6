/** Puts TLS or a Unix socket before a server that has a TCP port: bytes pass unchanged. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import tls, { type TlsOptions } from 'node:tls';

export interface RunningFront {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Connections that were made so far, those whose handshake failed aside. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export function startTlsFront(behind: number, options: TlsOptions): Promise<RunningFront> {
  return start(tls.createServer({ ...options, ALPNProtocols: ['http/1.1'] }), 'secureConnection', behind, 0);
}

/** Listens on a Unix socket. */
export function startUnixFront(behind: number, path: string): Promise<RunningFront> {
  return start(createServer(), 'connection', behind, path);
}

async function start(server: Server, event: string, behind: number, at: 0 | string): Promise<RunningFront> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on(event, (socket: Socket) => {
    connections += 1;
    const onward = connect(behind, '127.0.0.1');
    sockets.add(onward);
    for (const each of [socket, onward]) each.on('error', () => each.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
    onward.pipe(socket).pipe(onward);
  });
  await new Promise<void>((resolve) => {
    if (at === 0) server.listen(0, '127.0.0.1', resolve);
    else server.listen(at, resolve);
  });
  return {
    port: at === 0 ? (server.address() as AddressInfo).port : 0,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
