/** The header by which traces cross processes (W3C Trace Context). Pure. */

/** A span of another process or of this one. */
export interface SpanPlace {
  /** 32 hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all 0. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const form = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** What a `traceparent` says; null for none, or one that must be ignored. */
export function readTraceparent(header: unknown): SpanPlace | null {
  const found = typeof header === 'string' ? form.exec(header) : null;
  if (found === null) return null;
  const [, version, traceId = '', spanId = '', flags = '', more] = found;
  // Later versions may add fields.
  if (version === '00' && more !== undefined) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function writeTraceparent({ traceId, spanId, isSampled }: SpanPlace): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}
