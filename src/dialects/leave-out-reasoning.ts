/**
 * Takes reasoning out of a request that its target refuses to read, because another account has made it. All other bytes
 * stay but those of the list that held it, which is written anew: numbers keep their digits, long strings their bytes.
 */
import { asArray } from '../shared/json.ts';
import { MOST_OF_A_TREE } from '../wire/bounded-json.ts';
import { edited, type JsonEdit, removeFields } from '../wire/json-edit.ts';
import { parseWithoutLongStrings } from '../wire/long-strings.ts';
import { type Bytes, inOneBuffer } from '../wire/pieced-bytes.ts';
import { type ByteRange, type RequestScan, RequestScanner, requestShape } from '../wire/request-scan.ts';
import { valueAt } from './scanned-values.ts';
import type { TargetDialect } from './types.ts';

/** Under which it is named to the client, like reasoning that a translation leaves out. */
const REASONING = 'reasoning';

/** A name that occurs twice is the target's to judge: it takes the last one, or refuses the request. */
const shape = requestShape({ keys: [], sessionKeys: ['messages', 'input', 'contents', 'thinking'], records: null });

type ScannedName = 'messages' | 'input' | 'contents' | 'thinking';

/** A request without the reasoning that was in it. */
interface LighterRequest {
  readonly body: Bytes;
  /** Names of what was left out. */
  readonly dropped: readonly string[];
  /** How many blocks of reasoning, from 1. */
  readonly blocks: number;
}

/** What a request is scanned with, in as many pieces as its reader likes, before its reasoning is left out. */
export function reasoningScan(): RequestScanner<ScannedName> {
  return new RequestScanner(shape);
}

/**
 * Null if there is none in it, if nothing would be left, or if it is too large to be taken apart.
 *
 * @param scan of all these bytes
 */
export function leaveOutReasoning(
  { ownReasoning }: TargetDialect,
  bytes: Buffer,
  scan: RequestScan<ScannedName>,
): LighterRequest | null {
  if (ownReasoning === undefined) return null;
  const at = scan.value(ownReasoning.list);
  if (at === null || scan.bytesOutsideStrings > MOST_OF_A_TREE) return null;
  const { value, encode } = parseWithoutLongStrings(partOf(bytes, at, scan.longStrings));
  const list = asArray(value);
  const lighter = ownReasoning.without(list);
  if (lighter === null || lighter.list.length === 0) return null;
  const { list: left, blocks } = lighter;
  const edits: JsonEdit[] = [{ at, by: inOneBuffer(encode(left)) }];
  const thinking = scan.value('thinking');
  const endsThinking = thinking !== null && ownReasoning.needsIt?.(left, valueAt(bytes, thinking)) === true;
  if (endsThinking) edits.push(...removeFields(bytes, [thinking]));
  edits.sort((one, other) => one.at.start - other.at.start);
  return { body: edited(bytes, edits), dropped: endsThinking ? [REASONING, 'thinking'] : [REASONING], blocks };
}

/** A value of the request with the long strings that are in it. */
function partOf(bytes: Buffer, { start, end }: ByteRange, longStrings: RequestScan<string>['longStrings']) {
  const within = longStrings.filter((offset) => offset >= start && offset <= end).map((offset) => offset - start);
  return { bytes: bytes.subarray(start, end), longStrings: within };
}
