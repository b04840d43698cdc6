/** Loads configurations from texts, each in a folder of its own that is removed afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadOptions, loadConfig } from '../../src/config/load.ts';
import { ConfigError, type Fault } from '../../src/config/source/faults.ts';
import type { Config } from '../../src/shared/config.ts';

/** The smallest valid configuration. */
export const smallest = `
providers:
  local: { type: openai, base_url: "http://127.0.0.1:8001/v1" }
models:
  gpt-4: { targets: [{ provider: local, model: gpt-4 }] }
`;

/** Runs `use` with a new folder that holds these files, and removes it afterwards. */
export function inFolder<T>(files: Readonly<Record<string, string>>, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-config-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Extras = Partial<LoadOptions> & { readonly files?: Readonly<Record<string, string>> };

/** The configuration of a text. */
export function load(text: string, { files = {}, environment = {}, ...options }: Extras = {}): Config {
  const source = { kind: 'file', path: 'headgate.yaml' } as const;
  return inFolder({ ...files, 'headgate.yaml': text }, (folder) =>
    loadConfig({ source, environment, folder, ...options }),
  );
}

/** The faults of a text; empty if there is none. */
export function faultsOf(text: string, extras: Extras = {}): readonly Fault[] {
  return errorOf(text, extras)?.faults ?? [];
}

/** The faults as they are printed, without the file's name. */
export function linesOf(text: string, extras: Extras = {}): string[] {
  const message = errorOf(text, extras)?.message ?? '';
  return message === '' ? [] : message.split('\n').map((line) => line.replace(/^headgate\.yaml:/, ''));
}

/** The error of a text; null if there is none. */
export function errorOf(text: string, extras: Extras = {}): ConfigError | null {
  try {
    load(text, extras);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
