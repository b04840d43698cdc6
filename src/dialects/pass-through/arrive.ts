/**
 * Reads a request of a plain API while it comes: its model, whether it wants a stream, and what every provider would
 * refuse, to save that round trip. All other fields pass through unchanged.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type ByteRange, requestShape, type ScanOf } from '../../wire/request-scan.ts';
import { ScannedRequest } from '../scanned-request.ts';
import { choicesAt, missing, streamAt, valueAt } from '../scanned-values.ts';
import type { ArrivingRequest, RequestOutline } from '../types.ts';
import { ArrivingForm } from './arrive-form.ts';
import type { PlainApi } from './plain-api.ts';

type PlainScan = ScanOf<ReturnType<typeof shapeOf>>;

/** How requests of an API are read, by what they are. */
export function arrivalOf(api: PlainApi): (headers: IncomingHttpHeaders) => ArrivingRequest {
  const names = namesOf(api);
  const shape = shapeOf(names);
  const { defaultModel } = api;
  const read = (bytes: Buffer, scan: PlainScan, model: string) => readOutline(api, bytes, scan, model);
  return ({ 'content-type': type = '' }) =>
    type.toLowerCase().startsWith('multipart/')
      ? new ArrivingForm(api, names, type)
      : new ScannedRequest<string>(shape, read, { defaultModel });
}

/** The fields that decide what becomes of a request. */
function namesOf({ required, streamBy }: PlainApi): readonly string[] {
  return ['model', ...(streamBy === null ? [] : [streamBy, 'n']), ...required];
}

function shapeOf(keys: readonly string[]) {
  return requestShape<string, never>({ keys, sessionKeys: [], records: null });
}

function readOutline({ required, streamBy }: PlainApi, bytes: Buffer, scan: PlainScan, model: string): RequestOutline {
  for (const name of required) if (scan.value(name) === null) throw missing(name);
  return {
    model,
    stream: streamBy === 'stream_format' ? isSseAt(bytes, scan.value(streamBy)) : streamAt(bytes, scan.value('stream')),
    wantsUsage: false,
    choices: choicesAt(bytes, scan.value('n')),
    hasStopSequences: false,
    sessionKey: null,
    continues: null,
  };
}

function isSseAt(bytes: Buffer, range: ByteRange | null): boolean {
  return range !== null && valueAt(bytes, range) === 'sse';
}
