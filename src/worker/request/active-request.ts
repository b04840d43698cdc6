/**
 * One request while it lives: who asked, what has been tried, and its one end. `finish` and `abandon` are the only ways
 * out, and the first of them wins, so that a request is counted exactly once.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Judgement } from '../../shared/classify.ts';
import type { Config, ModelConfig } from '../../shared/config.ts';
import { exactSeconds } from '../../shared/events.ts';
import type { RequestLine } from '../reporting/request-log.ts';
import type { AttemptFailure } from '../upstream/attempt-failure.ts';
import { Cancellation } from '../upstream/cancellation.ts';
import type { PlaneState } from './plane-state.ts';

/** A request id of the caller's is taken over if it looks like one. */
const SANE_ID = /^[\w.:/+=@-]{1,128}$/;

/** A client that takes nothing of its ended answer for so long is given up. */
const CLIENT_STALL_MS = 60_000;

/** One attempt as it is told in `x-headgate-attempts` and in the log. */
interface AttemptNote {
  readonly provider: string;
  /** A status or a short word. */
  readonly label: string;
  /** How long it took, in ms; null for the attempt that answers. */
  readonly ms: number | null;
}

/** The last attempt's failure, with what it means. */
export interface LastFailure {
  /** Index of the target. */
  readonly index: number;
  readonly provider: string;
  readonly failure: AttemptFailure;
  readonly judgement: Judgement;
}

export class ActiveRequest {
  readonly plane: PlaneState;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly id: string;
  readonly number: number;
  readonly endpoint: string;
  /** The configuration when it arrived; a reload does not change it under way. */
  readonly config: Config;
  readonly startedMs: number;
  readonly cancellation = new Cancellation();
  /** Null until a configured model is known. */
  model: ModelConfig | null = null;
  stream = false;
  /** The last provider asked. */
  provider = 'unknown';
  lastFailure: LastFailure | null = null;
  /** Indexes of the targets that were asked, or could not be. */
  readonly tried: number[] = [];
  /** Providers, once for each attempt at them. */
  readonly asked: string[] = [];
  /** Providers whose open circuit turned this request away, each counted once. */
  readonly rejectedBy: string[] = [];
  /** Providers that asked not to be tried again for this request. */
  readonly declinedBy: string[] = [];
  droppedParams: readonly string[] = [];
  /** When its stream's first content came, in ms since its arrival; null while nothing is committed. */
  firstContentMs: number | null = null;
  /** Time spent waiting for providers, back-off and cooldowns included. */
  waitedMs = 0;
  readonly #idIsGiven: boolean;
  readonly #notes: AttemptNote[] = [];
  #over = false;

  constructor(plane: PlaneState, incoming: IncomingMessage, outgoing: ServerResponse, endpoint: string) {
    this.plane = plane;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.endpoint = endpoint;
    this.config = plane.config;
    this.number = plane.nextRequestNumber();
    this.startedMs = plane.clock.nowMs();
    const given = incoming.headers['x-request-id'];
    const sane = typeof given === 'string' && SANE_ID.test(given) ? given : null;
    this.id = sane ?? randomUUID();
    this.#idIsGiven = sane !== null;
    outgoing.on('close', () => {
      // Not before its last byte is out: a client that does not read holds its place.
      plane.open.delete(this.cancellation);
      if (!outgoing.writableFinished) this.cancellation.cancel('client-gone');
    });
    outgoing.on('error', () => this.cancellation.cancel('client-gone'));
  }

  /** Milliseconds since it arrived. */
  elapsedMs(): number {
    return this.plane.clock.nowMs() - this.startedMs;
  }

  /** Attempts that were made at a provider. */
  attemptsAt(provider: string): number {
    return this.asked.reduce((count, name) => (name === provider ? count + 1 : count), 0);
  }

  /** Whether its stream has begun, so that no other attempt is possible. */
  get committed(): boolean {
    return this.firstContentMs !== null;
  }

  /** Notes an attempt, for the header and the log. */
  note(provider: string, label: string, ms: number | null): void {
    this.#notes.push({ provider, label, ms });
  }

  /** What was noted as an answer has turned out otherwise: its stream broke after the headers had gone. */
  amendNote(label: string, ms: number): void {
    const last = this.#notes.pop();
    if (last !== undefined) this.#notes.push({ provider: last.provider, label, ms });
  }

  /** `openai=429(12ms), anthropic=200` */
  attemptsText(): string {
    const [only] = this.#notes;
    return this.#notes.length === 1 && only !== undefined ? noteText(only) : this.#notes.map(noteText).join(', ');
  }

  /** Counts its end and runs `handOver`, which lets the terminal go, once the checkpoint has it. Only the first end counts. */
  finish(status: 'success' | 'error', httpStatus: number, handOver: () => void): void {
    if (this.#over) return;
    this.#over = true;
    const elapsedMs = this.elapsedMs();
    const { outbox } = this.plane;
    outbox.push({
      type: 'request-ended',
      provider: this.provider,
      status,
      model: this.modelLabel(),
      seconds: exactSeconds(elapsedMs),
      overheadSeconds: exactSeconds(elapsedMs - this.waitedMs),
      endpoint: this.endpoint,
    });
    outbox.whenDelivered(() => this.#handOver(handOver));
    this.#log(status, httpStatus, elapsedMs);
  }

  /** Runs within somebody else's turn, with the responses of other requests: whatever fails here stays here. */
  #handOver(handOver: () => void): void {
    const { outgoing, plane } = this;
    try {
      handOver();
      // One that is not ended has its own limit for its last words.
      if (outgoing.writableEnded && outgoing.writableLength > 0) {
        outgoing.setTimeout(CLIENT_STALL_MS, () => outgoing.destroy());
      }
    } catch (error) {
      plane.log.error({ id: this.id, err: error }, 'an answer could not be handed over');
      outgoing.destroy();
    }
  }

  /** The client left before anything was committed: it is no request in the counts. */
  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#log('client_gone', 499, this.elapsedMs());
  }

  /** A label value from the configuration, else `other`. */
  modelLabel(): string {
    return this.model?.name ?? 'other';
  }

  #log(outcome: RequestLine['outcome'], status: number, elapsedMs: number): void {
    this.plane.requestLog.write({
      // A caller's may be anything, a key of ours too.
      id: this.#idIsGiven ? this.plane.redactor.redact(this.id) : this.id,
      model: this.modelLabel(),
      provider: this.provider,
      outcome,
      status,
      stream: this.stream,
      durationMs: roundedMs(elapsedMs),
      firstContentMs: this.firstContentMs === null ? null : roundedMs(this.firstContentMs),
      attempts: this.attemptsText(),
    });
  }
}

function noteText({ provider, label, ms }: AttemptNote): string {
  return ms === null ? `${provider}=${label}` : `${provider}=${label}(${Math.round(ms)}ms)`;
}

/** To a tenth of a millisecond. */
function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
