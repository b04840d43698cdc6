/**
 * All defaults, as a user would write them in the file (`general` is the file's top level). The schema shows these
 * values and the loader parses them, so each default exists only once.
 */

export const defaults = {
  server: {
    host: '127.0.0.1',
    port: 8080,
    keys: [] as string[],
    open: false,
    max_body: '32mb',
    max_in_flight: 2000,
    max_connections: 10_000,
    max_connections_per_address: 5_000,
    max_buffered: '256mb',
    cors: [] as string[],
    keep_alive: '75s',
    session_header: null as string | null,
    metrics_path: '/metrics' as string | null,
  },
  admin: { host: '127.0.0.1', port: 9464, token: '', open_metrics: false, origins: [] as string[] },
  general: { workers: 'auto' as const, state_dir: '.headgate', watchdog: '30s' },
  log: { level: 'info' as const, requests: 'all' as const },
  drain: { stop: '60s', restart: '10m', announce: '0s' },
  retry: { attempts: 3, base_delay: '500ms', max_delay: '8s', budget: 0.2 },
  circuit: {
    outcomes: 200,
    window: '60s',
    min_failures: 5,
    failure_share: 0.5,
    open_for: '30s',
    max_open_for: '5m',
  },
  timeouts: {
    connect: '5s',
    headers: '300s',
    first_content: '300s',
    move_on: '120s',
    stall: '120s',
    total: '600s',
    max_stream: '30m',
  },
};
