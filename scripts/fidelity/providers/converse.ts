/** Writes what a provider means as Bedrock's Converse does: a whole answer, or binary frames. */
import { crc32 } from 'node:zlib';
import type { Content } from '../contents.ts';
import type { Finish, Meaning, Part } from '../meaning.ts';
import { SIGNATURE } from './messages.ts';
import { piecesOf, type Written } from './pieces.ts';

const reasons: Readonly<Record<Finish, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  calls: 'tool_use',
  refused: 'content_filtered',
  other: 'something_new',
};

/** Stands for JSON that goes as it is. */
const RAW = '@@raw@@';

interface Block {
  readonly start: object | null;
  readonly deltas: readonly object[];
  /** As the whole answer has it, with `RAW` for the input of a tool. */
  readonly whole: object;
  readonly raw?: string;
}

function blockOf(part: Part, length: number): Block {
  if (part.type === 'call') {
    const { id, name, input } = part.call;
    const tool = { toolUseId: id, name };
    return {
      start: { toolUse: tool },
      deltas: input === '{}' ? [] : piecesOf(input, length).map((piece) => ({ toolUse: { input: piece } })),
      whole: { toolUse: { ...tool, input: RAW } },
      raw: input,
    };
  }
  const pieces = piecesOf(part.text, length);
  if (part.type === 'reasoning') {
    const shown = pieces.map((text) => ({ reasoningContent: { text } }));
    return {
      start: null,
      deltas: [...shown, { reasoningContent: { signature: SIGNATURE } }],
      whole: { reasoningContent: { reasoningText: { text: part.text, signature: SIGNATURE } } },
    };
  }
  return { start: null, deltas: pieces.map((text) => ({ text })), whole: { text: part.text } };
}

/** What is thought is counted with what is said. */
function usageOf({ usage: { input, output, cached, kept } }: Meaning) {
  return {
    inputTokens: input - cached - kept,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: kept,
  };
}

function stopOf({ finish }: Meaning) {
  const met = finish === 'stop-sequence' ? { additionalModelResponseFields: { delta: { stop_sequence: 'END' } } } : {};
  return { stopReason: reasons[finish], ...met };
}

/** An answer and its events. */
export function writeConverse({ parts, meant, pieceLength }: Content): Written {
  const blocks = parts.map((part) => blockOf(part, pieceLength));
  const usage = usageOf(meant);
  const events: [string, object][] = [
    ['messageStart', { role: 'assistant' }],
    ...blocks.flatMap(({ start, deltas }, contentBlockIndex): [string, object][] => [
      ...(start === null ? [] : [['contentBlockStart', { contentBlockIndex, start }] as [string, object]]),
      ...deltas.map((delta): [string, object] => ['contentBlockDelta', { contentBlockIndex, delta }]),
      ['contentBlockStop', { contentBlockIndex }],
    ]),
    ['messageStop', stopOf(meant)],
    ['metadata', { usage, metrics: { latencyMs: 1 } }],
  ];
  const contents = blocks.map(({ whole, raw }) => {
    const json = JSON.stringify(whole);
    return raw === undefined ? json : json.replace(`"${RAW}"`, () => raw);
  });
  const whole = JSON.stringify({ output: { message: { role: 'assistant', content: [RAW] } }, ...stopOf(meant), usage });
  return {
    whole: whole.replace(`"${RAW}"`, () => contents.join(',')),
    events: events.map(([type, payload]) => frameOf(type, JSON.stringify(payload))),
    mediaType: 'application/vnd.amazon.eventstream',
  };
}

/** An event in a frame. */
export function frameOf(type: string, json: string): Buffer {
  const headers = Buffer.concat(
    Object.entries({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }).map(
      ([name, value]) =>
        Buffer.concat([
          Buffer.from([name.length]),
          Buffer.from(name),
          Buffer.from([7, value.length >> 8, value.length & 0xff]),
          Buffer.from(value),
        ]),
    ),
  );
  const payload = Buffer.from(json);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const sealed = Buffer.concat([prelude, headers, payload]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(sealed));
  return Buffer.concat([sealed, sum]);
}
