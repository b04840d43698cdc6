/** A collector of traces that speaks OTLP over HTTP, in JSON, as OpenTelemetry's exporter sends it. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as it arrived. */
export interface SeenSpan {
  readonly name: string;
  readonly kind: 'server' | 'client';
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly isError: boolean;
  readonly ms: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

interface Keyed {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface RawSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status?: { readonly code?: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly Keyed[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Keyed[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}

export interface Collector {
  readonly endpoint: string;
  readonly spans: readonly SeenSpan[];
  /** The headers of each export. */
  readonly exports: readonly http.IncomingHttpHeaders[];
  /** From now on, exports get this status. */
  answer(status: number): void;
  close(): Promise<void>;
}

/** @param port Default: a free one */
export async function startCollector(port = 0): Promise<Collector> {
  const spans: SeenSpan[] = [];
  const exports: http.IncomingHttpHeaders[] = [];
  let status = 200;
  const server = http.createServer(async (incoming, outgoing) => {
    const body = (await json(incoming)) as Export;
    if (incoming.url === '/v1/traces' && status === 200) {
      exports.push(incoming.headers);
      for (const { resource, scopeSpans } of body.resourceSpans) {
        const ofResource = read(resource.attributes);
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) spans.push(seen(span, ofResource));
      }
    }
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    exports,
    answer: (next) => {
      status = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function seen(span: RawSpan, resource: SeenSpan['resource']): SeenSpan {
  const { name, kind, traceId, spanId, parentSpanId, status, attributes = [] } = span;
  return {
    ...{ name, kind: kind === 2 ? 'server' : 'client', traceId, spanId, resource },
    parentSpanId: parentSpanId === undefined || parentSpanId === '' ? null : parentSpanId,
    isError: status?.code === 2,
    ms: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
    attributes: read(attributes),
  };
}

function read(attributes: readonly Keyed[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, numberOf(value) ?? Object.values(value)[0]]));
}

function numberOf({ intValue, doubleValue }: Keyed['value']): number | undefined {
  const given = intValue ?? doubleValue;
  return given === undefined ? undefined : Number(given);
}
