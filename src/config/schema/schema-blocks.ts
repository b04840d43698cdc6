/**
 * The blocks of plain values, with every key required: the shape of the defaults, and of a block after inheritance. A
 * file may leave out any key (`schema.ts` makes the blocks partial).
 */
import { z } from 'zod';
import { defaults } from './defaults.ts';
import { listenerTls } from './listener-values.ts';
import {
  duration,
  mapping,
  oneOf,
  port,
  secret,
  share,
  size,
  text,
  unlessKey,
  wholeNumber,
  yesOrNo,
} from './schema-values.ts';

const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?)$/;
const expectedHost = 'a host name or an IP address';

const expectedMetricsPath = 'a path that begins with / and is neither /health nor below /v1, or null';

const expectedHeader = 'the name of a header that says nothing but the session, or null';

/** They are the same for all requests of a client, or another for each. */
const ofOthers: ReadonlySet<string> = new Set([
  ...['accept', 'accept-encoding', 'authorization', 'connection', 'content-encoding', 'content-length', 'content-type'],
  ...['cookie', 'host', 'transfer-encoding', 'user-agent', 'x-api-key'],
]);

/** As browsers write them (RFC 6454, 6.2): they are compared as texts. */
const expectedOrigin = 'an origin such as https://app.example, in lower case and without a default port';
const originPattern = /^(?!https:.*:443$|http:.*:80$)[a-z][a-z0-9+.-]*:\/\/[^\sA-Z/?#*,]+$/;

const server = mapping({
  host: text(expectedHost, hostPattern, {
    description: 'Address of the data port. An address other than loopback requires `keys`, unless `open` is true.',
    default: defaults.server.host,
  }),
  port: port({ description: 'The data port; 0 picks a free port.', default: defaults.server.port }),
  keys: z.array(secret({ description: 'A bearer key; an empty one counts as none.' }), 'a list of keys').meta({
    description: 'Bearer keys of clients. Without any key, every client may send requests.',
    default: defaults.server.keys,
  }),
  open: yesOrNo({
    description: 'Allows an address other than loopback without `keys`: every client may then send requests.',
    default: defaults.server.open,
  }),
  max_body: size({ description: 'Largest request body, unpacked.', default: defaults.server.max_body }),
  max_in_flight: wholeNumber('a whole number from 1 to 1000000', 1, 1_000_000, {
    description: 'Most requests in flight per worker; further requests get 503.',
    default: defaults.server.max_in_flight,
  }),
  max_connections: wholeNumber('a whole number from 1 to 1000000', 1, 1_000_000, {
    description:
      'Most client connections per worker, and never more than half of its free descriptors. Beyond it, the one that has been idle longest is closed for a new one, first of those without a successful request; if none has been idle for 250 ms, the new one is closed.',
    default: defaults.server.max_connections,
  }),
  max_connections_per_address: wholeNumber('a whole number from 1 to 1000000', 1, 1_000_000, {
    description:
      'Most client connections of one address (of one /64 in IPv6) per worker. Behind a load balancer all have its address: set it to `max_connections`.',
    default: defaults.server.max_connections_per_address,
  }),
  cors: z.array(text(expectedOrigin, originPattern, { description: 'An origin.' }), 'a list of origins').meta({
    description:
      'Origins whose pages may call the gateway from a browser and read its answers. Without keys, pages of all other origins are refused.',
    default: defaults.server.cors,
  }),
  max_buffered: size({
    description: 'Largest total size of request bodies and of unfinished answers in memory, per worker.',
    default: defaults.server.max_buffered,
  }),
  keep_alive: duration('1s', {
    description:
      'How long an idle client connection stays open. Set it above the value of a load balancer in front, usually 60 s.',
    default: defaults.server.keep_alive,
  }),
  session_header: z
    .string(expectedHeader)
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, expectedHeader)
    .refine((name) => !ofOthers.has(name.toLowerCase()), expectedHeader)
    .nullable()
    .meta({
      description:
        'A header by which clients name their session, besides those that agents send; see `sessions` of a model.',
      default: defaults.server.session_header,
    }),
  metrics_path: z
    .string(expectedMetricsPath)
    .regex(/^\/(?!v1(?:\/|$)|health$)[\w./~-]*$/, expectedMetricsPath)
    .nullable()
    .meta({
      description:
        "Path on the data port that relays the primary's metrics. With `keys`, it requires a key. null turns it off, and so does an admin token.",
      default: defaults.server.metrics_path,
    }),
  tls: listenerTls('Without one, the handshake fails.'),
});

const admin = mapping({
  host: text(expectedHost, hostPattern, {
    description: 'Address of the admin port. An address other than loopback requires `token`.',
    default: defaults.admin.host,
  }),
  port: port({ description: 'The admin port; 0 picks a free port.', default: defaults.admin.port }),
  token: secret({
    description: 'Bearer token that all routes except /livez and /readyz require; empty for none.',
    default: defaults.admin.token,
  }),
  open_metrics: yesOrNo({
    description: 'Whether /metrics is readable without the token.',
    default: defaults.admin.open_metrics,
  }),
  origins: z.array(text(expectedOrigin, originPattern, { description: 'An origin.' }), 'a list of origins').meta({
    description:
      'Where browsers find the status page behind a proxy, such as `https://ops.example.com`: those pages may give commands, and their names may be the Host.',
    default: defaults.admin.origins,
  }),
  tls: listenerTls(
    'Without one, only /livez and /readyz are answered; commands on this host show the certificate of this port.',
  ),
});

const log = mapping({
  level: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    description: 'The lowest level that is logged.',
    default: defaults.log.level,
  }),
  requests: oneOf(['all', 'errors', 'none'], {
    description: 'Which requests have a log line: all, those that ended in an error, or none.',
    default: defaults.log.requests,
  }),
});

const drain = mapping({
  stop: duration('0s', {
    description: 'Longest wait for open requests when the gateway stops.',
    default: defaults.drain.stop,
  }),
  restart: duration('0s', {
    description: 'Longest wait for the open requests of a worker that is replaced in a roll.',
    default: defaults.drain.restart,
  }),
  announce: duration('0s', {
    description: 'How long /health answers 503 before the listeners close.',
    default: defaults.drain.announce,
  }),
});

const expectedWorkers = 'auto or a whole number from 1 to 256';

/** The plain keys at the top level. */
const general = mapping({
  workers: z
    .union(
      [z.literal('auto'), z.int(expectedWorkers).min(1, expectedWorkers).max(256, expectedWorkers)],
      expectedWorkers,
    )
    .meta({
      description:
        'Number of worker processes; auto: one per available CPU core, within the CPU quota of its cgroup. A change needs a restart.',
      default: defaults.general.workers,
    }),
  state_dir: unlessKey(
    text('a folder', /^[^\0]+$/, {
      description:
        'Folder of what outlives a process: in a folder named by the data port, so that several gateways may share it, the checkpoint of counts and circuits (`books.json`), the spend books (`spend.sqlite`), and files of the processes that run. A relative path starts from the folder of this file, or from the working folder if there is no file. A change needs a restart.',
      default: defaults.general.state_dir,
    }),
  ),
  watchdog: duration('2s', {
    description: 'A worker that sends nothing for so long is replaced.',
    default: defaults.general.watchdog,
  }),
});

const retry = mapping({
  attempts: wholeNumber('a whole number from 1 to 10', 1, 10, {
    description: 'Most attempts at one provider per request.',
    default: defaults.retry.attempts,
  }),
  base_delay: duration('1ms', {
    description: 'First backoff, before jitter; it doubles with each retry.',
    default: defaults.retry.base_delay,
  }),
  max_delay: duration('1ms', { description: 'Longest backoff.', default: defaults.retry.max_delay }),
  budget: share(0, {
    description: 'Retries allowed as a share of requests, in addition to 10 per second.',
    default: defaults.retry.budget,
  }),
});

const circuit = mapping({
  outcomes: wholeNumber('a whole number from 1 to 10000', 1, 10_000, {
    description: 'How many of the latest outcomes of a provider count.',
    default: defaults.circuit.outcomes,
  }),
  window: duration('1s', { description: 'Older outcomes do not count.', default: defaults.circuit.window }),
  min_failures: wholeNumber('a whole number from 1 to 10000', 1, 10_000, {
    description: 'Least number of failures that opens a circuit.',
    default: defaults.circuit.min_failures,
  }),
  failure_share: share(0.01, {
    description:
      'Least share of failures among the counted outcomes that opens a circuit. Both limits must be reached.',
    default: defaults.circuit.failure_share,
  }),
  open_for: duration('100ms', {
    description: 'How long a circuit stays open the first time; the time doubles with each failed probe.',
    default: defaults.circuit.open_for,
  }),
  max_open_for: duration('100ms', {
    description: 'Longest time that a circuit stays open before a probe.',
    default: defaults.circuit.max_open_for,
  }),
});

const timeouts = mapping({
  connect: duration('1ms', {
    description: 'To connect to the provider (TCP and TLS).',
    default: defaults.timeouts.connect,
  }),
  headers: duration('1ms', {
    description: "Until the provider's answer headers; streams only.",
    default: defaults.timeouts.headers,
  }),
  first_content: duration('1ms', {
    description: 'Until the first content; streams only.',
    default: defaults.timeouts.first_content,
  }),
  move_on: duration('1ms', {
    description:
      'After so long without content of a stream, another target is asked, if one can be used. Agents give up after 300 s.',
    default: defaults.timeouts.move_on,
  }),
  stall: duration('1ms', {
    description:
      'Longest gap between two content events of a stream, and longest time that its client may read nothing. Too short a value cuts off answers that were paid for.',
    default: defaults.timeouts.stall,
  }),
  total: duration('1ms', {
    description:
      'Over all attempts: for streams until the first byte to the client, for plain answers until their end. Plain answers have only this limit and `connect`. While another target is left, an attempt may take half of the remaining time.',
    default: defaults.timeouts.total,
  }),
  max_stream: duration('1ms', {
    description: 'Longest duration of a whole stream.',
    default: defaults.timeouts.max_stream,
  }),
});

/** All blocks by name. */
export const fullBlocks = { general, server, admin, log, drain, retry, circuit, timeouts };
