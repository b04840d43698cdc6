/**
 * The chunks of a streamed chat completion, collected to the whole one. The inverse of `split-completion.ts`. Pure;
 * fields that are not known here are merged by the rule that OpenAI's own clients use: texts are joined, lists whose
 * items have an index are merged item by item, other lists are appended, everything else is replaced.
 */
import { asArray, asRecord, type JsonRecord } from '../shared/json.ts';

/** What names something: a later piece repeats it and does not continue it. */
const names = new Set(['id', 'type', 'role', 'name', 'index', 'object', 'model', 'finish_reason', 'signature']);

interface Choice {
  delta: JsonRecord;
  /** What stands beside the delta: logprobs and whatever a provider adds. */
  rest: JsonRecord;
  finishReason: unknown;
}

export class ChunkCollector {
  #base: JsonRecord = {};
  readonly #choices = new Map<unknown, Choice>();

  push({ choices, object: _, ...base }: JsonRecord): void {
    this.#base = { ...this.#base, ...withoutNulls(base) };
    for (const sent of asArray(choices).map(asRecord)) {
      if (sent === null) continue;
      const { index = 0, delta, finish_reason: finishReason, ...rest } = sent;
      const choice = this.#choice(index);
      choice.delta = merged(choice.delta, asRecord(delta) ?? {});
      const logprobs = joined(choice.rest.logprobs, rest.logprobs);
      choice.rest = { ...choice.rest, ...withoutNulls(rest), ...(logprobs === undefined ? {} : { logprobs }) };
      choice.finishReason = finishReason ?? choice.finishReason;
    }
  }

  /** The completion as far as it has come. */
  completion(): JsonRecord {
    const choices = [...this.#choices].map(([index, { delta, rest, finishReason }]) => ({
      index,
      message: messageOf(delta),
      ...rest,
      finish_reason: finishReason,
    }));
    choices.sort((one, other) => Number(one.index) - Number(other.index));
    return { ...this.#base, object: 'chat.completion', choices };
  }

  #choice(index: unknown): Choice {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = { delta: {}, rest: {}, finishReason: null };
      this.#choices.set(index, choice);
    }
    return choice;
  }
}

function messageOf(delta: JsonRecord): JsonRecord {
  const calls = asArray(delta.tool_calls);
  const message = { role: 'assistant', content: null, ...delta };
  if (calls.length === 0) return message;
  return { ...message, tool_calls: calls.map((call) => withoutIndex(asRecord(call) ?? {})) };
}

function withoutIndex({ index: _, ...call }: JsonRecord): JsonRecord {
  return call;
}

/** A chunk says null for what it does not know yet. */
function withoutNulls(record: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

function merged(known: JsonRecord, piece: JsonRecord): JsonRecord {
  const result: Record<string, unknown> = { ...known };
  for (const [name, value] of Object.entries(piece)) {
    // A field of that name would be the object's prototype.
    if (name === '__proto__') continue;
    result[name] = names.has(name) ? (value ?? result[name]) : joined(result[name], value);
  }
  return result;
}

function joined(known: unknown, piece: unknown): unknown {
  if (known === undefined || known === null) return piece;
  if (piece === undefined || piece === null || piece === '') return known;
  if (typeof known === 'string' && typeof piece === 'string') return known + piece;
  if (Array.isArray(known) && Array.isArray(piece)) return joinedLists(known, piece);
  const [record, other] = [asRecord(known), asRecord(piece)];
  return record !== null && other !== null ? merged(record, other) : piece;
}

function joinedLists(known: readonly unknown[], piece: readonly unknown[]): unknown[] {
  const result = [...known];
  const places = new Map<unknown, number>();
  const note = (item: unknown, place: number) => {
    const index = asRecord(item)?.index;
    if (index !== undefined && !places.has(index)) places.set(index, place);
  };
  result.forEach(note);
  for (const item of piece) {
    const place = places.get(asRecord(item)?.index);
    if (place === undefined) note(item, result.push(item) - 1);
    else result[place] = merged(asRecord(result[place]) ?? {}, asRecord(item) ?? {});
  }
  return result;
}
