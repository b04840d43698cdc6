/**
 * Repairs faults in streams that break every client which follows the reference: tool calls without an id (Mistral's
 * servers), and two of Gemini's, calls without an `index` or with a shared index, and the finish reason `stop` after tool
 * calls. Chunks that need no repair stay unchanged.
 *
 * OpenAI itself also sends `stop` after tool calls if the request named the tool to call. Therefore `stop` is changed
 * only in a stream whose tool calls look like Gemini's (an index is missing or used twice, or `extra_content` is set).
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { madeCallId } from '../made-call-id.ts';

/** One tool call of a choice, with the index that the client sees. */
interface Call {
  readonly index: number;
  id: string | null;
}

/** The tool calls of one choice. */
interface ChoiceCalls {
  /** The provider's index → the call that it refers to now. */
  readonly byIndex: Map<number, Call>;
  readonly byId: Map<string, Call>;
  /** The indexes that clients see, and the highest of them. */
  readonly taken: Set<number>;
  highest: number;
  /** The call that was begun last. */
  last: Call | null;
  /** Ids that were made, by the index that clients see. */
  readonly made: Map<unknown, string>;
  /** Whether a sign of Gemini was seen. */
  peculiar: boolean;
}

/** The tool calls of one stream, as far as it has sent them. */
export class ToolCallRepair {
  readonly #choices = new Map<unknown, ChoiceCalls>();

  /**
   * The repaired choice, or the same object if it needs no repair.
   *
   * @param answer what the answer is called, of which ids of calls are made; null: they are left to what reads the choice
   */
  repair(choice: JsonRecord, answer: string | null = null): JsonRecord {
    const delta = asRecord(choice.delta);
    const sent = asArray(delta?.tool_calls);
    let known = this.#choices.get(choice.index);
    if (sent.length === 0 && known === undefined) return choice;
    if (known === undefined) {
      known = {
        byIndex: new Map(),
        byId: new Map(),
        taken: new Set(),
        highest: -1,
        last: null,
        made: new Map(),
        peculiar: false,
      };
      this.#choices.set(choice.index, known);
    }

    let repaired = choice;
    const toolCalls = sent.map((piece) => {
      const begun = known.taken.size;
      const indexed = withIndex(known, piece);
      return answer === null ? indexed : withId(known, indexed, known.taken.size > begun, answer);
    });
    if (toolCalls.some((call, position) => call !== sent[position])) {
      repaired = { ...repaired, delta: { ...delta, tool_calls: toolCalls } };
    }
    if (known.peculiar && choice.finish_reason === 'stop') repaired = { ...repaired, finish_reason: 'tool_calls' };
    return repaired;
  }
}

/** The piece of a tool call, with the index of the call that it belongs to. */
function withIndex(known: ChoiceCalls, piece: unknown): unknown {
  const record = asRecord(piece);
  if (record === null) return piece;
  if (typeof record.index !== 'number' || record.extra_content !== undefined) known.peculiar = true;
  const call = callOf(known, record);
  return call.index === record.index ? piece : { ...record, index: call.index };
}

/** The first piece of a call has an id: clients look for it there, and the official ones fail without. One is kept. */
function withId(known: ChoiceCalls, piece: unknown, isFirst: boolean, answer: string): unknown {
  const record = asRecord(piece);
  if (record === null) return piece;
  const { index } = record;
  const hasId = (asString(record.id) ?? '') !== '';
  if (isFirst && !hasId) {
    known.made.set(index, madeCallId(answer, Number(index), asString(asRecord(record.function)?.name) ?? ''));
  }
  const made = known.made.get(index);
  return made !== undefined && (isFirst || hasId) ? { ...record, id: made } : piece;
}

function callOf(known: ChoiceCalls, piece: JsonRecord): Call {
  const id = asString(piece.id) || null;
  const named = (asString(asRecord(piece.function)?.name) ?? '') !== '';
  if (typeof piece.index === 'number') {
    const current = known.byIndex.get(piece.index);
    // Some providers repeat the id and some invent a new id for each piece. So another call begins only with a new id
    // and a name.
    const another = current !== undefined && named && id !== null && current.id !== null && id !== current.id;
    if (current !== undefined && !another) {
      if (current.id === null) name(known, current, id);
      return current;
    }
    if (another) known.peculiar = true;
    const call = begin(known, id, piece.index);
    known.byIndex.set(piece.index, call);
    return call;
  }
  const sameId = id === null ? undefined : known.byId.get(id);
  if (sameId !== undefined) return sameId;
  const { last } = known;
  return last === null || id !== null || named ? begin(known, id, known.taken.size) : last;
}

/** Adds a call, with the index it asks for if that is free, else with the next free one. */
function begin(known: ChoiceCalls, id: string | null, wanted: number): Call {
  const call: Call = { index: known.taken.has(wanted) ? known.highest + 1 : wanted, id: null };
  known.taken.add(call.index);
  known.highest = Math.max(known.highest, call.index);
  known.last = call;
  name(known, call, id);
  return call;
}

/** The first call with an id keeps it. */
function name(known: ChoiceCalls, call: Call, id: string | null): void {
  call.id = id;
  if (id !== null && !known.byId.has(id)) known.byId.set(id, call);
}
