/**
 * The process of the demo's two fake providers. It is forked, says its ports over IPC, and lives as long as its parent:
 * the end of the channel is its end, however the parent went. A Ctrl-C reaches the whole group, so signals other than
 * TERM are left to the parent, which may want to finish requests first.
 */

import { type DemoReady, readDemoArguments } from './demo-protocol.ts';
import type { DialectName } from './dialects/ask.ts';
import { type RunningMock, startMock } from './server.ts';

const responseHeaders = { 'x-headgate-demo': '1' };
/** Slow enough to see a stream arrive in pieces. */
const shape = { chunkMs: 25 };
const portsTried = 100;

for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
// The parent may have gone while this file was loading, before anybody listened.
if (process.send !== undefined && !process.connected) process.exit(0);

const send = process.send?.bind(process);
if (send === undefined) throw new Error('this file is meant to be forked');

const wanted = readDemoArguments(process.argv.slice(2));
const openai = await startNear('openai', wanted.openaiPort, wanted.exact);
const anthropic = await startNear('anthropic', wanted.anthropicPort, wanted.exact);
const ready: DemoReady = { channel: 'headgate-demo', openaiPort: openai.port, anthropicPort: anthropic.port };
// A parent that has gone meanwhile is no error: `disconnect` ends this process.
send(ready, undefined, undefined, () => {});

/** Listens on `port`, or on the next free one after it. */
async function startNear(dialect: DialectName, port: number, exact: boolean): Promise<RunningMock> {
  for (let candidate = port; ; candidate += 1) {
    try {
      return await startMock({ dialect, port: candidate, responseHeaders, shape });
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || exact || candidate >= Math.min(port + portsTried, 65_535)) throw error;
    }
  }
}
