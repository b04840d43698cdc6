/**
 * The process of the demo's two fake providers. It is forked and sends its ports over IPC. It ends when the IPC channel
 * closes, so it never outlives its parent. Ctrl-C reaches the whole process group, so this process ignores all signals
 * except TERM: the parent may want to finish requests first.
 */

import { type DemoReady, readDemoArguments } from './demo-protocol.ts';
import type { DialectName } from './dialects/ask.ts';
import { type RunningMock, startMock } from './server.ts';

const responseHeaders = { 'x-headgate-demo': '1' };
/** Slow enough to see a stream arrive in pieces. */
const shape = { chunkMs: 25 };
const portsTried = 100;

for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => {});
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
// The parent may have ended while this file was loading, before the listeners were added.
if (process.send !== undefined && !process.connected) process.exit(0);

const send = process.send?.bind(process);
if (send === undefined) throw new Error('this file is meant to be forked');

const wanted = readDemoArguments(process.argv.slice(2));
const openai = await startNear('openai', wanted.openaiPort, wanted.exact);
const anthropic = await startNear('anthropic', wanted.anthropicPort, wanted.exact);
const ready: DemoReady = { channel: 'headgate-demo', openaiPort: openai.port, anthropicPort: anthropic.port };
// The callback ignores the error of a parent that has ended meanwhile: `disconnect` ends this process.
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
