/**
 * How fast an opened circuit is known everywhere, with 1,000 requests/s under way. Inside: from the provider's failing
 * answer, as the worker gets it, to the view's arrival in the last worker. Outside, to the gateway's disadvantage: from
 * the moment that a client sends the failing request, to the moment that a client of the last worker has read a refusal.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type GatewayUnderTest, median, percentile } from '../../bench/gateway-under-test.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { chaosConfig, Rig } from '../rig.ts';

const WORKERS = 4;
const PER_SECOND = 1_000;
const PROBE_PAUSE_MS = 1;

/** One keep-alive connection to one worker. */
type Line = http.Agent;

export const propagation: ChaosCase = {
  name: 'propagation',
  about: `a failure to all 4 workers knowing, at ${PER_SECOND} requests/s`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(
        chaosConfig(provider, WORKERS, {
          retry: { attempts: 1 },
          // A single failure opens it, so that there is one moment from which to count.
          circuit: { outcomes: 50, min_failures: 1, failure_share: 0.01, open_for: '60s' },
          models: {
            'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }] },
            fails: { targets: [{ provider: 'openai', model: 'fails' }] },
          },
        }),
        ['--import', new URL('../note-openings.ts', import.meta.url).href],
      );
      const lines = await lineToEach(gateway);
      rig.atEnd(async () => {
        for (const line of lines) line.destroy();
      });
      const load = await rig.load({ url: gateway.url, perSecond: PER_SECOND });
      await pause(2_000);
      const outside: number[] = [];
      for (let round = 0; round < (run.short ? 40 : 200); round += 1) {
        const line = lines[round % lines.length];
        if (line === undefined) throw new Error('there is no connection');
        // Only this one fails: those who ask next get answers until their worker knows.
        await provider.fault({ kind: 'status', status: 500, model: 'fails', times: 1 });
        const sentAt = performance.now();
        const status = await ask(gateway, line, 'fails');
        if (status !== 502) throw new Error(`the failing request got ${status}`);
        const knownAt = await Promise.all(lines.map((one) => untilStatus(gateway, one, 503)));
        outside.push(Math.max(...knownAt) - sentAt);
        await fetch(`${gateway.adminUrl}/api/circuits/openai/reset`, { method: 'POST' });
        await Promise.all(lines.map((one) => untilStatus(gateway, one, 200)));
        // So that rounds do not begin in step with anything.
        await pause(20 + Math.random() * 40);
      }
      const { acknowledged, failed } = await load.stop();
      const inside = insideDelays(gateway);
      run.find(
        guarantees.oneCircuit,
        `${inside.length} openings: ${inWords(inside)} (as clients see it: ${inWords(outside)}; ${acknowledged} requests beside, ${failed} failed)`,
        inside.length === outside.length && median(inside) < 10 && percentile(inside, 0.99) < 50 && failed === 0,
      );
    }),
};

function inWords(delays: readonly number[]): string {
  return `median ${median(delays).toFixed(1)} ms, p99 ${percentile(delays, 0.99).toFixed(1)} ms`;
}

/** From each failure to the last worker's knowledge, as the workers themselves noted it, in ms. */
function insideDelays({ folder }: GatewayUnderTest): number[] {
  const notes = readFileSync(join(folder, 'openings'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([what, pid, micros]) => ({ what, pid, atMs: Number(micros) / 1000 }))
    .sort((one, other) => one.atMs - other.atMs);
  const failures = notes.filter(({ what }) => what === 'failed');
  return failures.flatMap(({ atMs }, index) => {
    const next = failures[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const known = new Map<string | undefined, number>();
    for (const note of notes) {
      const ours = note.what === 'knows' && note.atMs >= atMs && note.atMs < next;
      if (ours && !known.has(note.pid)) known.set(note.pid, note.atMs);
    }
    return known.size === WORKERS ? [Math.max(...known.values()) - atMs] : [];
  });
}

async function lineToEach(gateway: GatewayUnderTest): Promise<Line[]> {
  const bySlot = new Map<string, Line>();
  // The kernel chooses the worker of a connection by a hash, so connections are made until each was chosen.
  while (bySlot.size < WORKERS) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const slot = await workerOf(gateway, agent);
    if (bySlot.has(slot)) agent.destroy();
    else bySlot.set(slot, agent);
  }
  return [...bySlot.values()];
}

/** When the worker behind `line` was first seen to answer with `status`. */
async function untilStatus(gateway: GatewayUnderTest, line: Line, status: number): Promise<number> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    if ((await ask(gateway, line, 'fails')) === status) return performance.now();
    await pause(PROBE_PAUSE_MS);
  }
  throw new Error(`no ${status} from a worker within 2,000 requests`);
}

async function ask(gateway: GatewayUnderTest, line: Line, model: string): Promise<number> {
  return (await exchange(gateway, line, model)).statusCode ?? 0;
}

async function workerOf(gateway: GatewayUnderTest, line: Line): Promise<string> {
  return String((await exchange(gateway, line, 'gpt-4')).headers['x-headgate-worker']);
}

function exchange({ url }: GatewayUnderTest, agent: Line, model: string): Promise<http.IncomingMessage> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/v1/chat/completions`, { method: 'POST', headers, agent }, (answer) => {
      answer.on('error', reject).on('end', () => resolve(answer));
      answer.resume();
    });
    request.on('error', reject).end(body);
  });
}
