/**
 * Compiles `src` to `dist`: this is what ships and what `npm start` runs.
 *
 * `--if-stale` does nothing while `dist` is newer than every source. The build goes to a folder of its own and is
 * renamed into place, so two simultaneous builds, or a failing one, never leave an incomplete `dist`.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const vendored = [
  ['dist/uPlot.iife.min.js', 'uPlot.iife.min.js'],
  ['dist/uPlot.min.css', 'uPlot.min.css'],
  ['LICENSE', 'uPlot.LICENSE.txt'],
] as const;
const stamp = `${root}dist/.built`;

function isStale(): boolean {
  if (!existsSync(stamp)) return true;
  const builtAt = statSync(stamp).mtimeMs;
  const sources = [...globSync('src/**/*', { cwd: root }), 'tsconfig.json', 'package.json', 'package-lock.json'];
  return sources.some((source) => statSync(root + source).mtimeMs > builtAt);
}

if (!process.argv.includes('--if-stale') || isStale()) {
  const startedAt = new Date();
  const fresh = `${root}dist.${process.pid}`;
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const options = ['--noEmit', 'false', '--rootDir', `${root}src`, '--outDir', fresh, '--sourceMap'];
  const project = `${root}.tsconfig.build.${process.pid}.json`;
  writeFileSync(project, JSON.stringify({ extends: './tsconfig.json', include: ['src'] }));
  const { status } = spawnSync(process.execPath, [tsc, '-p', project, ...options], { cwd: root, stdio: 'inherit' });
  rmSync(project);
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    process.exit(1);
  }
  mkdirSync(fresh, { recursive: true });
  // The browser's files are served as they are.
  cpSync(`${root}src/page`, `${fresh}/page`, { recursive: true });
  // The page's charts: a library for browsers, no dependency of the program.
  for (const [from, to] of vendored) {
    cpSync(`${root}node_modules/uplot/${from}`, `${fresh}/page/vendor/${to}`);
  }
  writeFileSync(`${fresh}/.built`, `${startedAt.toISOString()}\n`);
  chmodSync(`${fresh}/cli/main.js`, 0o755);
  // Two renames: whoever reads from it meanwhile finds the one or the other.
  const former = `${fresh}.former`;
  if (existsSync(`${root}dist`)) renameSync(`${root}dist`, former);
  renameSync(fresh, `${root}dist`);
  rmSync(former, { recursive: true, force: true });
}
