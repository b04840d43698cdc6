/**
 * Counts the connections of a server and the bytes that the kernel has accepted from them. The bytes show whether the
 * back-pressure of a slow reader has reached the server. It adds no cost per write: the sockets count anyway.
 */
import type { Server, Socket } from 'node:net';

export interface ConnectionStats {
  /** Open TCP connections, including the one of this request. */
  readonly connections: number;
  /** Connections ever accepted. */
  readonly connectionsAccepted: number;
  /** Bytes that the kernel has accepted from this server, including headers and `/_mock`. */
  readonly bytesWritten: number;
}

/** Starts counting. The returned function returns the current counts. */
export function countConnections(server: Server): () => ConnectionStats {
  const open = new Set<Socket>();
  let accepted = 0;
  let bytesOfClosed = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      bytesOfClosed += sentBytes(socket);
    });
  });
  return () => {
    const bytesWritten = [...open].reduce((sum, socket) => sum + sentBytes(socket), bytesOfClosed);
    return { connections: open.size, connectionsAccepted: accepted, bytesWritten };
  };
}

/** Subtracts the bytes that still wait in the socket, since `bytesWritten` includes them. */
function sentBytes(socket: Socket): number {
  return Math.max(0, socket.bytesWritten - socket.writableLength);
}
