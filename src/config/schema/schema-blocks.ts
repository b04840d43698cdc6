/**
 * The blocks of a configuration that are plain values, with every key required: what a default must be, and what
 * inheritance ends in. A file may leave any key out (`schema.ts` makes them partial).
 */
import { z } from 'zod';
import { defaults } from './defaults.ts';
import { duration, mapping, oneOf, port, secret, share, size, text, wholeNumber, yesOrNo } from './schema-values.ts';

const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?)$/;
const hostWish = 'a host name or an IP address';

const metricsPathWish = 'a path that begins with / and is neither /health nor below /v1, or null';

const server = mapping({
  host: text(hostWish, hostPattern, {
    description: 'Address of the data port. Off loopback, `keys` must not be empty, unless `open` is true.',
    default: defaults.server.host,
  }),
  port: port({ description: 'The data port; 0 takes a free one.', default: defaults.server.port }),
  keys: z.array(secret({ description: 'A bearer key; an empty one counts as none.' }), 'a list of keys').meta({
    description: 'Bearer keys of clients; without any, everybody is let in.',
    default: defaults.server.keys,
  }),
  open: yesOrNo({ description: 'Lets everybody in, also off loopback.', default: defaults.server.open }),
  max_body: size({ description: 'Largest body of a request.', default: defaults.server.max_body }),
  max_in_flight: wholeNumber('a whole number from 1 to 1000000', 1, 1_000_000, {
    description: 'Requests in flight per worker; beyond it 503.',
    default: defaults.server.max_in_flight,
  }),
  max_buffered: size({
    description: 'Request bodies held at once, per worker.',
    default: defaults.server.max_buffered,
  }),
  keep_alive: duration('1s', {
    description: 'How long an idle connection is kept: above that of a load balancer in front, usually 60 s.',
    default: defaults.server.keep_alive,
  }),
  metrics_path: z
    .string(metricsPathWish)
    .regex(/^\/(?!v1(?:\/|$)|health$)[\w./~-]*$/, metricsPathWish)
    .nullable()
    .meta({
      description:
        "Where the data port relays the primary's metrics, for clients with a key if there are `keys`; null turns it off, and so does an admin token.",
      default: defaults.server.metrics_path,
    }),
});

const admin = mapping({
  host: text(hostWish, hostPattern, {
    description: 'Address of the admin port. Off loopback, `token` is required.',
    default: defaults.admin.host,
  }),
  port: port({ description: 'The admin port; 0 takes a free one.', default: defaults.admin.port }),
  token: secret({
    description: 'Asked for as a bearer token by all but /livez and /readyz; empty for none.',
    default: defaults.admin.token,
  }),
  open_metrics: yesOrNo({
    description: 'Lets /metrics be read without the token.',
    default: defaults.admin.open_metrics,
  }),
});

const log = mapping({
  level: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    description: 'The least of what is logged.',
    default: defaults.log.level,
  }),
});

const drain = mapping({
  stop: duration('0s', { description: 'Longest wait for open requests at a stop.', default: defaults.drain.stop }),
  restart: duration('0s', {
    description: 'The same for a worker that is replaced in a roll.',
    default: defaults.drain.restart,
  }),
  announce: duration('0s', {
    description: '/health says 503 for so long before listeners close.',
    default: defaults.drain.announce,
  }),
});

const workersWish = 'auto or a whole number from 1 to 256';

/** What stands at the top level beside the blocks. */
const general = mapping({
  workers: z
    .union([z.literal('auto'), z.int(workersWish).min(1, workersWish).max(256, workersWish)], workersWish)
    .meta({
      description: 'Worker processes; auto: as many as can run at once. A change needs a restart.',
      default: defaults.general.workers,
    }),
  state_dir: text('a folder', /^[^\0]+$/, {
    description:
      'Where the checkpoint is kept; relative to this file, or to the working folder where there is none. A change needs a restart.',
    default: defaults.general.state_dir,
  }),
  watchdog: duration('2s', {
    description: 'A worker silent for so long is replaced.',
    default: defaults.general.watchdog,
  }),
});

const retry = mapping({
  attempts: wholeNumber('a whole number from 1 to 10', 1, 10, {
    description: 'Attempts at one provider per request.',
    default: defaults.retry.attempts,
  }),
  base_delay: duration('1ms', {
    description: 'First backoff, before jitter; it doubles.',
    default: defaults.retry.base_delay,
  }),
  max_delay: duration('1ms', { description: 'Ceiling of the backoff.', default: defaults.retry.max_delay }),
  budget: share(0, {
    description: 'Retries allowed as a share of requests, beside 10 a second.',
    default: defaults.retry.budget,
  }),
});

const circuit = mapping({
  outcomes: wholeNumber('a whole number from 1 to 10000', 1, 10_000, {
    description: 'The last so many outcomes of a provider are judged.',
    default: defaults.circuit.outcomes,
  }),
  window: duration('1s', { description: 'Older outcomes do not count.', default: defaults.circuit.window }),
  min_failures: wholeNumber('a whole number from 1 to 10000', 1, 10_000, {
    description: 'A circuit opens at no fewer failures.',
    default: defaults.circuit.min_failures,
  }),
  failure_share: share(0.01, {
    description: 'And at no smaller share of failures.',
    default: defaults.circuit.failure_share,
  }),
  open_for: duration('100ms', {
    description: 'Length of the first opening; it doubles with each failed probe.',
    default: defaults.circuit.open_for,
  }),
  max_open_for: duration('100ms', { description: 'Ceiling of that.', default: defaults.circuit.max_open_for }),
});

const timeouts = mapping({
  connect: duration('1ms', { description: 'TCP and TLS.', default: defaults.timeouts.connect }),
  headers: duration('1ms', {
    description: "Until the answer's headers; streams only.",
    default: defaults.timeouts.headers,
  }),
  first_content: duration('1ms', {
    description: 'Until the first content; streams only.',
    default: defaults.timeouts.first_content,
  }),
  stall: duration('1ms', {
    description:
      'Between two contents of a stream, and how long its client may read nothing. A false alarm destroys an answer that was paid for.',
    default: defaults.timeouts.stall,
  }),
  total: duration('1ms', {
    description:
      'Over all attempts until the first byte to the client; for plain answers until their end, and beside `connect` their only limit: while another target is left, an attempt may take half of what is left of it.',
    default: defaults.timeouts.total,
  }),
  max_stream: duration('1ms', {
    description: 'The longest a stream may take in all.',
    default: defaults.timeouts.max_stream,
  }),
});

/** All blocks by name. */
export const fullBlocks = { general, server, admin, log, drain, retry, circuit, timeouts };
