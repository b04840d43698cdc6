/**
 * The state of one request from arrival to end: its client, its attempts and its result. It ends by `finish` or
 * `abandon`, and only the first call counts, so that a request is counted exactly once.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../../dialects/types.ts';
import type { ActiveItem } from '../../shared/active-set.ts';
import type { Config, ModelConfig } from '../../shared/config.ts';
import { errorTable, type GatewayError } from '../../shared/errors.ts';
import { exactSeconds, type TokenCounts } from '../../shared/events.ts';
import { upstreamName } from '../../shared/model-names.ts';
import { plainName } from '../../shared/plain-name.ts';
import type { RequestLine } from '../reporting/request-line.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import { readTraceparent } from '../tracing/trace-context.ts';
import { HeldBytes } from '../upstream/byte-meter.ts';
import { Cancellation } from '../upstream/cancellation.ts';
import type { Principal } from './arrival/authentication.ts';
import type { AskedEndpoint } from './asked-endpoint.ts';
import { AttemptHistory } from './attempt-history.ts';
import type { ChunkedWriter } from './chunked-writer.ts';
import { clientTimeoutMs } from './client-deadline.ts';
import type { PlaneState } from './plane-state.ts';
import { type ReplyStage, UNSENT } from './reply-stage.ts';
import { causeCode, type RequestError } from './request-error.ts';
import type { Session } from './session.ts';
import type { Silence } from './silent-providers.ts';
import type { StateBinding } from './state-binding.ts';
import { Stopwatch } from './stopwatch.ts';
import { Occupancy } from './target-traffic.ts';

/** Others are a client's own text. */
const knownMethods: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE', 'HEAD', 'PUT', 'PATCH', 'OPTIONS']);

/** A request id sent by the client is used if it matches. */
const SANE_ID = /^[\w.:/+=@-]{1,128}$/;

/** So much of a name that no model has stands in the log, and so much of it is looked at. */
const LONGEST_NAME = 100;
const LONGEST_REDACTED = 2_000;

/** A connection is closed if its client reads nothing of an ended answer for this time. */
const CLIENT_STALL_MS = 60_000;

export class ActiveRequest implements ActiveItem {
  place = 0;
  readonly plane: PlaneState;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly id: string;
  readonly number: number;
  readonly endpoint: AskedEndpoint;
  /** What stands in its path for an id, still escaped; '' for nothing. */
  readonly pathId: string;
  /** The configuration at its arrival; a reload does not change it. */
  readonly config: Config;
  readonly startedMs: number;
  /** How long its client waits for the head of the answer, in ms; null if it does not say. */
  readonly clientTimeoutMs: number | null;
  readonly cancellation = new Cancellation();
  /** Of the provider's whole answer, until the client has it. */
  readonly answerBytes: HeldBytes;
  /** What it has asked of providers, and got. */
  readonly history = new AttemptHistory();
  /** Its place among those of the target that it asks, where these are counted. */
  readonly occupancy = new Occupancy();
  /** Null while no traces are made. */
  readonly trace: RequestTrace | null;
  /** Runs while it waits for providers, including back-off and cooldowns. */
  readonly waiting: Stopwatch;
  #principal: Principal | null = null;
  #model: ModelConfig | null = null;
  #matched: string | null = null;
  #unknownName: string | null = null;
  #session: Session | null = null;
  #order: readonly number[] | null = null;
  #stream = false;
  #binding: StateBinding | null = null;
  #below = '';
  #bodyFault: GatewayError | null = null;
  #reply = UNSENT;
  #keptWarmMs = Number.NEGATIVE_INFINITY;
  #inputTokens = 0;
  #outputTokens = 0;
  readonly #idIsGiven: boolean;
  #over = false;

  constructor(
    plane: PlaneState,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    endpoint: AskedEndpoint,
    pathId = '',
  ) {
    this.plane = plane;
    this.pathId = pathId;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.endpoint = endpoint;
    this.config = plane.config;
    this.answerBytes = new HeldBytes(plane.held);
    this.number = plane.nextRequestNumber();
    this.startedMs = plane.clock.nowMs();
    this.clientTimeoutMs = clientTimeoutMs(incoming.headers);
    this.waiting = new Stopwatch(plane.clock);
    const given = incoming.headers['x-request-id'];
    const sane = typeof given === 'string' && SANE_ID.test(given) ? given : null;
    this.id = sane ?? randomUUID();
    this.#idIsGiven = sane !== null;
    this.trace = plane.tracing.isOn ? this.#beginTrace() : null;
    outgoing.on('close', () => {
      // Only after its last byte is sent: a client that does not read still counts as in flight.
      plane.open.delete(this);
      this.answerBytes.close();
      if (!outgoing.writableFinished) this.cancellation.cancel('client-gone');
    });
    outgoing.on('error', () => this.cancellation.cancel('client-gone'));
  }

  /** The client's. */
  get dialect(): Dialect {
    return this.endpoint.dialect;
  }

  get silence(): Silence | null {
    const ms = this.firstContentMs === null ? this.waiting.presentMs('provider') : 0;
    return ms === 0 ? null : { provider: this.history.provider, model: this.modelLabel(), ms };
  }

  /** Milliseconds since it arrived. */
  elapsedMs(): number {
    return this.plane.clock.nowMs() - this.startedMs;
  }

  /** Its key is known. */
  identified(principal: Principal): void {
    this.#principal = principal;
  }

  /** Its model is known to be configured. @param matched what the star of the model's name stands for, if it has one */
  routed(model: ModelConfig, stream: boolean, matched: string | null): void {
    this.#model = model;
    this.#stream = stream;
    this.#matched = matched;
  }

  /** No model has the name that it asks for. */
  isForUnknown(name: string): void {
    this.#unknownName = name;
  }

  /** It goes on with the targets of another model. What it asks for, and is counted under, stays as it is. */
  moved(matched: string | null): void {
    this.#matched = matched;
    this.#order = null;
    this.history.moved();
  }

  /** It belongs to a conversation. */
  joins(session: Session): void {
    this.#session = session;
  }

  /** In which order it tries the targets of its model. */
  ordered(order: readonly number[]): void {
    this.#order = order;
  }

  /** It goes on from what one provider keeps. */
  bound(binding: StateBinding): void {
    this.#binding = binding;
  }

  /** It is for something at its provider: what follows the dialect's own path there, with its query. */
  addressed(below: string): void {
    this.#below = below;
  }

  /** The head of its stream is sent: no status can be sent any more. */
  opened(writer: ChunkedWriter): void {
    this.#reply = { kind: 'opened', writer };
  }

  /** The first content of its stream has arrived, so that no other attempt is possible. Returns the ms since its arrival. */
  committed(writer: ChunkedWriter): number {
    const afterMs = this.elapsedMs();
    this.#reply = { kind: 'committed', writer, afterMs };
    return afterMs;
  }

  /** Whether its client may get an event that says nothing, which happens no oftener than so; if so, the time begins anew. */
  mayKeepWarm(everyMs: number): boolean {
    const nowMs = this.plane.clock.nowMs();
    if (nowMs - this.#keptWarmMs < everyMs) return false;
    this.#keptWarmMs = nowMs;
    return true;
  }

  /** A provider has counted the tokens of an attempt. */
  counted(counts: TokenCounts): void {
    const { input = 0, output = 0 } = counts;
    this.#inputTokens += input;
    this.#outputTokens += output;
    this.trace?.counted(counts);
  }

  /** Who asks; null until the key is known. */
  get principal(): Principal | null {
    return this.#principal;
  }

  /** Null until it is routed. */
  get model(): ModelConfig | null {
    return this.#model;
  }

  /** What the star of the name stands for, in the model whose targets it tries; null without one. */
  get matched(): string | null {
    return this.#matched;
  }

  /** What a target's model is called in the log. What a star stands for is the client's text, even one of our keys. */
  upstreamModel(model: string): string {
    return this.#matched === null ? model : this.plane.redactor.redact(upstreamName(model, this.#matched));
  }

  /** The conversation that it belongs to; null if it names none, or could not leave its target. */
  get session(): Session | null {
    return this.#session;
  }

  /** Indexes of its model's targets, in the order in which it tries them; null while nothing has asked for an order. */
  get order(): readonly number[] | null {
    return this.#order;
  }

  /** Whether it asks for a stream. */
  get stream(): boolean {
    return this.#stream;
  }

  /** Null where any target may answer it. */
  get binding(): StateBinding | null {
    return this.#binding;
  }

  /** What follows the dialect's own path at its provider; '' for nothing. */
  get below(): string {
    return this.#below;
  }

  /** How far its answer is with the client. */
  get reply(): ReplyStage {
    return this.#reply;
  }

  /** When the first content of its stream arrived, in ms since the request's arrival; null before the commit. */
  get firstContentMs(): number | null {
    return this.#reply.kind === 'committed' ? this.#reply.afterMs : null;
  }

  /** Why its body could not be read; null if it could, or was not read yet. */
  get bodyFault(): GatewayError | null {
    return this.#bodyFault;
  }

  /**
   * Counts its end and runs `sendTerminal` once its events are delivered. Only the first end counts.
   *
   * @param outcome a client that has left after the commit is counted as a success, and said to have left
   * @param error set exactly when `outcome` is `error`
   */
  finish(
    outcome: RequestLine['outcome'],
    httpStatus: number,
    sendTerminal: () => void,
    error: RequestError | null = null,
  ): void {
    if (this.#over) return;
    this.#over = true;
    const elapsedMs = this.elapsedMs();
    const { outbox } = this.plane;
    const model = this.modelLabel();
    const { upstreamModel } = this.history;
    const ended = {
      type: 'request-ended',
      provider: this.history.provider,
      status: outcome === 'error' ? 'error' : 'success',
      model,
      ...(upstreamModel === null || upstreamModel === model ? {} : { upstreamModel }),
      seconds: exactSeconds(elapsedMs),
      overheadSeconds: exactSeconds(elapsedMs - this.waiting.totalMs),
      endpoint: this.endpoint.label,
    } as const;
    outbox.push(error === null ? ended : { ...ended, code: error.code });
    outbox.whenDelivered(() => this.#sendTerminal(sendTerminal));
    this.#log(outcome, httpStatus, elapsedMs, error);
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
    this.#bodyFault = error;
    this.incoming.emit('close');
  }

  /** Ends the request because the client left before the commit. Such a request is not counted. */
  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#log('client_gone', this.#reply.kind === 'unsent' ? 499 : 200, this.elapsedMs(), null);
  }

  #beginTrace(): RequestTrace | null {
    const { headers, method = '' } = this.incoming;
    return this.plane.tracing.begin({
      method: knownMethods.has(method) ? method : 'HTTP',
      label: this.endpoint.label,
      atMs: this.plane.clock.wallMs(),
      parent: readTraceparent(headers.traceparent),
    });
  }

  /** The label value of its model: a name from the configuration, else `other`. */
  modelLabel(): string {
    return this.#model?.name ?? 'other';
  }

  /** Of an only key there is nothing to say. */
  #keyInLog(): string | undefined {
    const { provider, key } = this.history;
    return (this.config.providers[provider]?.keys.length ?? 0) > 1 ? key : undefined;
  }

  /** A client may write anything there, even one of our keys, which is found before it is cut. */
  #nameInLog(name: string): string {
    return plainName(this.plane.redactor.redact(name.slice(0, LONGEST_REDACTED)), LONGEST_NAME);
  }

  #log(outcome: RequestLine['outcome'], status: number, elapsedMs: number, error: RequestError | null): void {
    const { upstreamRequestId, upstreamModel } = this.history;
    const line: RequestLine = {
      // An id from the client may be any text, even one of our keys.
      id: this.#idIsGiven ? this.plane.redactor.redact(this.id) : this.id,
      model: this.modelLabel(),
      askedModel: this.#unknownName === null ? undefined : this.#nameInLog(this.#unknownName),
      provider: this.history.provider,
      providerKey: this.#keyInLog(),
      upstreamModel: upstreamModel && this.upstreamModel(upstreamModel),
      // A provider may give any text, even its key.
      upstreamRequestId: upstreamRequestId && this.plane.redactor.redact(upstreamRequestId),
      outcome,
      status,
      stream: this.#stream,
      durationMs: roundedMs(elapsedMs),
      firstContentMs: this.firstContentMs === null ? null : roundedMs(this.firstContentMs),
      attempts: this.history.toString(),
      leftOut: this.history.exclusions || undefined,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      owner: error === null ? null : errorTable[error.code].owner,
      code: error?.code ?? null,
      cause: error === null ? null : causeCode(error.cause),
    };
    this.plane.requestLog.write(line);
    this.plane.failures.add(line, { endpoint: this.endpoint.label, configuredModel: upstreamModel });
    this.trace?.ends(line, elapsedMs);
  }
}

/** Rounded to a tenth of a millisecond. */
function roundedMs(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
