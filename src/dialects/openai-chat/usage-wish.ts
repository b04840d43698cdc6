/**
 * The wish for token counts at the end of a stream, the same for chats and completions: how it is made of a request, by
 * which error an older server refuses it, and what brings the counts.
 */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import { insertField, type JsonEdit, setJson } from '../../wire/json-edit.ts';
import type { RequestScan } from '../../wire/request-scan.ts';
import { valueAt } from '../scanned-values.ts';
import type { Dialect } from '../types.ts';

/** Errors that are about it. */
export const usageWish: NonNullable<Dialect['usageWish']> = {
  isRefusedBy: ({ message, param }) => /\b(?:stream_options|include_usage)\b/.test(`${param} ${message}`),
};

/** Makes the wish. The client's own options stay; what is none is replaced, as no server would read it. */
export function askUsage(bytes: Buffer, scan: RequestScan<'stream_options'>): JsonEdit | null {
  const at = scan.value('stream_options');
  if (at === null) return insertField(bytes, scan.root, 'stream_options', '{"include_usage":true}');
  const options = valueAt(bytes, at);
  if (options !== null && asRecord(options) === null) return null;
  return setJson(at, JSON.stringify({ ...asRecord(options), include_usage: true }));
}

/** Whether a chunk comes because of the wish alone: it has no choice. */
export function bringsUsageAlone({ choices, usage }: JsonRecord): boolean {
  return Array.isArray(choices) && choices.length === 0 && asRecord(usage) !== null;
}
