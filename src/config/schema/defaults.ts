/**
 * Every default, in the configuration file's own words (`general` is its top level). The schema shows them, and the
 * loader parses them like a user's, so that no default exists twice.
 */

export const defaults = {
  server: {
    host: '127.0.0.1',
    port: 8080,
    keys: [] as string[],
    open: false,
    max_body: '32mb',
    max_in_flight: 2000,
    max_buffered: '256mb',
    keep_alive: '75s',
    metrics_path: '/metrics' as string | null,
  },
  admin: { host: '127.0.0.1', port: 9464, token: '', open_metrics: false },
  general: { workers: 'auto' as const, state_dir: '.headgate', watchdog: '30s' },
  log: { level: 'info' as const },
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
    stall: '120s',
    total: '600s',
    max_stream: '30m',
  },
};

/** Where a provider of each type answers unless `base_url` says otherwise. */
export const defaultBaseUrls = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com',
} as const;
