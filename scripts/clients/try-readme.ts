/** The program in Python that the README shows, with OpenAI's own library, as a reader pastes it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../rig/checkout.ts';
import type { Cell } from './cell.ts';
import { modelAt } from './gateway-config.ts';
import type { Installed } from './install.ts';
import type { ScriptedProvider } from './provider/server.ts';
import { quietEnvironment } from './quiet-environment.ts';

const TEXT = 'Bonjour';
const WITHIN_MS = 60_000;

/** Runs it before the gateway at `gatewayUrl`, with a model that is there. */
export async function tryReadme(
  { interpreter, python }: Installed,
  gatewayUrl: string,
  provider: ScriptedProvider,
  home: string,
): Promise<Cell> {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, program = ''] = /^```python\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const here = program.replace('http://127.0.0.1:8080', gatewayUrl).replace('gpt-4', modelAt('chat', 'chat'));
  provider.follow(() => ({ kind: 'text', text: TEXT }));
  const options = { cwd: python, env: quietEnvironment(home), timeout: WITHIN_MS };
  const said = await promisify(execFile)(interpreter, ['-c', here], options).then(
    ({ stdout }) => stdout.trim(),
    (error: unknown) => String(error),
  );
  const faults = said === TEXT ? [] : [`it printed ${said}`];
  return { client: 'README, Python', target: 'chat', feature: 'plain', faults };
}
