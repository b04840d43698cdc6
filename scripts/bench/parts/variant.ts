/**
 * A copy of the built gateway in a folder of its own, in which some compiled files may be replaced by others, and its
 * start as a row of the bench: one worker, with logs to a file, as in service.
 */
import { spawn } from 'node:child_process';
import { closeSync, cpSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, posix } from 'node:path';
import { root, served } from '../gateway-under-test.ts';
import { endGroup, endWithThis } from '../program.ts';
import type { ProxyKind } from '../proxies.ts';

/** Files by their place below `src`, each with the path of the file that replaces it. */
export type Replacements = Readonly<Record<string, string>>;

/** Makes the copy; `folder` must exist and be empty. */
export function buildVariant(folder: string, replacements: Replacements): void {
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  // The packages, and the version and the module type of our own.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const [place, file] of Object.entries(replacements)) {
    const script = stripTypeScriptTypes(readFileSync(file, 'utf8'), { mode: 'strip' });
    writeFileSync(join(folder, 'dist', place.replace(/\.ts$/, '.js')), placed(script, place));
  }
}

/** Imports of `…/src/NAME.ts`, or of a neighbour, as they are from the file's new place in `dist`. */
function placed(script: string, place: string): string {
  return script.replaceAll(
    / from '(?:[./]*\/src\/([^']+)|(\.[^']+))\.ts'/g,
    (_, inSource?: string, beside?: string) => {
      if (inSource === undefined) return ` from '${beside}.js'`;
      const path = posix.relative(posix.dirname(place), inSource);
      return ` from '${path.startsWith('.') ? path : `./${path}`}.js'`;
    },
  );
}

/** The variant in `folder` as a row of the bench. Several gateways of the same variant may run at a time. */
export function variantKind(name: string, folder: string): ProxyKind {
  return {
    name,
    async start(upstreamPort) {
      const home = join(folder, name);
      const log = `${home}.log`;
      const file = `${home}.yaml`;
      writeFileSync(file, JSON.stringify(configFor(upstreamPort, `${home}.state`)));
      const output = openSync(log, 'w');
      const startedAt = performance.now();
      const args = [join(folder, 'dist/cli/main.js'), 'serve', '--config', file];
      const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', output, output], detached: true });
      closeSync(output);
      endWithThis(child.pid);
      const { port, adminPort } = await served(log, () => child.exitCode === null);
      const bootMs = performance.now() - startedAt;
      const status = await (await fetch(`http://127.0.0.1:${adminPort}/api/status`)).json();
      const { workers } = status as { workers: readonly { readonly pid: number }[] };
      const serving = workers.map(({ pid }) => pid);
      return {
        port,
        serving,
        primary: child.pid ?? 0,
        bootMs,
        gateway: null,
        headers: {},
        async stop() {
          await endGroup(child);
          rmSync(`${home}.state`, { recursive: true, force: true });
          rmSync(log);
        },
      };
    },
  };
}

function configFor(upstreamPort: number, stateDir: string): object {
  const url = `http://127.0.0.1:${upstreamPort}/v1`;
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers: 1,
    state_dir: stateDir,
    log: { level: 'info' },
    providers: { openai: { type: 'openai', base_url: url, api_key: 'sk-bench' } },
    models: { 'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }] } },
  };
}
