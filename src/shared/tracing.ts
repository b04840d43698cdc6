/** What both processes agree on about traces: their settings, and the packages that are needed for them. */

/** Versions of OpenTelemetry's conventions for generative AI whose names can be had. */
export const traceConventions = ['v1.36', 'v1.37', 'v1.41'] as const;
export type TraceConventions = (typeof traceConventions)[number];

/** Where traces go, and what is in them. */
export interface TracingConfig {
  /** An absolute URL without a trailing slash; spans go to `/v1/traces` below it. */
  readonly endpoint: string;
  /** The share of the traces that begin here, 0..1; of those that clients have begun, they decide. Default 1. */
  readonly sample: number;
  /** Sent with every export; perhaps secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** What a configuration says, else the environment, else `headgate`. */
  readonly serviceName: string;
  readonly conventions: TraceConventions;
}

/**
 * Installed beside the gateway by who wants traces: they are larger than the gateway itself. The versions are those that it
 * is tested with.
 */
export const tracingPackages: Readonly<Record<string, string>> = {
  '@opentelemetry/api': '1.10.0',
  '@opentelemetry/sdk-trace': '3.1.0',
  '@opentelemetry/resources': '3.1.0',
  '@opentelemetry/exporter-trace-otlp-http': '0.301.0',
};
