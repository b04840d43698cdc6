/**
 * Installs the pinned clients and agents into a folder: npm's from its lockfile, Python's from its list, both from the
 * registries that the machine is set up for. Nothing of a package runs at its installation.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProcessGroup } from '../processes/process-group.ts';

const WITHIN_MS = 10 * 60_000;
const own = fileURLToPath(new URL('.', import.meta.url));

/** Where the installed things are. */
export interface Installed {
  /** Holds `node_modules` and the drivers for Node. */
  readonly node: string;
  /** Holds the drivers for Python. */
  readonly python: string;
  /** The interpreter that has the libraries. */
  readonly interpreter: string;
}

/**
 * Installs all of it below `folder`, unless it is there; the drivers are always this checkout's. Throws an `Error` with
 * the output of what failed and its cure.
 */
export async function install(folder: string): Promise<Installed> {
  const [node, python, complete] = ['node', 'python', 'complete'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  cpSync(join(own, 'node'), node, { recursive: true });
  cpSync(join(own, 'python'), python, { recursive: true });
  const installed = { node, python, interpreter: join(python, 'venv', 'bin', 'python') };
  if (existsSync(complete)) return installed;
  const npm = ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--no-update-notifier', '--loglevel=error'];
  await Promise.all([
    run('npm', npm, node, 'The npm registry must be within reach, as for `npm ci` of this checkout.'),
    installPython(python),
  ]);
  writeFileSync(complete, '');
  return installed;
}

async function installPython(folder: string): Promise<void> {
  const cure = 'Python 3.11 or later with venv is needed (Debian: apt-get install python3 python3-venv).';
  await run('python3', ['-m', 'venv', 'venv'], folder, cure);
  const pip = [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--requirement',
    'requirements.txt',
  ];
  const reach = 'A package index must be within reach of pip: PyPI, or the one in its environment or configuration.';
  await run(join(folder, 'venv', 'bin', 'pip'), pip, folder, reach);
}

/** Runs a command to its end. Throws an `Error` with its output and `cure` if it fails. */
async function run(command: string, args: readonly string[], folder: string, cure: string): Promise<void> {
  const child = spawn(command, args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const group = new ProcessGroup(child);
  const limit = setTimeout(() => group.signal('SIGKILL'), WITHIN_MS);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
    });
  }
  try {
    const [code] = await once(child, 'close');
    if (code !== 0)
      throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}: ${output}\n${cure}`);
  } catch (cause) {
    if (child.pid === undefined) throw new Error(`there is no ${command} here. ${cure}`, { cause });
    throw cause;
  } finally {
    clearTimeout(limit);
    await group.end();
  }
}
