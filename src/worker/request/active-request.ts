/**
 * The state of one request from arrival to end: its client, its attempts and its result. It ends by `finish` or
 * `abandon`, and only the first call counts, so that a request is counted exactly once.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ActiveItem } from '../../shared/active-set.ts';
import type { Config, ModelConfig, TargetConfig } from '../../shared/config.ts';
import { errorTable, type GatewayError } from '../../shared/errors.ts';
import { type EndpointLabel, exactSeconds } from '../../shared/events.ts';
import type { Judgement } from '../../shared/judgements.ts';
import type { RequestLine } from '../reporting/request-line.ts';
import type { AttemptFailure, EmptyAnswer } from '../upstream/attempt-failure.ts';
import { HeldBytes } from '../upstream/byte-meter.ts';
import { Cancellation } from '../upstream/cancellation.ts';
import type { PlaneState } from './plane-state.ts';
import { causeCode, type RequestError } from './request-error.ts';

/** A request id sent by the client is used if it matches. */
const SANE_ID = /^[\w.:/+=@-]{1,128}$/;

/** A connection is closed if its client reads nothing of an ended answer for this time. */
const CLIENT_STALL_MS = 60_000;

/** One attempt, as shown in `x-headgate-attempts` and in the log. */
interface AttemptNote {
  readonly provider: string;
  /** A status or a short word. */
  readonly label: string;
  /** Duration in ms; null for the attempt that answers. */
  readonly ms: number | null;
}

/** The failure of the last attempt, with its judgement. */
export interface LastFailure {
  /** Index of the target. */
  readonly index: number;
  readonly provider: string;
  readonly failure: AttemptFailure;
  readonly judgement: Judgement;
}

export class ActiveRequest implements ActiveItem {
  place = 0;
  readonly plane: PlaneState;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly id: string;
  readonly number: number;
  readonly endpoint: EndpointLabel;
  /** The configuration at its arrival; a reload does not change it. */
  readonly config: Config;
  readonly startedMs: number;
  readonly cancellation = new Cancellation();
  /** Of the provider's whole answer, until the client has it. */
  readonly answerBytes: HeldBytes;
  /** Null until the model is known to be configured. */
  model: ModelConfig | null = null;
  stream = false;
  /** The last provider asked. */
  provider = 'unknown';
  /** The provider's own name of the model that was asked last, and its id of that request where it gave one. */
  upstreamModel: string | null = null;
  upstreamRequestId: string | null = null;
  lastFailure: LastFailure | null = null;
  /** Attempts after which only one more target may be asked: empty answers, and those in a wrong form. */
  onceOnly = 0;
  /** The first empty answer: it goes back when no target is left. */
  emptyAnswer: { readonly target: TargetConfig; readonly answer: EmptyAnswer } | null = null;
  /** Tokens of all its attempts as the providers counted them. */
  inputTokens = 0;
  outputTokens = 0;
  /** Indexes of the targets that were asked, or could not be. */
  readonly tried: number[] = [];
  /** The target of each attempt, in order. */
  readonly asked: TargetConfig[] = [];
  /** Providers whose circuit rejected this request; each is counted once. */
  readonly rejectedBy: string[] = [];
  /** Providers that asked not to be tried again for this request. */
  readonly declinedBy: string[] = [];
  /** Why its body could not be read; null if it could, or was not read yet. */
  bodyFault: GatewayError | null = null;
  droppedParams: readonly string[] = [];
  /** When the first content of its stream arrived, in ms since the request's arrival; null before the commit. */
  firstContentMs: number | null = null;
  /** Time spent waiting for providers, including back-off and cooldowns. */
  waitedMs = 0;
  readonly #idIsGiven: boolean;
  readonly #notes: AttemptNote[] = [];
  #over = false;

  constructor(plane: PlaneState, incoming: IncomingMessage, outgoing: ServerResponse, endpoint: EndpointLabel) {
    this.plane = plane;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.endpoint = endpoint;
    this.config = plane.config;
    this.answerBytes = new HeldBytes(plane.held);
    this.number = plane.nextRequestNumber();
    this.startedMs = plane.clock.nowMs();
    const given = incoming.headers['x-request-id'];
    const sane = typeof given === 'string' && SANE_ID.test(given) ? given : null;
    this.id = sane ?? randomUUID();
    this.#idIsGiven = sane !== null;
    outgoing.on('close', () => {
      // Only after its last byte is sent: a client that does not read still counts as in flight.
      plane.open.delete(this);
      this.answerBytes.close();
      if (!outgoing.writableFinished) this.cancellation.cancel('client-gone');
    });
    outgoing.on('error', () => this.cancellation.cancel('client-gone'));
  }

  /** Milliseconds since it arrived. */
  elapsedMs(): number {
    return this.plane.clock.nowMs() - this.startedMs;
  }

  /** Number of attempts at a provider, or at one of its models. */
  attemptsAt(provider: string, model?: string): number {
    let count = 0;
    for (const target of this.asked) {
      if (target.provider === provider && (model === undefined || target.model === model)) count += 1;
    }
    return count;
  }

  /** Whether its stream is committed, so that no other attempt is possible. */
  get committed(): boolean {
    return this.firstContentMs !== null;
  }

  /** Records an attempt for the header and the log. */
  note(provider: string, label: string, ms: number | null): void {
    this.#notes.push({ provider, label, ms });
  }

  /** Replaces the last note, because a stream noted as an answer has failed after the headers were sent. */
  amendNote(label: string, ms: number): void {
    const last = this.#notes.pop();
    if (last !== undefined) this.#notes.push({ provider: last.provider, label, ms });
  }

  /** `openai=429(12ms), anthropic=200` */
  attemptsText(): string {
    const [only] = this.#notes;
    return this.#notes.length === 1 && only !== undefined ? noteText(only) : this.#notes.map(noteText).join(', ');
  }

  /**
   * Counts its end and runs `sendTerminal` once its events are delivered. Only the first end counts.
   *
   * @param error set exactly when `status` is `error`
   */
  finish(
    status: 'success' | 'error',
    httpStatus: number,
    sendTerminal: () => void,
    error: RequestError | null = null,
  ): void {
    if (this.#over) return;
    this.#over = true;
    const elapsedMs = this.elapsedMs();
    const { outbox } = this.plane;
    const ended = {
      type: 'request-ended',
      provider: this.provider,
      status,
      model: this.modelLabel(),
      seconds: exactSeconds(elapsedMs),
      overheadSeconds: exactSeconds(elapsedMs - this.waitedMs),
      endpoint: this.endpoint,
    } as const;
    outbox.push(error === null ? ended : { ...ended, code: error.code });
    outbox.whenDelivered(() => this.#sendTerminal(sendTerminal));
    this.#log(status, httpStatus, elapsedMs, error);
  }

  /** Runs together with the responses of other requests, so an error must not leave this method. */
  #sendTerminal(sendTerminal: () => void): void {
    const { outgoing, plane } = this;
    try {
      sendTerminal();
      // A response that is not ended here sets its own limit for its last bytes.
      if (outgoing.writableEnded && outgoing.writableLength > 0) {
        outgoing.setTimeout(CLIENT_STALL_MS, () => outgoing.destroy());
      }
    } catch (error) {
      plane.log.error({ id: this.id, err: error }, 'an answer could not be sent');
      outgoing.destroy();
    }
  }

  /** The rest of its body cannot be read: `error` says why. The reader of the body ends as if the client had left. */
  fail(error: GatewayError): void {
    this.bodyFault = error;
    this.incoming.emit('close');
  }

  /** Ends the request because the client left before the commit. Such a request is not counted. */
  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#log('client_gone', 499, this.elapsedMs(), null);
  }

  /** The label value of its model: a name from the configuration, else `other`. */
  modelLabel(): string {
    return this.model?.name ?? 'other';
  }

  #log(outcome: RequestLine['outcome'], status: number, elapsedMs: number, error: RequestError | null): void {
    this.plane.requestLog.write({
      // An id from the client may be any text, even one of our keys.
      id: this.#idIsGiven ? this.plane.redactor.redact(this.id) : this.id,
      model: this.modelLabel(),
      provider: this.provider,
      upstreamModel: this.upstreamModel,
      // A provider may give any text, even its key.
      upstreamRequestId: this.upstreamRequestId && this.plane.redactor.redact(this.upstreamRequestId),
      outcome,
      status,
      stream: this.stream,
      durationMs: roundedMs(elapsedMs),
      firstContentMs: this.firstContentMs === null ? null : roundedMs(this.firstContentMs),
      attempts: this.attemptsText(),
      inputTokens: this.inputTokens,
      outputTokens: this.outputTokens,
      owner: error === null ? null : errorTable[error.code].owner,
      code: error?.code ?? null,
      cause: error === null ? null : causeCode(error.cause),
    });
  }
}

function noteText({ provider, label, ms }: AttemptNote): string {
  return ms === null ? `${provider}=${label}` : `${provider}=${label}(${Math.round(ms)}ms)`;
}

/** Rounded to a tenth of a millisecond. */
function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
