/**
 * Reads a request's body, within its limits, keeping count of what all bodies together hold.
 */
import type { IncomingMessage } from 'node:http';
import type { ServerConfig } from '../config/types.ts';
import { asGatewayError, GatewayError } from '../shared/errors.ts';
import type { PhaseTimers } from './phase-timers.ts';
import { checkBodySize, checkBuffered } from './policies/admission.ts';

/** A body has to be there within this time after its headers. */
const BODY_TIMEOUT_MS = 60_000;

/** Bytes of bodies held in this worker. */
export interface BodyMeter {
  bytes: number;
}

/** A body in memory. `release` gives its bytes back to the meter, once. */
export interface HeldBody {
  readonly bytes: Buffer;
  release(): void;
}

/** The client went away while it was sending. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** What reading a body needs; `timeoutMs` is for tests. */
interface BodyReading {
  readonly server: ServerConfig;
  readonly meter: BodyMeter;
  readonly timers: PhaseTimers;
  readonly timeoutMs?: number;
}

/** Throws `body_too_large`, `overloaded`, `request_timeout` or `ClientGoneError`; nothing stays counted then. */
export async function readBody(incoming: IncomingMessage, reading: BodyReading): Promise<HeldBody> {
  const { server, meter, timers, timeoutMs = BODY_TIMEOUT_MS } = reading;
  const chunks: Buffer[] = [];
  let held = 0;
  const release = () => {
    meter.bytes -= held;
    held = 0;
  };
  return new Promise((resolve, reject) => {
    const limit = timers.arm(timeoutMs, () => {
      refuse(new GatewayError('request_timeout', `The request's body did not come within ${timeoutMs / 1000} s.`));
    });
    const finish = () => {
      limit.cancel();
      incoming.off('data', receive).off('end', complete).off('error', fail).off('close', fail);
    };
    const refuse = (error: Error) => {
      finish();
      release();
      // The rest is read and thrown away by Node when the answer is finished, so that the client gets to see it.
      incoming.pause();
      reject(error);
    };
    const fail = (cause?: Error) => refuse(new ClientGoneError('the client left while sending', { cause }));
    const receive = (chunk: Buffer) => {
      held += chunk.length;
      meter.bytes += chunk.length;
      try {
        checkBodySize(server, held);
        checkBuffered(server, meter.bytes);
      } catch (error) {
        refuse(asGatewayError(error));
        return;
      }
      chunks.push(chunk);
    };
    const complete = () => {
      finish();
      const [only] = chunks;
      resolve({ bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks), release });
    };
    incoming.on('data', receive).on('end', complete).on('error', fail).on('close', fail);
  });
}
