/** What `check --json` prints. Stable: fields are only added. Holds no secret. Pure. */
import type { Fault } from '../config/source/faults.ts';
import type { Warning } from '../config/warnings/warnings.ts';
import type { Config } from '../shared/config.ts';
import type { CheckedTarget } from './live-report.ts';
import { callableUrl } from './urls.ts';

interface CheckResult {
  /** In words. */
  readonly source: string;
  /** Empty for a valid configuration. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
  /** Null for one that is not valid. */
  readonly config: Config | null;
  /** Null where no live check was asked for. */
  readonly live: readonly CheckedTarget[] | null;
}

/** The document. */
export function checkJson({ source, faults, warnings, config, live }: CheckResult) {
  return {
    valid: config !== null,
    source,
    faults: faults.map(({ file, line, col, path, message, hint }) => ({ file, line, col, path, message, hint })),
    warnings: warnings.map(({ file, line, col, path, message }) => ({ file, line, col, path, message })),
    summary: config === null ? null : summaryOf(config),
    live,
  };
}

function summaryOf({ server, admin, workers, stateDir, providers, models }: Config) {
  return {
    gateway: { url: callableUrl(server.host, server.port, server.tls), workers, keys: server.keys.length },
    admin: { url: callableUrl(admin.host, admin.port, admin.tls), hasToken: admin.token !== null },
    stateDir,
    providers: Object.values(providers).map(({ name, type, baseUrl, keys, dialects, proxy, tls }) => ({
      name,
      type,
      baseUrl,
      dialects,
      keys: keys.filter(({ key }) => key !== '').map((key) => key.name),
      hasProxy: proxy !== undefined,
      hasTls: tls !== undefined,
    })),
    models: Object.values(models).map(({ name, aliases, balance, targets }) => ({
      name,
      aliases,
      balance,
      targets: targets.map(({ provider, model, level, weight }) => ({ provider, model, level, weight })),
    })),
  };
}
