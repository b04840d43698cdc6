/**
 * The spans of one request: one for itself, and one below it for each attempt, which the provider gets as its parent. Only
 * names of the configuration and closed lists are in them, besides ids and what a pattern's star stands for, which are
 * redacted: never a prompt, an answer, a provider's words or a key.
 */
import { baseAddress } from '../../shared/egress/base-address.ts';
import type { EndpointLabel } from '../../shared/endpoints.ts';
import type { TokenCounts } from '../../shared/events.ts';
import type { TraceConventions } from '../../shared/tracing.ts';
import { type Attributes, operationOf, providerAttributes, streamAttributes, usageAttributes } from './conventions.ts';
import type { OpenSpan, SpanMaker } from './span-maker.ts';
import { type SpanPlace, writeTraceparent } from './trace-context.ts';

/** What is known of a request when it arrives. */
export interface Arrived {
  readonly method: string;
  readonly label: EndpointLabel;
  /** In unix time. */
  readonly atMs: number;
  /** The span of the client; null if it names none. */
  readonly parent: SpanPlace | null;
}

/** What an attempt asks. */
interface Asked {
  readonly provider: string;
  /** The type of the provider. */
  readonly type: string;
  readonly baseUrl: string;
  /** The provider's name of the model, redacted. */
  readonly model: string;
  /** From 1. */
  readonly attempt: number;
}

/** How a request ended. */
interface Ended {
  readonly id: string;
  readonly outcome: 'success' | 'error' | 'client_gone';
  readonly status: number;
  readonly model: string;
  readonly stream: boolean;
  readonly provider: string;
  readonly attempts: string;
  readonly upstreamRequestId: string | null;
  readonly owner: string | null;
  readonly code: string | null;
}

/** The span of an attempt. */
interface AttemptSpan {
  readonly span: OpenSpan;
  readonly atMs: number;
  isOver: boolean;
}

export class RequestTrace {
  readonly #maker: SpanMaker;
  readonly #version: TraceConventions;
  readonly #label: EndpointLabel;
  readonly #hasParent: boolean;
  /** Its arrival, in unix time. */
  readonly #atMs: number;
  readonly #span: OpenSpan;
  readonly #attempts: AttemptSpan[] = [];

  constructor(maker: SpanMaker, version: TraceConventions, { method, label, atMs, parent }: Arrived) {
    this.#maker = maker;
    this.#version = version;
    this.#label = label;
    this.#hasParent = parent !== null;
    this.#atMs = atMs;
    this.#span = maker.start('server', `${method} ${label}`, atMs, parent);
  }

  /** A target is about to be asked. @param afterMs since the request's arrival */
  attemptBegins({ provider, type, baseUrl, model, attempt }: Asked, afterMs: number): void {
    const atMs = this.#atMs + afterMs;
    const operation = operationOf(this.#label);
    const span = this.#maker.start('client', `${operation} ${model}`, atMs, this.#span.place);
    this.#attempts.push({ span, atMs, isOver: false });
    if (!span.isRecorded) return;
    span.set({
      'gen_ai.operation.name': operation,
      ...providerAttributes(this.#version, type),
      'gen_ai.request.model': model,
      ...addressAttributes(baseUrl),
      'headgate.provider': provider,
      'headgate.attempt': attempt,
    });
  }

  /**
   * The headers of an exchange of the present attempt, whose span becomes the provider's parent. What a client says of its
   * own trace crosses with it, if it has named one.
   *
   * @param headers alternating names and values
   */
  outgoing(headers: readonly string[]): string[] {
    const place = this.#attempts.at(-1)?.span.place ?? this.#span.place;
    const kept: string[] = [];
    for (let index = 0; index < headers.length; index += 2) {
      const [name = '', value = ''] = headers.slice(index, index + 2);
      const isReplaced = name === 'traceparent' || (name === 'tracestate' && !this.#hasParent);
      if (!isReplaced) kept.push(name, value);
    }
    kept.push('traceparent', writeTraceparent(place));
    return kept;
  }

  /** The present attempt is over. @param outcome its label; `success` for one that has answered */
  attemptEnds(outcome: string, status: number | null, tookMs: number, firstContentMs: number | null): void {
    const attempt = this.#attempts.at(-1);
    if (attempt === undefined || attempt.isOver) return;
    attempt.isOver = true;
    const { span, atMs } = attempt;
    if (span.isRecorded) {
      const isFailure = outcome !== 'success' && outcome !== 'client_gone';
      span.set({
        'headgate.outcome': outcome,
        'http.response.status_code': status ?? undefined,
        'error.type': isFailure ? outcome : undefined,
        ...(firstContentMs === null ? {} : streamAttributes(this.#version, firstContentMs)),
      });
      if (isFailure) span.fail(outcome);
    }
    span.endsAt(atMs + tookMs);
  }

  /** The tokens of the present attempt are counted. */
  counted(counts: TokenCounts): void {
    const span = this.#attempts.at(-1)?.span;
    if (span?.isRecorded === true) span.set(usageAttributes(this.#version, counts));
  }

  /** The request is over: its spans are on their way. @param afterMs since its arrival */
  ends(ended: Ended, afterMs: number): void {
    const atMs = this.#atMs + afterMs;
    for (const { span, isOver } of this.#attempts) {
      if (!isOver) span.endsAt(atMs);
      span.close();
    }
    if (this.#span.isRecorded) {
      this.#span.set(this.#ofRequest(ended));
      // A client's own mistake is no error of this server's (conventions of HTTP), nor is it that a client leaves.
      if (ended.outcome === 'error' && (ended.status >= 500 || ended.status < 400))
        this.#span.fail(ended.code ?? 'error');
    }
    this.#span.endsAt(atMs);
    this.#span.close();
  }

  #ofRequest(ended: Ended): Attributes {
    return {
      'gen_ai.operation.name': operationOf(this.#label),
      'gen_ai.request.model': ended.model,
      ...(ended.stream ? streamAttributes(this.#version, null) : {}),
      'http.response.status_code': ended.status,
      'error.type': ended.outcome === 'client_gone' ? ended.outcome : (ended.code ?? undefined),
      'headgate.request_id': ended.id,
      'headgate.endpoint': this.#label,
      'headgate.outcome': ended.outcome,
      'headgate.provider': ended.provider,
      'headgate.attempts': ended.attempts === '' ? undefined : ended.attempts,
      'headgate.upstream_request_id': ended.upstreamRequestId ?? undefined,
      'headgate.owner': ended.owner ?? undefined,
      'headgate.code': ended.code ?? undefined,
    };
  }
}

/** Of a Unix socket, its path. */
function addressAttributes(baseUrl: string): Attributes {
  const { origin, socketPath } = baseAddress(baseUrl);
  if (socketPath !== null) return { 'server.address': socketPath };
  const { hostname, port, protocol } = new URL(origin);
  const usual = protocol === 'https:' ? 443 : 80;
  return { 'server.address': hostname, 'server.port': port === '' ? usual : Number(port) };
}
