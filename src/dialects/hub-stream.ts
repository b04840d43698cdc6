/**
 * A stream that is read into the neutral form: by that it is known what each event means, and what is known of the
 * answer. What the client gets is either written from it in another dialect, or the event's own bytes.
 */
import { commentBytes, type SseEvent, wholeEvent } from '../wire/sse.ts';
import type { AnswerFacts } from './answer-facts.ts';
import type { BlockHead, HubEvent, Usage } from './hub.ts';
import { writtenKind } from './hub-answer.ts';
import type { LostParts } from './lost-parts.ts';
import { type Said, SaidSoFar } from './said.ts';
import type { AnswerStream, StreamEnd, StreamReader, StreamStep, StreamWriter, ToldAnswer } from './types.ts';
import { UnreadableAnswerError } from './upstream-error.ts';

const NOTHING = Buffer.alloc(0);
const SILENCE: StreamStep = { kind: 'comment', bytes: NOTHING };

/** The events of one answer. */
export class HubStream implements AnswerStream {
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  readonly #isUnchanged: boolean;
  /** Whether the pieces of a block are content, by its number. */
  readonly #isContent: boolean[] = [];
  #hasParts = false;
  #reason: string | null = null;
  #usage: Usage | null = null;
  #ended = false;

  readonly #lost: LostParts | null;
  /** What the pieces of a block count as, by its number; null for what no model writes. */
  readonly #kinds: ('text' | 'reasoning' | null)[] = [];
  readonly #said = new SaidSoFar();

  /**
   * @param isUnchanged each event goes back as it came, and only an end that the provider left out is written
   * @param lost notes what the writer cannot say
   */
  constructor(reader: StreamReader, writer: StreamWriter, isUnchanged: boolean, lost: LostParts | null = null) {
    this.#reader = reader;
    this.#writer = writer;
    this.#isUnchanged = isUnchanged;
    this.#lost = lost;
  }

  get whole(): boolean {
    return this.#reason !== null;
  }

  get facts(): AnswerFacts {
    const facts = { hasParts: this.#hasParts, reason: this.#reason, usage: this.#usage };
    const { reasoningDropped } = this.#reader;
    const lost = this.#lost?.kinds;
    return {
      ...facts,
      ...(reasoningDropped === undefined ? {} : { reasoningDropped }),
      ...(lost === undefined ? {} : { lost }),
    };
  }

  get said(): Said {
    return this.#said.said;
  }

  get heldBytes(): number {
    return this.#writer.heldBytes;
  }

  get soFar(): ToldAnswer | undefined {
    return this.#writer.soFar;
  }

  push(event: SseEvent): StreamStep {
    const isSilent = event.data === null || event.data === '';
    if (isSilent && this.#isUnchanged) return { kind: 'comment', bytes: commentBytes(event) };
    if (this.#ended) return { kind: 'metadata', bytes: NOTHING };
    let events: readonly HubEvent[];
    try {
      // Some servers report an error in a field of its own, beside no data.
      events = this.#reader.push(event);
    } catch (thrown) {
      if (!(thrown instanceof UnreadableAnswerError) || thrown.error === null) throw thrown;
      this.#usage = thrown.usage ?? this.#usage;
      return { kind: 'error', bytes: NOTHING, error: thrown.error };
    }
    if (isSilent) return SILENCE;
    let kind: StreamStep['kind'] = 'metadata';
    for (const each of events) kind = this.#take(each, kind);
    const bytes = this.#isUnchanged ? wholeEvent(event) : written(this.#writer, events);
    return events.length === 0 ? { kind, bytes, isPing: true } : { kind, bytes };
  }

  end(): StreamEnd {
    if (this.#ended) return { complete: true, bytes: NOTHING, otherForm: false };
    if (this.#reader.isOtherForm) return { complete: false, bytes: NOTHING, otherForm: true };
    const owed = this.whole ? this.#writer.write({ type: 'end' }) : NOTHING;
    return { complete: this.whole, bytes: owed, otherForm: false };
  }

  terminates(event: SseEvent): boolean {
    return this.#reader.terminates(event);
  }

  /** Takes the kind of a step before this event and returns it after. */
  #take(event: HubEvent, kind: StreamStep['kind']): StreamStep['kind'] {
    switch (event.type) {
      case 'open':
        this.#lost?.look(event.head);
        this.#kinds[event.block] = writtenKind(event.head);
        if (event.head.type === 'call') this.#said.addText('text', event.head.name);
        this.#isContent[event.block] = isContent(event.head);
        // A text counts with its first character.
        this.#hasParts ||= event.head.type !== 'text';
        return event.head.type === 'call' && event.head.by === 'client' ? 'content' : kind;
      case 'delta': {
        if (event.text === '') return kind;
        this.#hasParts = true;
        const written = this.#kinds[event.block] ?? null;
        if (written !== null) this.#said.addText(written, event.text);
        return this.#isContent[event.block] === true ? 'content' : kind;
      }
      case 'finish':
        this.#reason = event.finish.raw;
        return kind === 'metadata' ? 'finish' : kind;
      case 'usage':
        this.#usage = event.usage;
        this.#said.counted();
        return kind;
      case 'end':
        this.#ended = true;
        return 'terminal';
      case 'attach':
        this.#lost?.look(event.attachment);
        return kind;
      case 'start':
        this.#said.named(event.model);
        return kind;
      case 'close':
        return kind;
      default:
        return event satisfies never;
    }
  }
}

function isContent(head: BlockHead): boolean {
  switch (head.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'media':
    case 'file-id':
      return true;
    case 'call':
      return head.by === 'client';
    case 'result':
    case 'foreign':
      return false;
    default:
      return head satisfies never;
  }
}

function written(writer: StreamWriter, events: readonly HubEvent[]): Buffer {
  const [only] = events;
  if (events.length === 1 && only !== undefined) return writer.write(only);
  return events.length === 0 ? NOTHING : Buffer.concat(events.map((event) => writer.write(event)));
}
