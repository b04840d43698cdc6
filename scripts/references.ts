/**
 * Writes the references that are generated from the program itself: configuration, command line, metrics, providers. A
 * test checks that they are up to date.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cliReference } from './references/cli.ts';
import { configReference } from './references/config.ts';
import { errorsReference } from './references/errors.ts';
import { metricsReference } from './references/metrics.ts';
import { providersReference } from './references/providers.ts';

/** Each reference by its path from the checkout's root. */
export const references: Readonly<Record<string, () => string>> = {
  'src/config/README.md': configReference,
  'src/cli/README.md': cliReference,
  'src/shared/ERRORS.md': errorsReference,
  'src/shared/METRICS.md': metricsReference,
  'src/providers/README.md': providersReference,
};

if (import.meta.main) {
  for (const [path, make] of Object.entries(references)) {
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), make());
  }
  // The gauges of Node's event loop would keep this process alive.
  process.exit(0);
}
