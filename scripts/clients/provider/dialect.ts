/** What the scripted provider must know of a dialect: how it reads a request and writes an answer. */
import type { JsonRecord } from '../../../src/shared/json.ts';
import type { Asked, Said } from './conversation.ts';

type Spoken = Exclude<Said, { kind: 'error' }>;
type Failed = Extract<Said, { kind: 'error' }>;

/** An event of a stream: its name, null where the dialect has none, and its data. */
export interface StreamEvent {
  readonly event: string | null;
  readonly data: JsonRecord | string;
}

export interface ScriptedDialect {
  readonly path: string;
  /** @param id of the answer */
  read(body: JsonRecord, id: string): Asked;
  whole(said: Spoken, asked: Asked): JsonRecord;
  events(said: Spoken, asked: Asked): readonly StreamEvent[];
  /** The place among `events` of the first one with content. */
  firstContent(events: readonly StreamEvent[]): number;
  failed(said: Failed): JsonRecord;
}
