/** Claude Code without a terminal (`-p`), which speaks messages. */
import { join } from 'node:path';
import { asRecord, asString, parseJson } from '../../../src/shared/json.ts';
import type { Agent } from './agent.ts';

/** The object that it prints at its end. Before it, there may be lines for people. */
function resultOf(output: string) {
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return asRecord(parseJson(lines.at(-1) ?? ''));
}

export const claudeCode: Agent = {
  name: 'Claude Code',
  face: 'messages',
  targets: ['chat', 'responses', 'messages'],
  readTool: 'Read',
  readArguments: (file) => ({ file_path: file }),
  // Its own is minutes, and no setting makes it less: the case shows that it takes the pings before its answer.
  patienceMs: 2_000,

  command({ gatewayUrl, model, prompt, packages }) {
    const platform = `claude-code-${process.platform}-${process.arch}`;
    return {
      program: join(packages, 'node_modules', '@anthropic-ai', platform, 'claude'),
      args: ['-p', prompt, '--output-format', 'json', '--model', model, '--allowedTools', 'Read'],
      env: {
        ANTHROPIC_BASE_URL: gatewayUrl,
        ANTHROPIC_API_KEY: 'sk-client',
        ANTHROPIC_SMALL_FAST_MODEL: model,
        DISABLE_AUTOUPDATER: '1',
      },
    };
  },

  answer(output) {
    const result = resultOf(output);
    return result?.is_error === false ? asString(result.result) : null;
  },

  failure: (output) => String(resultOf(output)?.result ?? output),
};
