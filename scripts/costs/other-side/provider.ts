/** The provider behind the gateway: it reads each request to its end and lets the attack write the answer. */
import http from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { chunked, completion } from './bytes.ts';

/** Starts it. Resolves with its port. @param answer how a request is answered at this moment */
export function startProvider(answer: () => (socket: Socket) => void): Promise<number> {
  const server = http.createServer((incoming) => {
    incoming.resume().on('end', () => {
      answer()(incoming.socket);
    });
  });
  // The gateway leaves whenever it has read enough.
  server.on('connection', (socket: Socket) => socket.on('error', () => undefined));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
    });
  });
}

/** A short completion; the connection stays. */
export function shortAnswer(socket: Socket): void {
  const body = completion('fine');
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`);
  socket.write(body);
}

/** A 200 with that body, its length declared. */
export function whole(body: Buffer, status = '200 OK'): (socket: Socket) => void {
  return (socket) => {
    const lines = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
    socket.write(`HTTP/1.1 ${status}\r\n${lines}`);
    socket.end(body);
  };
}

/** A 200 in chunks of that size. */
export function inChunks(body: Buffer, size: number, type: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`);
    Readable.from(chunked(body, size)).pipe(socket);
  };
}
