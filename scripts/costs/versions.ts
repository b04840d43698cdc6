/** The versions of the program that are compared: this checkout, another one that is built, or a commit. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { commandScript, root } from '../rig/checkout.ts';

export interface Version {
  readonly name: string;
  /** The script of its command. */
  readonly program: string;
}

export const thisVersion: Version = { name: 'this checkout', program: commandScript(true) };

/** A checkout whose `dist` is there. */
export function checkout(folder: string): Version {
  const program = path.resolve(folder, 'dist/cli/main.js');
  if (!existsSync(program)) throw new Error(`${folder} is not built: there is no ${program}`);
  return { name: folder, program };
}

/** A commit of this repository, built in a clone with its own packages. The clone is removed at this process's exit. */
export function commit(name: string): Version {
  const { folder } = temporaryFolder('version');
  run('git', ['clone', '--quiet', '--no-checkout', root, folder]);
  run('git', ['-C', folder, 'checkout', '--quiet', name]);
  run('npm', ['--prefix', folder, 'ci', '--no-audit', '--no-fund', '--loglevel', 'error']);
  run('npm', ['--prefix', folder, 'run', '--silent', 'build']);
  return { ...checkout(folder), name };
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}${stdout}`);
}
