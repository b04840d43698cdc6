/**
 * A server on bare sockets with prepared answers, which costs next to nothing. It answers in the dialect of the path: with
 * JSON or, to requests with `"stream":true`, with events, each in a packet of its own. One ticker serves all streams, which
 * are spread evenly over its ticks. A late chunk is never sent together with the next one of its stream.
 *
 *   forked with EVERY_MS CHUNKS     sends its port to its parent; 0 chunks make endless streams
 */
import net, { type AddressInfo, type Socket } from 'node:net';
import { answersAt } from './face-payloads.ts';
import { RequestReader } from './request-reader.ts';

const everyMs = Number(process.argv[2]);
const chunks = Number(process.argv[3]);

/** What is written on a connection, ready. */
interface Bytes {
  readonly plain: Buffer;
  readonly first: Buffer;
  readonly content: Buffer;
  readonly end: Buffer;
}

const framed = (event: string) => `${event.length.toString(16)}\r\n${event}\r\n`;
const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const byPath = new Map<string, Bytes>();

function bytesAt(path: string): Bytes {
  const known = byPath.get(path);
  if (known !== undefined) return known;
  const { plain, stream } = answersAt(path);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${plain.length}\r\n\r\n`;
  const bytes = {
    plain: Buffer.from(head + plain),
    first: Buffer.from(streamHead + framed(stream.first)),
    content: Buffer.from(framed(stream.content)),
    end: Buffer.from(`${framed(stream.end)}0\r\n\r\n`),
  };
  byPath.set(path, bytes);
  return bytes;
}

interface Stream {
  readonly socket: Socket;
  readonly bytes: Bytes;
  left: number;
}

/** A stream belongs to one of these sets; each tick writes to the next set. */
const slots: Set<Stream>[] = Array.from({ length: everyMs }, () => new Set<Stream>());
let begun = 0;

function answer(socket: Socket, wantsStream: boolean, path: string): void {
  const bytes = bytesAt(path);
  if (!wantsStream) {
    socket.write(bytes.plain);
    return;
  }
  socket.write(bytes.first);
  slots[begun++ % slots.length]?.add({ socket, bytes, left: chunks === 0 ? Number.POSITIVE_INFINITY : chunks });
}

function writeNext(slot: Set<Stream>): void {
  for (const stream of slot) {
    // A client that reads too slowly gets its chunks later, not several together.
    if (stream.socket.writableNeedDrain) continue;
    if (stream.socket.destroyed) slot.delete(stream);
    else if (stream.left > 0) stream.socket.write(stream.bytes.content);
    else {
      slot.delete(stream);
      stream.socket.write(stream.bytes.end);
    }
    stream.left -= 1;
  }
}

let ticks = 0;
const startedAt = performance.now();
setInterval(() => {
  const now = Math.floor(performance.now() - startedAt);
  ticks = Math.max(ticks, now - everyMs);
  while (ticks < now) {
    const slot = slots[ticks++ % slots.length];
    if (slot !== undefined) writeNext(slot);
  }
}, 1);

const server = net.createServer({ noDelay: true }, (socket) => {
  const reader = new RequestReader((wantsStream, path) => answer(socket, wantsStream, path));
  socket.on('data', (chunk: Buffer) => reader.read(chunk));
  // A client that closes in the middle of a stream resets the connection.
  socket.on('error', () => socket.destroy());
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  process.send?.((server.address() as AddressInfo).port),
);
process.on('disconnect', () => process.exit(0));
