/** Other gateways to compare with: any that a command line starts, and Portkey's if it is installed. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort } from '../../processes/free-port.ts';
import { processTree } from '../../processes/proc-files.ts';
import { startOnPort } from '../../processes/program.ts';
import type { ProxyKind } from './proxies.ts';

/**
 * A peer from `NAME=COMMAND`. In the command and the headers, `{port}` and `{upstream}` are replaced by ports.
 *
 * @param headers lines `name: value`
 */
export function peerFrom(peer: string, headers: readonly string[]): ProxyKind {
  const [, name, command] = /^([^=]+)=(.+)$/s.exec(peer) ?? [];
  if (name === undefined || command === undefined) throw new Error(`a peer is NAME='COMMAND', not ${peer}`);
  return {
    name,
    async start(upstreamPort) {
      const port = await freePort();
      const fill = (text: string) => text.replaceAll('{port}', `${port}`).replaceAll('{upstream}', `${upstreamPort}`);
      const program = await startOnPort('sh', ['-c', fill(command)], port);
      return {
        port,
        serving: processTree(program.pid),
        primary: null,
        bootMs: program.bootMs,
        gateway: null,
        headers: Object.fromEntries(headers.map((line) => field(fill(line)))),
        end: () => program.end(),
      };
    },
  };
}

function field(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon < 1) throw new Error(`a header is NAME: VALUE, not ${line}`);
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** Portkey's gateway; null if it cannot be resolved from the working folder. */
export function portkey(): ProxyKind | null {
  try {
    const manifest = createRequire(join(process.cwd(), 'bench.js')).resolve('@portkey-ai/gateway/package.json');
    return peerFrom(
      `Portkey=exec ${process.execPath} ${dirname(manifest)}/build/start-server.js --port={port} --headless`,
      [
        'x-portkey-provider: openai',
        'x-portkey-custom-host: http://127.0.0.1:{upstream}/v1',
        'authorization: Bearer sk-bench',
      ],
    );
  } catch {
    return null;
  }
}
