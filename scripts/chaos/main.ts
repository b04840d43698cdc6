/**
 * Causes faults of every kind in a built gateway under load, on this machine's loopback, and judges the guarantees that
 * must hold meanwhile. Prints a table of guarantee, case, figure and verdict. Exits with 1 if one fails. Takes about a
 * quarter of an hour; `--short` takes a few minutes, with fewer repetitions.
 *
 *   npm run chaos -- [--only NAME]... [--short] [--list] [--as-it-is]
 */
import { parseArgs } from 'node:util';
import { isInstalled } from '../processes/program.ts';
import { Rig } from '../rig/rig.ts';
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
import { starvedRoll } from './cases/starved-roll.ts';
import { upgrades } from './cases/upgrades.ts';
import { workerKilled } from './cases/worker-killed.ts';
import { workerStopped } from './cases/worker-stopped.ts';
import type { ChaosCase, Finding, Verdict } from './chaos-case.ts';
import { allHold, findingsTable } from './findings.ts';

const cases: readonly ChaosCase[] = [
  workerKilled,
  workerStopped,
  rolls,
  starvedRoll,
  upgrades,
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

/** The longest case takes five minutes, with its second run in a namespace. */
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
    // To the run outside of the namespace, if there is one.
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

/** Rejects if a case takes far too long. In any case ends everything that the case has started. */
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
    console.error('prometheus is not installed: the numbers are judged by a real one, so nothing was run');
    return false;
  }
  const findings: Finding[] = [];
  for (const chaosCase of cases) {
    if (flags.only === undefined || flags.only.includes(chaosCase.name))
      findings.push(...(await findingsOf(chaosCase)));
  }
  console.log(`\n${findingsTable(findings).join('\n')}`);
  return allHold(findings);
}

// Its parent, if it is a run in a namespace, has ended.
process.once('disconnect', () => process.exit(1));
process.exitCode = (await main()) ? 0 : 1;
// A case that took too long may still wait for something, which must not keep this process alive.
setTimeout(() => process.exit(), 1_000).unref();
