/** Claude Code and Codex as people have them, offline: each case is a process with a home and a folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessGroup } from '../../processes/process-group.ts';
import { type Cell, Faults } from '../cell.ts';
import { modelAt } from '../gateway-config.ts';
import type { Installed } from '../install.ts';
import type { ScriptedProvider } from '../provider/server.ts';
import { quietEnvironment } from '../quiet-environment.ts';
import type { Agent } from './agent.ts';
import { type AgentRun, agentCases } from './agent-cases.ts';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';

const WITHIN_MS = 60_000;
const word = 'xylophone';
const prompt = 'Which word is in note.txt?';

/** Tries all of it, or the agents with `only` in their name. @param folder where homes are made */
export async function tryAgents(
  installed: Installed,
  gatewayUrl: string,
  provider: ScriptedProvider,
  folder: string,
  only: string,
): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const agent of [claudeCode, codex].filter(({ name }) => name.toLowerCase().includes(only))) {
    for (const target of agent.targets) {
      const work = mkdtempSync(join(folder, 'work-'));
      const file = join(work, 'note.txt');
      writeFileSync(file, `${word}\n`);
      for (const tried of agentCases(agent, target, file, word)) {
        provider.follow(tried.script);
        const model = modelAt(agent.face === 'messages' ? 'messages' : 'chat', target, tried.kind);
        const ended = await runAgent(agent, { gatewayUrl, model, packages: installed.node, work });
        const faults = new Faults();
        const run: AgentRun = { ...ended, asked: provider.asked };
        tried.check(run, faults);
        checkPrompt(run, faults);
        cells.push({ client: agent.name, target, feature: tried.name, faults: faults.lines });
      }
    }
  }
  return cells;
}

/** What the user said is in every request, and a stream was asked for; after a broken one, Claude Code may ask without. */
function checkPrompt({ asked }: AgentRun, faults: Faults): void {
  faults.same('streamed', asked[0]?.stream, true);
  for (const each of asked) {
    faults.holds(`the prompt is not in ${each.prompt.slice(0, 200)}`, each.prompt.includes(prompt));
  }
}

interface Place {
  readonly gatewayUrl: string;
  readonly model: string;
  readonly packages: string;
  readonly work: string;
}

async function runAgent(agent: Agent, { work, ...place }: Place): Promise<Omit<AgentRun, 'asked'>> {
  const home = mkdtempSync(join(work, 'home-'));
  const temporary = join(work, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const { program, args, env } = agent.command({ ...place, prompt, home });
  const child = spawn(program, args, {
    cwd: work,
    env: { ...quietEnvironment(home), TMPDIR: temporary, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const group = new ProcessGroup(child);
  const limit = setTimeout(() => group.signal('SIGKILL'), WITHIN_MS);
  const written = { output: '', errorOutput: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.errorOutput += text;
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { ...written, code };
  } finally {
    clearTimeout(limit);
    await group.end();
  }
}
