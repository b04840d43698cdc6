/**
 * A client that asks once and reads the answer by its official SDK's rules. It has no SDK in it: what the command needs must
 * not be a dependency of the product. A test compares both, fault by fault.
 */
import { systemClock } from '../../shared/clock.ts';
import { systemCode } from '../../shared/host/system-code.ts';
import { EventDecoder } from './event-decoder.ts';
import { codeOf, type Face, Malformed, type StreamReader, Told } from './faces/face.ts';
import type { Sighting } from './sighting.ts';

/** What is asked, and of whom. */
interface ClientRequest {
  /** The gateway's address, without a path. */
  readonly url: string;
  readonly key: string;
  readonly face: Face;
  readonly model: string;
  readonly prompt: string;
  readonly stream: boolean;
  /** How long the client waits for all of it. */
  readonly limitMs: number;
  /** Ends it before that. */
  readonly stop?: AbortSignal | undefined;
}

/** Asks once. Never rejects: whatever happens is a sighting. */
export async function ask(request: ClientRequest): Promise<Sighting> {
  const { face, limitMs, stop } = request;
  const late = new AbortController();
  const limit = systemClock.after(limitMs, () => late.abort());
  const signal = stop === undefined ? late.signal : AbortSignal.any([late.signal, stop]);
  const reader = face.reader();
  try {
    return await exchange(request, reader, signal);
  } catch (error) {
    if (signal.aborted) return { kind: 'hang', text: reader.text };
    if (error instanceof Told) return { kind: 'broken', code: error.code, text: reader.text };
    if (error instanceof Malformed) return { kind: 'malformed', what: error.message };
    throw error;
  } finally {
    limit.cancel();
  }
}

async function exchange(request: ClientRequest, reader: StreamReader, signal: AbortSignal): Promise<Sighting> {
  const { url, key, face, model, prompt, stream } = request;
  const sent = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...face.headers(key) },
    body: JSON.stringify(face.body(model, prompt, stream)),
    signal,
  };
  const answer = await fetch(url + face.path, sent).catch((error: unknown) => connectionCode(error, signal));
  if (typeof answer === 'string') return { kind: 'unreachable', code: answer };
  if (!answer.ok) return refusal(answer, signal);
  return stream ? readStream(answer, reader, signal) : readWhole(answer, face, signal);
}

async function refusal(answer: Response, signal: AbortSignal): Promise<Sighting> {
  // The SDKs take a body that breaks, or is no JSON, for one that says nothing.
  const text = await answer.text().catch((error: unknown) => {
    connectionCode(error, signal);
    return '';
  });
  return { kind: 'refused', status: answer.status, code: codeIn(text) };
}

function codeIn(text: string): string | null {
  try {
    return codeOf(JSON.parse(text));
  } catch {
    return null;
  }
}

async function readWhole(answer: Response, face: Face, signal: AbortSignal): Promise<Sighting> {
  const text = await answer.text().catch((error: unknown) => {
    throw new Told(connectionCode(error, signal));
  });
  const type = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!type.endsWith('json')) throw new Malformed(`content-type ${type}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Told('unreadable');
  }
  return { kind: 'answer', ...face.read(value) };
}

async function readStream(answer: Response, reader: StreamReader, signal: AbortSignal): Promise<Sighting> {
  const decoder = new EventDecoder();
  const bytes = answer.body?.getReader();
  const next = async () => {
    try {
      return await bytes?.read();
    } catch (error) {
      throw new Told(connectionCode(error, signal));
    }
  };
  const whole = (): Sighting => ({ kind: 'answer', text: reader.text, finish: reader.finish });
  for (;;) {
    const { value, done } = (await next()) ?? { value: undefined, done: true };
    const events = done ? decoder.end() : decoder.push(value ?? new Uint8Array());
    if (events.some((event) => reader.take(event))) {
      await bytes?.cancel();
      return whole();
    }
    if (!done) continue;
    reader.end?.();
    return whole();
  }
}

/** What went wrong with a connection. Throws the error again if the client itself has ended it. */
function connectionCode(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) throw error;
  if (!(error instanceof TypeError)) throw error;
  return systemCode(error.cause) ?? 'connection';
}
