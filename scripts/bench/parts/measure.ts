/**
 * Worker CPU per plain request and per streamed chunk of several gateways, loaded in turn in rounds of a fraction of a
 * second: what else the machine does for longer than that meets neighbouring readings alike.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuMicroseconds, processTree } from '../cpu-time.ts';
import type { LoadQuestion, Saturated } from '../load-protocol.ts';
import { requestBody, streamRequestBody } from '../payloads.ts';
import type { ProxyKind } from '../proxies.ts';
import { Readings } from '../readings.ts';
import { type Contender, inTurn, sideBySide, target } from '../under-load.ts';
import { startPlainUpstream, startStreamUpstream } from '../upstream.ts';
import { pinApart } from './pinned.ts';

/** Readings in µs by the name of a row, and how many requests failed or streams were lost. */
export interface Measured {
  readonly cpu: Readings;
  readonly failures: number;
}

/** Starts these gateways, loads them in turn for so many rounds, and ends them. */
export type Measure = (kinds: readonly ProxyKind[], rounds: number) => Promise<Measured>;

const WARM_UP_SECONDS = 2.5;
const PLAIN = { connections: 16, seconds: 0.1 } as const;
const STREAMS = { count: 100, everyMs: 10, seconds: 0.2 } as const;
/** Until what was cut off at the end of a round is cleared away. */
const SETTLE_MS = 20;

const driver = fileURLToPath(new URL('../load-process.ts', import.meta.url));

/** Plain requests at saturation. By our own driver, since wrk runs for whole seconds only. */
export const measurePlain: Measure = (kinds, rounds) =>
  sideBySide(kinds, startPlainUpstream, async (contenders) => {
    const cpu = new Readings();
    let failures = 0;
    const child = fork(driver);
    const saturate = async ({ proxy }: Contender, seconds: number): Promise<Saturated> => {
      const spec = { target: target(proxy, requestBody()), connections: PLAIN.connections, seconds };
      child.send({ ask: 'saturate', spec } satisfies LoadQuestion);
      const [{ given }] = (await once(child, 'message')) as [{ given: Saturated }];
      await pause(SETTLE_MS);
      return given;
    };
    try {
      pinWorkers(contenders);
      for (const contender of contenders) await saturate(contender, WARM_UP_SECONDS);
      await inTurn(rounds, contenders, async (contender) => {
        const { kind, proxy } = contender;
        const before = cpuMicroseconds(proxy.serving);
        const { requests, failed } = await saturate(contender, PLAIN.seconds);
        cpu.add(kind.name, (cpuMicroseconds(proxy.serving) - before) / requests);
        failures += failed;
      });
    } finally {
      child.kill('SIGKILL');
    }
    return { cpu, failures };
  });

/** Streams that flow, each chunk in a packet of its own. Their begin and end are not measured. */
export const measureStreams: Measure = (kinds, rounds) =>
  sideBySide(
    kinds,
    () => startStreamUpstream({ everyMs: STREAMS.everyMs, chunks: 0 }),
    async (contenders, load) => {
      const cpu = new Readings();
      let failures = 0;
      pinWorkers(contenders);
      const flow = async ({ proxy }: Contender, seconds: number) => {
        await load.hold(target(proxy, streamRequestBody()), STREAMS.count);
        await pause(SETTLE_MS);
        await load.tally();
        const before = cpuMicroseconds(proxy.serving);
        await pause(seconds * 1000);
        const used = cpuMicroseconds(proxy.serving) - before;
        const { events, lost } = await load.tally();
        await load.release();
        await pause(SETTLE_MS);
        return { used, events, lost };
      };
      for (const contender of contenders) await flow(contender, WARM_UP_SECONDS);
      await inTurn(rounds, contenders, async (contender) => {
        const { used, events, lost } = await flow(contender, STREAMS.seconds);
        cpu.add(contender.kind.name, used / events);
        failures += lost;
      });
      return { cpu, failures };
    },
  );

/** All processes of this measurement are this one's children. */
function pinWorkers(contenders: readonly Contender[]): void {
  const workers = contenders.flatMap(({ proxy }) => proxy.serving);
  pinApart(
    workers,
    processTree(process.pid).filter((pid) => !workers.includes(pid)),
  );
}
