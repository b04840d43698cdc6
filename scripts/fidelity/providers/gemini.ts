/** Writes what a provider means as Gemini does: chunks that are small answers, calls whole, and no last event of its own. */
import type { Content } from '../contents.ts';
import type { Finish, Meaning, Part } from '../meaning.ts';
import { piecesOf, type Written } from './pieces.ts';

const reasons: Readonly<Record<Finish, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  calls: 'STOP',
  refused: 'SAFETY',
  other: 'OTHER',
};

/** Of each thought, and of the first call. */
export const GEMINI_SIGNATURE = 'EpoBCpcBAVxZ3g8UqWQ6b2FRk0pM+/3xA==';

/** Stands for JSON that goes as it is. */
const RAW = '@@raw@@';

const frame = { modelVersion: 'gemini-upstream', responseId: 'r0123456789' };

function usageOf({ usage: { input, output, cached, reasoning } }: Meaning) {
  return {
    promptTokenCount: input,
    cachedContentTokenCount: cached,
    candidatesTokenCount: output - reasoning,
    thoughtsTokenCount: reasoning,
    totalTokenCount: input + output,
  };
}

/** A part as JSON. */
function jsonOf(part: object, raw = ''): string {
  return JSON.stringify(part).replace(`"${RAW}"`, () => raw);
}

/** A part in pieces; a whole one is one piece. */
function partsOf(part: Part, isFirstCall: boolean, length: number): string[] {
  if (part.type === 'call') {
    const { id, name, input } = part.call;
    const functionCall = { ...(id === '' ? {} : { id }), name, args: RAW };
    return [jsonOf({ functionCall, ...(isFirstCall ? { thoughtSignature: GEMINI_SIGNATURE } : {}) }, input)];
  }
  const pieces = piecesOf(part.text, length);
  if (part.type !== 'reasoning') return pieces.map((text) => jsonOf({ text }));
  const signed = { text: pieces.pop() ?? '', thought: true, thoughtSignature: GEMINI_SIGNATURE };
  return [...pieces.map((text) => jsonOf({ text, thought: true })), jsonOf(signed)];
}

function chunk(parts: readonly string[], finish: string | null, usage: object): string {
  const reason = finish === null ? '' : `,"finishReason":"${finish}"`;
  const candidate = `{"content":{"parts":[${parts.join(',')}],"role":"model"}${reason},"index":0}`;
  return `{"candidates":[${candidate}],"usageMetadata":${JSON.stringify(usage)},${JSON.stringify(frame).slice(1)}`;
}

/** An answer and its chunks. */
export function writeGemini({ parts, meant, pieceLength }: Content): Written {
  const first = parts.findIndex(({ type }) => type === 'call');
  const pieces = (length: number) => parts.flatMap((part, at) => partsOf(part, at === first, length));
  const usage = usageOf(meant);
  const begun = { promptTokenCount: usage.promptTokenCount, totalTokenCount: usage.promptTokenCount };
  const finish = reasons[meant.finish];
  const chunks = [
    ...pieces(pieceLength).map((part) => chunk([part], null, begun)),
    chunk(['{"text":""}'], finish, usage),
  ];
  return {
    whole: chunk(pieces(Number.POSITIVE_INFINITY), finish, usage),
    events: chunks.map((each) => `data: ${each}\n\n`),
  };
}
