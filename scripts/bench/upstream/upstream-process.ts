/**
 * A server on bare sockets with prepared answers, which costs next to nothing. It answers with JSON or, to requests
 * with `"stream":true`, with events, each in a packet of its own. One ticker serves all streams, which are spread
 * evenly over its ticks. A late chunk is never sent together with the next one of its stream.
 *
 *   forked with EVERY_MS CHUNKS     sends its port to its parent; 0 chunks make endless streams
 */
import net, { type AddressInfo, type Socket } from 'node:net';
import { plainAnswer, streamEvents } from './payloads.ts';
import { RequestReader } from './request-reader.ts';

const everyMs = Number(process.argv[2]);
const chunks = Number(process.argv[3]);

const plain = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${plainAnswer.length}\r\n\r\n${plainAnswer}`,
);
const framed = (event: string) => `${event.length.toString(16)}\r\n${event}\r\n`;
const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const first = Buffer.from(head + framed(streamEvents.first));
const content = Buffer.from(framed(streamEvents.content));
const end = Buffer.from(`${framed(streamEvents.end)}0\r\n\r\n`);

interface Stream {
  readonly socket: Socket;
  left: number;
}

/** A stream belongs to one of these sets; each tick writes to the next set. */
const slots: Set<Stream>[] = Array.from({ length: everyMs }, () => new Set<Stream>());
let begun = 0;

function answer(socket: Socket, wantsStream: boolean): void {
  if (!wantsStream) {
    socket.write(plain);
    return;
  }
  socket.write(first);
  slots[begun++ % slots.length]?.add({ socket, left: chunks === 0 ? Number.POSITIVE_INFINITY : chunks });
}

function writeNext(slot: Set<Stream>): void {
  for (const stream of slot) {
    // A client that reads too slowly gets its chunks later, not several together.
    if (stream.socket.writableNeedDrain) continue;
    if (stream.socket.destroyed) slot.delete(stream);
    else if (stream.left > 0) stream.socket.write(content);
    else {
      slot.delete(stream);
      stream.socket.write(end);
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
  const reader = new RequestReader((wantsStream) => answer(socket, wantsStream));
  socket.on('data', (chunk: Buffer) => reader.read(chunk));
  // A client that closes in the middle of a stream resets the connection.
  socket.on('error', () => socket.destroy());
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  process.send?.((server.address() as AddressInfo).port),
);
process.on('disconnect', () => process.exit(0));
