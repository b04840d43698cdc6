/**
 * Real clients before the built gateway: the SDKs of OpenAI and Anthropic, the AI SDK, both Agents SDKs, LangChain and
 * Pydantic AI, then Claude Code and Codex themselves. Each is tried with every target that it can be put to, offline,
 * before a scripted provider that keeps what it was asked. Slow: it installs 1.2 GB of pinned packages for that, in a
 * folder that is removed.
 *
 * `--only NAME`: those with NAME in their name. `--folder FOLDER`: install there, or use what is installed there.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { startGateway } from '../rig/gateway.ts';
import { tryAgents } from './agents/try-agents.ts';
import { type Cell, tableOf } from './cell.ts';
import { gatewayConfig, targets } from './gateway-config.ts';
import { install } from './install.ts';
import { tryLibraries } from './libraries/try-libraries.ts';
import { ScriptedProvider } from './provider/server.ts';
import { tryReadme } from './try-readme.ts';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, folder: { type: 'string' } } });

/** Prints what happened, with the seconds since the start. */
function say(what: string): void {
  console.log(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}`);
}

// Not below /tmp: it may be in memory, and Codex wants its home elsewhere.
const { folder, remove } = temporaryFolder('clients', '/var/tmp');
const provider = await ScriptedProvider.start();
try {
  const packages = await install(values.folder ?? folder);
  say('installed');
  const gateway = await startGateway(gatewayConfig(provider.url), { built: true });
  const home = join(folder, 'home');
  mkdirSync(home);
  const cells: Cell[] = [];
  try {
    cells.push(...(await tryLibraries(packages, gateway.url, provider, home, values.only)));
    cells.push(await tryReadme(packages, gateway.url, provider, home));
    say('libraries tried');
    cells.push(...(await tryAgents(packages, gateway.url, provider, home, values.only)));
    say('agents tried');
  } finally {
    await gateway.end();
  }
  for (const { client, target, feature, faults } of cells) {
    if (faults.length > 0) console.log(`\n${client}, ${target}, ${feature}:\n  ${faults.join('\n  ')}`);
  }
  const failed = cells.filter(({ faults }) => faults.length > 0).length;
  console.log(`\n${tableOf(cells, targets)}\n`);
  console.log(`${cells.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && cells.length > 0 ? 0 : 1;
} finally {
  provider.end();
  remove();
}
