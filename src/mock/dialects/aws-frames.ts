/** The binary frames of Amazon's event streams, as the fake Bedrock sends them. */
import { crc32 } from 'node:zlib';

const TEXT = 7;

/** A frame with headers of texts. */
export function frame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  return sealed(Buffer.concat(Object.entries(headers).map(textHeader)), Buffer.from(payload));
}

/** A frame whose headers are these bytes. */
export function sealed(headers: Buffer, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + headers.length + payload.length + 4);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headers.copy(bytes, 12);
  payload.copy(bytes, 12 + headers.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}

function textHeader([name, value]: [string, string]): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const head = Buffer.from([nameBytes.length, ...nameBytes, TEXT, valueBytes.length >> 8, valueBytes.length & 0xff]);
  return Buffer.concat([head, valueBytes]);
}

/** An event of a type, with its payload as JSON. */
export function eventFrame(type: string, payload: object): Buffer {
  return frame(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(payload),
  );
}

/** An error that the service has modelled, inside a stream. */
export function exceptionFrame(type: string, payload: object): Buffer {
  return frame(
    { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' },
    JSON.stringify(payload),
  );
}

/** The same frame with a sum that is not its own. */
export function withBadSum(whole: Buffer): Buffer {
  const bytes = Buffer.from(whole);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes;
}
