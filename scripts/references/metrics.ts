/**
 * The reference of the metrics, generated from the registries themselves: a worker's, and the primary's own. Metrics of
 * Node are not described, because the library defines them.
 */
import { fill } from '../../src/config/fill.ts';
import { exitReasons } from '../../src/primary/processes/supervisor.ts';
import { createOwnMetrics } from '../../src/primary/scrape/own-metrics.ts';
import { createPrimaryGauges, workerStates } from '../../src/primary/scrape/primary-gauges.ts';
import { endpointLabels } from '../../src/shared/endpoints.ts';
import {
  attemptOutcomes,
  rejectReasons,
  servedTiers,
  serverTools,
  streamOutcomes,
  tokenTypes,
} from '../../src/shared/events.ts';
import type { Registry } from '../../src/shared/metrics/prom.ts';
import { shownNames } from '../../src/shared/metrics/shown.ts';
import { createWorkerRegistry } from '../../src/worker/reporting/process-metrics.ts';
import { code, GENERATED, table } from './markdown.ts';

const intro = `# The metrics

All on one page: \`GET /metrics\` on the admin port, and on the data port where \`server.metrics_path\` says so. It is the
sum over the whole host, whichever processes have come and gone: counters and histograms never go down while the gateway
runs, and survive the death of any worker and of the primary. A clean stop ends them, as Prometheus expects of a restart.

A series begins at 0 with the configuration that makes its labels known, so that \`rate()\` and \`increase()\` see the first
of everything: for each model its requests, costs and all errors that may happen to it. Others begin with what they count
first, which these two do not see: tools, tiers, kinds of tokens that not every answer has, \`llm_gateway_overhead_seconds\`, and
the histograms of a provider's models. Of these, take rates of a sum that has been there before, as
[alerts.yml](../../deploy/alerts.yml) does.`;

const labels = `## Labels

Every value comes from the configuration or from a closed list, never from a request.

${table(
  ['label', 'values'],
  [
    ['`provider`', 'names of `providers`; `unknown` for requests that no provider was asked for'],
    ['`model`', 'names of `models`; `other` for any other that was asked for'],
    ['`model` (target circuits)', "the providers' own names, out of `targets`"],
    ['`from`, `to` (failover)', 'names of `providers`'],
    ['`to` (circuit)', '`closed`, `open`, `half_open`'],
    ['`status`', '`success`, `error`'],
    ['`outcome` (attempts)', list(attemptOutcomes)],
    ['`outcome` (streams)', list(streamOutcomes)],
    ['`reason` (rejected)', list(rejectReasons)],
    ['`reason` (worker exits)', list(exitReasons)],
    ['`state`', list(workerStates)],
    [
      '`type` (tokens)',
      `${list(tokenTypes)}. \`input\` and \`output\` are all that was counted, the next ones are parts of them, and estimates stand beside them`,
    ],
    ['`tool`', list(serverTools)],
    ['`tier`', list(servedTiers)],
    ['`worker`', 'the slot, from 0; not the process id'],
    ['`endpoint`', list(endpointLabels)],
    ['`label`', '`model`, `provider`'],
  ],
).join('\n')}`;

const node = `## Node's own

\`process_*\` and \`nodejs_*\` are the workers', merged by prom-client's rule for each; those of the primary have the prefix
\`primary_\`. Left out: event loop lag percentiles of the workers (averages of percentiles mean nothing; see
\`llm_worker_event_loop_lag_seconds\`), the \`nodejs_active_*_total\` gauges (\`promtool\` rightly faults their names), the
primary's histograms. Its CPU time is shown as a gauge, since a counter would go down when the primary dies.`;

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  readonly buckets: readonly number[];
}

/** The five metrics of the specification, in its order. */
const specified = [
  'llm_requests_total',
  'llm_request_duration_seconds',
  'llm_circuit_state',
  'llm_retry_total',
  'llm_failover_total',
];

/** The whole document. */
export function metricsReference(): string {
  const all = describedMetrics();
  const first = specified.flatMap((name) => all.filter((metric) => metric.name === name));
  const rest = all.filter(({ name }) => !specified.includes(name));
  const histograms = all.filter(({ buckets }) => buckets.length > 0);
  const buckets = histograms.map(({ name, buckets: bounds }) => [code(name), bounds.join(', ')]);
  const parts = [
    GENERATED,
    intro,
    `## Requests and circuits\n\n${rows(first)}`,
    `## Everything else\n\n${rows(rest)}`,
    `## Buckets\n\nUpper bounds in seconds, beside \`+Inf\`.\n\n${table(['histogram', 'buckets'], buckets).join('\n')}`,
    labels,
    node,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Every metric of the gateway, once, in the order of names. */
export function describedMetrics(): Described[] {
  const config = fill({ providers: {}, models: {} }, '/');
  const own = createOwnMetrics(config);
  createPrimaryGauges(own.registry, { version: '', providers: [] });
  const { registry } = createWorkerRegistry(0);
  const all = [registry, own.registry]
    .flatMap(describe)
    .map(shownNames)
    .filter(({ name }) => name.startsWith('llm_'));
  return [...new Map(all.map((metric) => [metric.name, metric])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(registry: Registry): Described[] {
  return registry.getMetricsAsArray().map((metric) => {
    // The library's typings lack fields that every metric object has.
    const fields: { readonly [field: string]: unknown } = { ...metric };
    const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
    return {
      name: metric.name,
      help: metric.help,
      type: String(fields.type),
      labelNames: texts(fields.labelNames).filter((label) => label !== 'le'),
      buckets: texts(fields.upperBounds).map(Number),
    };
  });
}

function rows(metrics: readonly Described[]): string {
  return table(
    ['metric', 'type', 'labels', 'meaning'],
    metrics.map(({ name, type, labelNames, help }) => [code(name), type, labelNames.map(code).join(', '), help]),
  ).join('\n');
}

function list(values: readonly string[]): string {
  return values.map(code).join(', ');
}
