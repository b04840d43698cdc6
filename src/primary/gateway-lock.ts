/**
 * One gateway per address. Sockets with SO_REUSEPORT let two gateways of one user share a port in silence, so the
 * primary holds an abstract Unix socket as a lock: the kernel frees it with the process, however that ends, and no
 * file can be left over. Nothing is ever said over it.
 */
import net from 'node:net';
import { LockTakenError } from './start-errors.ts';

export interface GatewayLock {
  release(): void;
}

/**
 * Takes the lock of `host` (an IP address) and `port`; throws `LockTakenError`. Where there are no abstract sockets
 * (not Linux) ports are not shared either, and it holds nothing.
 */
export async function takeGatewayLock(host: string, port: number): Promise<GatewayLock> {
  if (process.platform !== 'linux') return { release: () => undefined };
  const server = net.createServer((connection) => connection.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new LockTakenError(`${host}:${port}`) : error);
    });
    server.listen({ path: `\0headgate:${host}:${port}` }, resolve);
  });
  server.unref();
  return { release: () => server.close() };
}
