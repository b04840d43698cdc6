/** A client for bytes of any kind, and what it takes for answers in what comes back. */
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** One answer as it came. */
export interface RawAnswer {
  readonly status: number;
  /** By names in lower case; the last of two. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether its end came: by its length, its last chunk or the end of the connection. */
  readonly isWhole: boolean;
}

/** How one connection went. */
export interface Exchange {
  readonly received: Buffer;
  /** `closed`: the server closed it. `left`: it was silent, so we closed our direction, and then the server did. */
  readonly end: 'closed' | 'left' | 'reset' | 'hangs';
}

interface Sending {
  readonly port: number;
  /** Written one by one, each in a segment of its own if the kernel agrees. */
  readonly chunks: readonly Buffer[];
  /** Leave as soon as all is written. Default: wait for the server until it is silent. */
  readonly leaves?: boolean;
  /** The server must close the connection by itself, so it gets more time. Default false. */
  readonly mustClose?: boolean;
}

/** A server that says nothing for so long waits for more of us. */
const SILENT_AFTER_MS = 1_500;
const CLOSES_ITSELF_WITHIN_MS = 10_000;

/** One that never ends, such as the live view, is left after so long. */
const LISTENS_FOR_MS = 2_500;

/** Our direction is closed, so the server has nothing to wait for. */
const CLOSES_WITHIN_MS = 8_000;

/** Sends the bytes and reads until the end. Never rejects. */
export async function exchange({ port, chunks, leaves = false, mustClose = false }: Sending): Promise<Exchange> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const received: Buffer[] = [];
  let heardAt = performance.now();
  let isReset = false;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('data', (bytes: Buffer) => {
    received.push(bytes);
    heardAt = performance.now();
  });
  // An error is followed by `close`.
  socket.on('error', () => {
    isReset = true;
  });
  socket.on('end', () => socket.end());
  for (const chunk of chunks) {
    if (socket.destroyed || socket.writableEnded) break;
    socket.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const end = (how: Exchange['end']): Exchange => ({
    received: Buffer.concat(received),
    end: isReset ? 'reset' : how,
  });
  if (leaves) {
    socket.destroy();
    await closed;
    return end('left');
  }
  const sentAt = performance.now();
  heardAt = sentAt;
  const isSilent = () => {
    const [silentMs, sinceMs] = [performance.now() - heardAt, performance.now() - sentAt];
    return mustClose ? silentMs > CLOSES_ITSELF_WITHIN_MS : silentMs > SILENT_AFTER_MS || sinceMs > LISTENS_FOR_MS;
  };
  while (!socket.closed && !isSilent()) await Promise.race([closed, pause(50)]);
  if (socket.closed) return end('closed');
  socket.end();
  const limit = new AbortController();
  const late = pause(CLOSES_WITHIN_MS, 'hangs' as const, { signal: limit.signal }).catch(() => 'hangs' as const);
  const how = await Promise.race([closed.then(() => 'left' as const), late]);
  limit.abort();
  socket.destroy();
  return end(how);
}

const HEAD = /^HTTP\/1\.1 (\d{3})[ \w'-]*\r\n((?:[\w-]+: [^\r\n]*\r\n)*)\r\n/;

/** All answers in these bytes, interim ones (1xx) left out. Throws if there is anything else, and shows the input. */
export function answersIn(received: Buffer, input: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  // One character for each byte.
  let rest = received.toString('latin1');
  while (rest !== '') {
    const [head, status, lines = ''] = HEAD.exec(rest) ?? [];
    if (head === undefined) throw new Error(`no head of an answer: ${JSON.stringify(rest.slice(0, 100))}: ${input}`);
    rest = rest.slice(head.length);
    if (status?.startsWith('1')) continue;
    const pairs = lines.split('\r\n').map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
    });
    const headers = Object.fromEntries(pairs);
    const { body, length, isWhole } = bodyIn(rest, headers);
    rest = rest.slice(length);
    answers.push({ status: Number(status), headers, body: Buffer.from(body, 'latin1'), isWhole });
  }
  return answers;
}

interface FoundBody {
  readonly body: string;
  /** With what frames it. */
  readonly length: number;
  readonly isWhole: boolean;
}

function bodyIn(rest: string, headers: Readonly<Record<string, string>>): FoundBody {
  // To a HEAD, or with 204 and 304: no body of ours begins so.
  if (rest === '' || rest.startsWith('HTTP/1.')) return { body: '', length: 0, isWhole: true };
  if (headers['transfer-encoding'] === 'chunked') return chunkedIn(rest);
  const length = headers['content-length'] === undefined ? rest.length : Number(headers['content-length']);
  return { body: rest.slice(0, length), length, isWhole: rest.length >= length };
}

function chunkedIn(rest: string): FoundBody {
  let [body, at] = ['', 0];
  for (;;) {
    const [line, digits] = /^([0-9a-f]+)\r\n/i.exec(rest.slice(at, at + 20)) ?? [];
    if (line === undefined || digits === undefined) break;
    const size = Number.parseInt(digits, 16);
    const from = at + line.length;
    if (rest.slice(from + size, from + size + 2) !== '\r\n') break;
    body += rest.slice(from, from + size);
    at = from + size + 2;
    if (size === 0) return { body, length: at, isWhole: true };
  }
  return { body, length: rest.length, isWhole: false };
}
