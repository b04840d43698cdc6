/** Whether a port can be had: listens on it for a moment. */
import net from 'node:net';
import { systemCode } from '../shared/host/system-code.ts';

/** The system's code; null where it can listen. */
export function listenFault(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(systemCode(error) ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
