/** Codex without a terminal (`codex exec`), which speaks responses. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asRecord, asString, type JsonRecord, parseJson } from '../../../src/shared/json.ts';
import type { Agent } from './agent.ts';

/** The events that it prints, a line of JSON each. */
function eventsOf(output: string): readonly JsonRecord[] {
  return output.split('\n').map((line) => asRecord(parseJson(line)) ?? {});
}

/** The program within its package for this platform, below a folder named by a compiler's target. */
function programIn(packages: string): string {
  const vendor = join(packages, 'node_modules', '@openai', `codex-${process.platform}-${process.arch}`, 'vendor');
  const programs = readdirSync(vendor).map((target) => join(vendor, target, 'bin', 'codex'));
  const program = programs.find(existsSync);
  if (program === undefined) throw new Error(`there is no codex in ${vendor}`);
  return program;
}

export const codex: Agent = {
  name: 'Codex',
  face: 'responses',
  targets: ['chat', 'responses', 'messages'],
  readTool: 'exec_command',
  readArguments: (file) => ({ cmd: `cat ${file}` }),
  patienceMs: 4_000,

  command({ gatewayUrl, model, prompt, packages }) {
    const provider = {
      name: 'gateway',
      base_url: `${gatewayUrl}/v1`,
      env_key: 'GATEWAY_KEY',
      wire_api: 'responses',
      stream_idle_timeout_ms: this.patienceMs,
    };
    // Its own form of settings is TOML, in which a JSON text is a text, and a number a number.
    const table = Object.entries(provider).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const settings = [`model_providers.gateway={${table.join(',')}}`, 'model_provider="gateway"'];
    return {
      program: programIn(packages),
      args: [
        ...['exec', '--skip-git-repo-check', '--json', '--model', model],
        ...settings.flatMap((setting) => ['-c', setting]),
        prompt,
      ],
      env: { GATEWAY_KEY: 'sk-client' },
    };
  },

  answer(output) {
    const events = eventsOf(output);
    if (!events.some(({ type }) => type === 'turn.completed')) return null;
    const items = events.filter(({ type }) => type === 'item.completed').map(({ item }) => asRecord(item));
    return asString(items.findLast((item) => item?.type === 'agent_message')?.text);
  },

  failure: (output) =>
    eventsOf(output)
      .filter(({ type }) => type === 'turn.failed' || type === 'error')
      .map((event) => JSON.stringify(event))
      .join('\n'),
};
