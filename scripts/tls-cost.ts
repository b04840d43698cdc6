/**
 * What TLS at the data port costs: CPU time of a worker for a plain request, on kept connections and with a connection for
 * each request, with TLS and without, and with traces. Gateways as they ship with one worker each, asked in turn in rounds,
 * the median of these. On loopback; takes half a minute.
 *
 *   npm run tls-cost -- [--requests 3000] [--rounds 5]
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Agent, request } from 'undici';
import { percentile } from './load/percentile.ts';
import { cpuMicroseconds } from './processes/cpu-time.ts';
import { temporaryFolder } from './processes/temporary-folder.ts';
import type { RunningGateway } from './rig/gateway.ts';
import { Rig } from './rig/rig.ts';

const AT_ONCE = 16;
const WARM_UP = 500;

const { values: flags } = parseArgs({
  options: { requests: { type: 'string', default: '3000' }, rounds: { type: 'string', default: '5' } },
});
const requests = Number(flags.requests);
const rounds = Number(flags.rounds);

/** A gateway with what it is asked over. */
interface Way {
  readonly name: string;
  readonly gateway: RunningGateway;
  readonly worker: number;
  readonly origin: string;
  readonly perRequestUs: number[];
  readonly perConnectionUs: number[];
}

const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }] });

/** Asks so often, over one agent. */
async function ask(origin: string, count: number, kept: boolean): Promise<void> {
  const connect = { rejectUnauthorized: false, maxCachedSessions: 0 };
  const dispatcher = new Agent({ connections: AT_ONCE, pipelining: kept ? 1 : 0, connect });
  let left = count;
  const client = async () => {
    for (; left > 0; left -= 1) {
      const answer = await request(`${origin}/v1/chat/completions`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body, dispatcher },
      });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  await dispatcher.close();
}

async function measured(way: Way, count: number, kept: boolean): Promise<number> {
  const before = cpuMicroseconds([way.worker]);
  await ask(way.origin, count, kept);
  return (cpuMicroseconds([way.worker]) - before) / count;
}

/** The pid of the only worker: the primary has no other child. */
function workerOf(gateway: RunningGateway): number {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(gateway.child.pid)], { encoding: 'utf8' });
  return Number(children.trim().split('\n')[0]);
}

const folder = temporaryFolder('tls-cost');
const collector = http.createServer((incoming, outgoing) => incoming.resume().on('end', () => outgoing.end('{}')));
collector.listen(0, '127.0.0.1');
await once(collector, 'listening');
const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
const [cert, key] = [path.join(folder.folder, 'tls.crt'), path.join(folder.folder, 'tls.key')];
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
execFileSync('openssl', ['req', '-x509', ...newKey, '-out', cert, '-subj', '/CN=localhost', '-days', '2'], {
  stdio: 'pipe',
});

await Rig.with(async (rig) => {
  const provider = await rig.provider('openai');
  const config = {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    log: { requests: 'none' },
    workers: 1,
    providers: { openai: { type: 'openai', base_url: `http://127.0.0.1:${provider.port}/v1`, api_key: 'sk-test' } },
    models: { 'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }] } },
  };
  const variants = {
    plain: config,
    TLS: { ...config, server: { port: 0, tls: { cert, key } } },
    traces: { ...config, tracing: { endpoint } },
  };
  const ways: Way[] = [];
  for (const [name, variant] of Object.entries(variants)) {
    const gateway = await rig.gateway(variant);
    const origin = `${name === 'TLS' ? 'https' : 'http'}://127.0.0.1:${gateway.port}`;
    ways.push({ name, gateway, worker: workerOf(gateway), origin, perRequestUs: [], perConnectionUs: [] });
    await ask(origin, WARM_UP, true);
    await ask(origin, WARM_UP, true);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) {
      way.perRequestUs.push(await measured(way, requests, true));
      way.perConnectionUs.push(await measured(way, Math.ceil(requests / 5), false));
    }
  }
  const [plain] = ways;
  const median = (values: readonly number[]) => percentile(values, 0.5);
  for (const { name, perRequestUs, perConnectionUs } of ways) {
    const [kept, fresh] = [median(perRequestUs), median(perConnectionUs)];
    const ratios = [kept / median(plain?.perRequestUs ?? []), fresh / median(plain?.perConnectionUs ?? [])];
    process.stdout.write(
      `${name.padEnd(7)} ${kept.toFixed(0)} µs a request (${ratios[0]?.toFixed(2)}), ${fresh.toFixed(0)} µs with a new connection (${ratios[1]?.toFixed(2)})\n`,
    );
  }
});
collector.close();
folder.remove();
