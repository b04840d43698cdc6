/**
 * Counts the connections of a server and the bytes that the kernel has taken from them, which tells whether a slow
 * reader's back-pressure has reached this far. Costs nothing per write: the sockets count by themselves.
 */
import type { Server, Socket } from 'node:net';

export interface ConnectionStats {
  /** Open TCP connections, the one that asks included. */
  readonly connections: number;
  /** Connections ever accepted. */
  readonly connectionsAccepted: number;
  /** What the kernel has taken from this server, headers and `/_mock` included. */
  readonly bytesWritten: number;
}

/** Starts counting; the returned function gives the counts of now. */
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

/** `bytesWritten` of a socket includes what still waits in it. */
function sentBytes(socket: Socket): number {
  return Math.max(0, socket.bytesWritten - socket.writableLength);
}
