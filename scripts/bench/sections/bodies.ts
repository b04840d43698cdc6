/**
 * The cost of a request by the size of its body, an image in base64, and how long the largest ones block the event
 * loop.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { table } from '../../../src/cli/table.ts';
import { Readings } from '../measuring/readings.ts';
import { inTurn, metered, sideBySide, target } from '../measuring/under-load.ts';
import { probe, probeOptions } from '../probes/probe.ts';
import { bare, headgate } from '../proxies/proxies.ts';
import { heavyRequestBody } from '../upstream/payloads.ts';
import { startPlainUpstream } from '../upstream/upstream.ts';
import type { Section } from './section.ts';

/** Large bodies get few connections, because their copies would otherwise fill the memory. */
const sizes = [
  { name: '1 KB', bytes: 1_000, connections: 16 },
  { name: '100 KB', bytes: 100_000, connections: 8 },
  { name: '5 MB', bytes: 5_000_000, connections: 1 },
] as const;

/** Longer than the garbage collection of the probe takes. */
const SETTLE_MS = 200;

/** Only for the longest block: measuring that costs CPU time itself, so its CPU is not used. */
const probed = headgate('probed', { workers: 1, nodeOptions: probeOptions });
const gateway = headgate('Headgate, 1 worker', { workers: 1 });

export const bodies: Section = async ({ short }) => {
  const [rounds, seconds] = short ? [2, 1] : [3, 3];
  const heads = ['body', 'bare µs', 'Headgate µs', '× bare', 'ns / byte', 'longest block ms'];
  const lines: string[][] = [];
  await sideBySide([bare, gateway, probed], startPlainUpstream, async (contenders, load, upstream) => {
    for (const { name, bytes, connections } of sizes) {
      const body = heavyRequestBody(bytes);
      const cpu = new Readings();
      const block = new Readings();
      await inTurn(rounds + 1, contenders, async ({ kind, proxy }, round) => {
        const folder = kind === probed ? (proxy.gateway?.folder ?? null) : null;
        if (folder !== null) await probe(folder, proxy.serving);
        await pause(SETTLE_MS);
        const { result, serving } = await metered(proxy, upstream, () =>
          load.saturate({ target: target(proxy, body), connections, seconds }),
        );
        if (result.failed > 0) throw new Error(`${result.failed} requests of ${name} to "${kind.name}" failed`);
        // The first round only warms up.
        if (round === 0) return;
        cpu.add(kind.name, serving / result.requests);
        if (folder === null) return;
        const [answer] = await probe(folder, proxy.serving);
        block.add(kind.name, answer?.longestBlockMs ?? Number.NaN);
      });
      const cost = cpu.median(gateway.name);
      const figures = [
        cpu.median(bare.name).toFixed(0),
        cost.toFixed(0),
        cpu.ratio(gateway.name, bare.name).toFixed(2),
      ];
      lines.push([name, ...figures, ((cost * 1000) / bytes).toFixed(2), Math.max(...block.of(probed.name)).toFixed(1)]);
    }
  });
  const title = 'bodies: CPU per request by size of the request, longest block of the event loop';
  return { figures: {}, notes: [[title, ...table(heads, lines, { rule: true, rightFrom: 1 })].join('\n')] };
};
