/**
 * Runs the tests: first those within one process, in parallel; then those with real processes one after another, so
 * that they do not slow each other down. The last line of the output is the total count.
 *
 * `--operation` runs only those that take long: harsh hosts, stuck logs, upgrades, deaths of the primary, and the status page
 * in a browser.
 * `--coverage` measures the coverage of src; `--no-skip` (also CI=true) fails if a test was skipped.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './processes/temporary-folder.ts';

interface Count {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules', '.bin');
const noSkip = process.argv.includes('--no-skip') || process.env.CI === 'true';
const { folder, remove } = temporaryFolder('tests');
const counts = join(folder, 'counts');
const operation: string[][] = [['test/operation/**/*.test.ts'], ['test/page/**/*.test.ts']];
const standard: string[][] = [
  [
    '--parallel',
    '--jobs',
    '2',
    'test/*.test.ts',
    ...['unit', 'contract', 'fidelity', 'data-plane'].map((folder) => `test/${folder}/**/*.test.ts`),
  ],
  ['test/cluster/**/*.test.ts'],
];
const groups = process.argv.includes('--operation') ? operation : standard;

function run(command: string, args: readonly string[]): boolean {
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}`, HEADGATE_TEST_COUNTS: counts };
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env }).status === 0;
}

let green = true;
try {
  if (process.argv.includes('--coverage')) {
    const c8 = ['--all', '--src', 'src', '--include', 'src/**', '--reporter', 'text', '--reporter', 'text-summary'];
    process.exitCode = run('c8', [...c8, '--check-coverage', '--lines', '90', process.execPath, 'scripts/test.ts'])
      ? 0
      : 1;
  } else {
    writeFileSync(counts, '');
    const mocha = ['--config', 'test/mocharc.json', '--reporter', join(root, 'scripts', 'test-reporter.ts')];
    for (const group of groups) green = run('mocha', [...mocha, ...group]) && green;
    const lines = readFileSync(counts, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const total = { passes: 0, failures: 0, pending: 0 };
    for (const line of lines) {
      const count = JSON.parse(line) as Count;
      total.passes += count.passes;
      total.failures += count.failures;
      total.pending += count.pending;
    }
    // A group that died before the end of its reporter has written no count. That is a failure.
    const died = lines.length < groups.length;
    if (died) console.error('a group of tests ended without a report');
    if (noSkip && total.pending > 0) console.error(`${total.pending} tests were skipped, and none may be`);
    green = green && !died && total.passes > 0 && !(noSkip && total.pending > 0);
    console.log(
      `${total.passes} passed, ${total.failures} failed${total.pending > 0 ? `, ${total.pending} skipped` : ''}`,
    );
    process.exitCode = green ? 0 : 1;
  }
} finally {
  remove();
}
