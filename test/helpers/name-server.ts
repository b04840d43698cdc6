/**
 * A name server on a free UDP port of 127.0.0.1, as far as tests of name resolution need one: A and AAAA records, names
 * that do not exist, failures, and silence.
 */
import dgram from 'node:dgram';
import { isIP } from 'node:net';

const TYPE_A = 1;
const TYPE_AAAA = 28;

export interface NameServer {
  /** As in a `nameserver` line. */
  readonly address: string;
  /** Names that were asked for, with the type. */
  readonly questions: string[];
  /** Addresses by name. A name that is missing does not exist; `fail` answers SERVFAIL, `silent` nothing. */
  readonly records: Map<string, readonly string[] | 'fail' | 'silent'>;
  /** In seconds. */
  ttl: number;
  /** Answers nothing at all. */
  silent: boolean;
  close(): Promise<void>;
}

export async function startNameServer(): Promise<NameServer> {
  const socket = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const server: NameServer = {
    address: `127.0.0.1:${socket.address().port}`,
    questions: [],
    records: new Map(),
    ttl: 60,
    silent: false,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (query, { port, address }) => {
    const reply = answer(server, query);
    if (reply !== null) socket.send(reply, port, address);
  });
  return server;
}

function answer(server: NameServer, query: Buffer): Buffer | null {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const name = labels.join('.').toLowerCase();
  server.questions.push(`${name} ${type === TYPE_AAAA ? 'AAAA' : 'A'}`);
  const known = server.records.get(name);
  if (server.silent || known === 'silent') return null;
  if (known === undefined) return Buffer.concat([head(query, 3, 0), question]);
  if (known === 'fail') return Buffer.concat([head(query, 2, 0), question]);
  const records = known
    .filter((address) => (isIP(address) === 6) === (type === TYPE_AAAA))
    .map((address) => record(address, server.ttl));
  return Buffer.concat([head(query, 0, records.length), question, ...records]);
}

function head(query: Buffer, code: number, answers: number): Buffer {
  const bytes = Buffer.alloc(12);
  query.copy(bytes, 0, 0, 2);
  bytes.writeUInt16BE(0x8180 | code, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(answers, 6);
  return bytes;
}

/** The name is a pointer to that of the question. IPv6 addresses are written in full: eight groups. */
function record(address: string, ttl: number): Buffer {
  const isIpv6 = isIP(address) === 6;
  const data = isIpv6
    ? Buffer.from(
        address.split(':').flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
      )
    : Buffer.from(address.split('.').map(Number));
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(0xc00c, 0);
  bytes.writeUInt16BE(isIpv6 ? TYPE_AAAA : TYPE_A, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt32BE(ttl, 6);
  bytes.writeUInt16BE(data.length, 10);
  return Buffer.concat([bytes, data]);
}
