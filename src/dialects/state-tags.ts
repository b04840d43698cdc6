/**
 * Marks the ids of answers that a provider keeps for later requests (`wire/state-tag.ts`). Only the few events that hold
 * the answer itself are looked at, and only the ids in them are changed; all other bytes stay as they came.
 */
import { parseJson } from '../shared/json.ts';
import { fieldPlaces } from '../wire/field-places.ts';
import { edited, type JsonEdit, setString } from '../wire/json-edit.ts';
import { inOneBuffer } from '../wire/pieced-bytes.ts';
import type { SseEvent } from '../wire/sse.ts';
import { withTag } from '../wire/state-tag.ts';
import type { AnswerFacts } from './answer-facts.ts';
import type { Said } from './said.ts';
import type { AnswerStream, KeptAnswers, StreamEnd, StreamStep, ToldAnswer } from './types.ts';

/** A whole answer with marked ids. */
export function tagAnswer(body: Buffer, { ids }: KeptAnswers, tag: string): Buffer {
  return inOneBuffer(edited(body, tagEdits(body, ids, tag, null)));
}

/** A stream that goes back as it is, but for marked ids. */
export class TaggedStream implements AnswerStream {
  readonly #stream: AnswerStream;
  readonly #answers: KeptAnswers;
  readonly #tag: string;

  constructor(stream: AnswerStream, answers: KeptAnswers, tag: string) {
    this.#stream = stream;
    this.#answers = answers;
    this.#tag = tag;
  }

  get whole(): boolean {
    return this.#stream.whole;
  }

  get facts(): AnswerFacts {
    return this.#stream.facts;
  }

  get said(): Said | undefined {
    return this.#stream.said;
  }

  get heldBytes(): number {
    return this.#stream.heldBytes;
  }

  get soFar(): ToldAnswer | undefined {
    const told = this.#stream.soFar;
    const id = told?.answer.id;
    if (told === undefined || typeof id !== 'string') return told;
    return { ...told, answer: { ...told.answer, id: withTag(id, this.#tag) } };
  }

  push(event: SseEvent): StreamStep {
    const step = this.#stream.push(event);
    const { data } = event;
    // Nearly all events are small, and have no such name in them.
    if (step.bytes.length === 0 || data === null || !data.includes(`"${this.#answers.within}"`)) return step;
    return { ...step, bytes: this.#tagged(step.bytes, data) };
  }

  end(): StreamEnd {
    return this.#stream.end();
  }

  terminates(event: SseEvent): boolean {
    return this.#stream.terminates?.(event) ?? false;
  }

  #tagged(bytes: Buffer, data: string): Buffer {
    const json = Buffer.from(data);
    const { within, ids } = this.#answers;
    const edits = tagEdits(json, ids, this.#tag, within);
    if (edits.length === 0) return bytes;
    const start = bytes.indexOf(json);
    // JSON in several lines stands in as many fields of the event.
    if (start < 0) return inLines(bytes, inOneBuffer(edited(json, edits)));
    const moved = edits.map(({ at: { start: from, end }, by }) => ({
      at: { start: start + from, end: start + end },
      by,
    }));
    return inOneBuffer(edited(bytes, moved));
  }
}

/** An event with other data. All its other fields stay, before its data and behind it. */
function inLines(bytes: Buffer, json: Buffer): Buffer {
  const lines = bytes.toString('utf8').match(/[^\r\n]*(?:\r\n|[\r\n])/g) ?? [];
  const isData = (line: string) => /^data[:\r\n]/.test(line);
  const first = lines.findIndex(isData);
  const data = json.toString('utf8').split('\n');
  const behind = lines.slice(first).filter((line) => !isData(line));
  return Buffer.from([...lines.slice(0, first), ...data.map((line) => `data: ${line}\n`), ...behind].join(''));
}

/** The changes to the ids of the object, or of the one in its field `within`; none to what is no text. */
function tagEdits(json: Buffer, ids: readonly string[], tag: string, within: string | null): JsonEdit[] {
  const edits = fieldPlaces(json, ids, within).flatMap((at): JsonEdit[] => {
    const id = at === null ? null : parseJson(json.toString('utf8', at.start, at.end));
    return at !== null && typeof id === 'string' && id !== '' ? [setString(at, withTag(id, tag))] : [];
  });
  return edits.sort((one, other) => one.at.start - other.at.start);
}
