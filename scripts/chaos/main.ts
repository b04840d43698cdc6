/**
 * Faults of every kind on a built gateway under load, on this machine's loopback, and what must hold meanwhile. Prints
 * a table of guarantee, case, figure and verdict; ends with 1 if one does not hold. Takes about a quarter of an hour.
 *
 *   npm run chaos -- [--only NAME]... [--short] [--list] [--as-it-is]
 */
import { parseArgs } from 'node:util';
import { isInstalled } from '../../test/helpers/prometheus.ts';
import { blockedLoop } from './cases/blocked-loop.ts';
import { crashLoop } from './cases/crash-loop.ts';
import { exactSums } from './cases/exact-sums.ts';
import { halfOpen } from './cases/half-open.ts';
import { outOfMemory } from './cases/out-of-memory.ts';
import { outage } from './cases/outage.ts';
import { primaryCrashLoop } from './cases/primary-crash-loop.ts';
import { primaryKilled } from './cases/primary-killed.ts';
import { primaryStopped } from './cases/primary-stopped.ts';
import { propagation } from './cases/propagation.ts';
import { reloads } from './cases/reloads.ts';
import { rolls } from './cases/rolls.ts';
import { workerKilled } from './cases/worker-killed.ts';
import { workerStopped } from './cases/worker-stopped.ts';
import type { ChaosCase, Finding, Verdict } from './chaos-case.ts';
import { Rig } from './rig.ts';
import { allHold, formatTable } from './table.ts';

const cases: readonly ChaosCase[] = [
  workerKilled,
  workerStopped,
  rolls,
  primaryKilled,
  primaryCrashLoop,
  primaryStopped,
  exactSums,
  propagation,
  halfOpen,
  outage,
  reloads,
  crashLoop,
  blockedLoop,
  outOfMemory,
];

/** The longest takes five minutes where two runs of it are one. */
const LIMIT_MS = 600_000;

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    short: { type: 'boolean', default: false },
    'as-it-is': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

async function findingsOf(chaosCase: ChaosCase): Promise<Finding[]> {
  const findings: Finding[] = [];
  const take = (finding: Finding) => {
    findings.push(finding);
    console.log(`  ${finding.verdict}: ${finding.figure}`);
    // To the run that started this one, if one did.
    process.send?.(finding);
  };
  const add = (guarantee: string, figure: string, verdict: Verdict) =>
    take({ guarantee, case: chaosCase.name, figure, verdict });
  console.log(`${chaosCase.name}: ${chaosCase.about}`);
  try {
    await withinLimit(
      chaosCase.run({
        short: flags.short,
        asItIs: flags['as-it-is'],
        take,
        note: (text) => console.log(`  ${text}`),
        find: (guarantee, figure, holds) => add(guarantee, figure, holds ? 'holds' : 'FAILS'),
        leaveOut: (guarantee, why) => add(guarantee, why, 'left out'),
      }),
    );
  } catch (error) {
    console.error(error);
    add('the case itself', error instanceof Error ? error.message : String(error), 'FAILS');
  }
  return findings;
}

/** Rejects when a case takes far longer than any should, and takes down what it has put up. */
async function withinLimit(running: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not over after ${LIMIT_MS / 60_000} minutes`)), LIMIT_MS);
  try {
    await Promise.race([running, late.promise]);
  } finally {
    clearTimeout(timer);
    await Rig.endAll();
  }
}

async function main(): Promise<boolean> {
  if (flags.list) {
    for (const { name, about } of cases) console.log(`${name.padEnd(18)} ${about}`);
    return true;
  }
  const unknown = flags.only?.filter((name) => !cases.some((known) => known.name === name)) ?? [];
  if (unknown.length > 0) {
    console.error(`there is no case ${unknown.join(', ')}; --list names them`);
    return false;
  }
  if (!isInstalled('prometheus')) {
    console.error(
      'prometheus is not installed: what happens to the numbers is judged by a real one, so nothing was run',
    );
    return false;
  }
  const findings: Finding[] = [];
  for (const chaosCase of cases) {
    if (flags.only === undefined || flags.only.includes(chaosCase.name))
      findings.push(...(await findingsOf(chaosCase)));
  }
  console.log(`\n${formatTable(findings)}`);
  return allHold(findings);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Gateways have groups of their own, so nobody else would end them.
  process.once(signal, () => void Rig.endAll().finally(() => process.exit(1)));
}
process.exitCode = (await main()) ? 0 : 1;
// What a case that took too long still waits for must not keep this process.
setTimeout(() => process.exit(), 1_000).unref();
