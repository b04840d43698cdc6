/**
 * The only file that speaks OpenTelemetry. Its packages are loaded when traces are configured, and are no dependency of the
 * gateway: `shared/tracing.ts` names them.
 */
import { hostname } from 'node:os';
import type { Span as ApiSpan } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { TracingConfig } from '../../shared/tracing.ts';
import type { OpenSpan, SpanMaker } from './span-maker.ts';
import { SpanQueue } from './span-queue.ts';
import type { SpanPlace } from './trace-context.ts';

interface MakerOptions {
  readonly config: TracingConfig;
  /** Of this worker, for the resource. */
  readonly slot: string;
  readonly dropped: (count: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** For one export, with the exporter's own retries. */
const EXPORT_TIMEOUT_MS = 5_000;

/** Rejects if a package is not there, or is of a version without what is needed here. */
export async function openSpanMaker({ config, slot, dropped, clock, log }: MakerOptions): Promise<SpanMaker> {
  const api = await import('@opentelemetry/api');
  const sdk = await import('@opentelemetry/sdk-trace');
  const resources = await import('@opentelemetry/resources');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');

  const { endpoint, sample, headers, serviceName } = config;
  const exporter = new OTLPTraceExporter({
    url: `${endpoint}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const send = (batch: ReadableSpan[], done: (error: Error | null) => void) =>
    exporter.export(batch, ({ code, error }) => done(code === 0 ? null : (error ?? new Error('the export failed'))));
  const queue = new SpanQueue<ReadableSpan>({ send, dropped, endpoint, clock, log });
  const processor: SpanProcessor = {
    onStart: () => undefined,
    onEnd: (span) => queue.add(span),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  // Process ids are alike in all containers, so an instance needs its host too. The operator may say more of it, as of a pod.
  const host = hostname();
  const told = resources.detectResources({ detectors: [resources.resourceAttributesEnvDetector] });
  const own = resources.resourceFromAttributes({
    'service.name': serviceName,
    'service.instance.id': `${host}:${process.pid}`,
    'headgate.worker': slot,
  });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({ 'host.name': host }).merge(told).merge(own),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sample) }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('headgate');
  const kinds = { server: api.SpanKind.SERVER, client: api.SpanKind.CLIENT } as const;
  const flags = ({ isSampled }: SpanPlace) => (isSampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE);
  const contextOf = (parent: SpanPlace | null) => {
    if (parent === null) return api.ROOT_CONTEXT;
    const { traceId, spanId } = parent;
    return api.trace.setSpanContext(api.ROOT_CONTEXT, { traceId, spanId, traceFlags: flags(parent), isRemote: true });
  };
  return {
    start: (kind, name, atMs, parent) =>
      openSpan(tracer.startSpan(name, { kind: kinds[kind], startTime: atMs }, contextOf(parent)), api),
    stop: async (limitMs) => {
      await queue.stop(limitMs);
      // Nothing is left to send: this only lets go of its connections.
      void exporter.shutdown().catch(() => undefined);
    },
  };
}

function openSpan(span: ApiSpan, { SpanStatusCode, TraceFlags }: typeof import('@opentelemetry/api')): OpenSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  let endMs: number | undefined;
  return {
    place: { traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 },
    isRecorded: span.isRecording(),
    set: (attributes) => void span.setAttributes({ ...attributes }),
    fail: (type) => void span.setStatus({ code: SpanStatusCode.ERROR, message: type }),
    endsAt: (atMs) => {
      endMs = atMs;
    },
    close: () => span.end(endMs),
  };
}
