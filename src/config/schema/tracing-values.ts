/** Traces, as values of a configuration. */
import { z } from 'zod';
import { traceConventions } from '../../shared/tracing.ts';
import { headerValue, mapping, oneOf, share, text } from './schema-values.ts';

const expectedEndpoint = 'the http(s) URL of a collector without credentials, that ends before /v1/traces';
const endpointPattern = /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:\/[^\s?#@\\]*)?$/;

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'the name of a header');

/** Of the keys that may be left out, beside an `endpoint`, without which nothing of it is there. */
export const tracingDefaults = { sample: 1, service_name: 'headgate', conventions: 'v1.41' as const };

/** The file's `tracing`. */
export const tracing = mapping({
  endpoint: text(expectedEndpoint, endpointPattern, {
    description:
      'The address of a collector that speaks OTLP over HTTP, such as http://127.0.0.1:4318; spans go to /v1/traces below it.',
  }).refine((url) => URL.canParse(url) && !/\/v1\/traces\/*$/.test(url), expectedEndpoint),
  sample: share(0, {
    description:
      'The share of traces that are sent, of those that begin here; of those of a client, its `traceparent` decides.',
    default: tracingDefaults.sample,
  }).optional(),
  headers: z
    .record(headerName, headerValue(), 'a mapping of headers by name')
    .optional()
    .meta({ description: 'Sent with every export, such as `authorization`.', default: {} }),
  service_name: text('a name of up to 255 characters', /^\S(?:.{0,253}\S)?$/, {
    description:
      'What the collector calls this gateway (`service.name`). Left out, it is `OTEL_SERVICE_NAME` of the environment, else `service.name` of `OTEL_RESOURCE_ATTRIBUTES`, from which more is read, such as `k8s.pod.name=…`.',
    default: tracingDefaults.service_name,
  }).optional(),
  conventions: oneOf(traceConventions, {
    description:
      "The version of OpenTelemetry's conventions for generative AI whose names spans have: v1.36 has `gen_ai.system`, v1.37 `gen_ai.provider.name`, v1.41 also streams, cached tokens and tokens of reasoning.",
    default: tracingDefaults.conventions,
  }).optional(),
});
