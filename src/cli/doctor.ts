/**
 * `headgate doctor`: looks at all that a gateway depends on, and says what is wrong with its cure: Node, open files, the
 * kernel, ports, the configuration, the reach of each provider, the clock, and what starts the gateway. It changes nothing
 * and sends no key.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { whyUnwritable } from '../config/checks/state-dir.ts';
import { loadWithSource } from '../config/load.ts';
import { ConfigError } from '../config/source/faults.ts';
import { sourceNotes } from '../config/source/load-source.ts';
import type { LoadedConfig } from '../config/warnings/warning.ts';
import { warningLine, warningsOf } from '../config/warnings/warnings.ts';
import { systemClock } from '../shared/clock.ts';
import type { AdminConfig } from '../shared/config.ts';
import { parseJson } from '../shared/json.ts';
import { type ConfigFlags, chooseSource, describeSource, loadOptions, withConfig } from './config-options.ts';
import { counted } from './counted.ts';
import { type Finding, findingLines, fine } from './doctor/finding.ts';
import { hostFindings } from './doctor/host.ts';
import { portFindings } from './doctor/ports.ts';
import { pm2Findings, systemdFindings } from './doctor/supervisors.ts';
import { CommandError } from './failures.ts';
import { agentFor } from './own-certificate.ts';
import { sayJson, sayLines } from './say.ts';
import { callableUrl } from './urls.ts';

interface DoctorFlags extends ConfigFlags {
  readonly json?: boolean;
}

/** Adds the command. */
export function registerDoctor(program: Command): void {
  withConfig(program.command('doctor'))
    .description('look at all that a gateway needs here, and say what is wrong and how to mend it')
    .option('--json', 'print JSON')
    .action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const { loaded, findings: ofConfig } = configFindings(flags);
  const config = loaded?.config ?? null;
  const isDemo = chooseSource(flags).kind === 'demo';
  const findings = [...hostFindings(config), ...ofConfig];
  if (config !== null) {
    const { server, admin } = config;
    const listeners = [
      { part: 'data port', ...addressOf(server), flag: 'server.port', isOurs: () => says(server, HELLO) },
      { part: 'admin port', ...addressOf(admin), flag: 'admin.port', isOurs: () => says(admin, LIVE) },
    ];
    findings.push(...(await portFindings(listeners)));
    // Imported here, since only this needs an HTTP client. The demo brings its providers with it.
    const { reachFindings } = await import('./doctor/reach.ts');
    if (!isDemo) findings.push(...(await reachFindings(config)));
    findings.push(...(await supervisorFindings(config.drain)));
  }
  if (flags.json === true) sayJson(findings);
  else sayLines(findings.flatMap(findingLines));
  const failed = findings.filter(({ level }) => level === 'fail').length;
  if (failed > 0) throw new CommandError(`${counted(failed, 'finding')} would keep a gateway from working`);
}

/** The configuration, if it loads, and what is to be said of it. */
function configFindings(flags: DoctorFlags): { readonly loaded: LoadedConfig | null; readonly findings: Finding[] } {
  const part = 'configuration';
  try {
    const source = chooseSource(flags);
    const loaded = loadWithSource(loadOptions(source, flags));
    const warnings = [
      ...sourceNotes(source, { demo: flags.demo }),
      ...warningsOf(loaded, systemClock.wallMs()).map(warningLine),
    ];
    const state = whyUnwritable(loaded.config.stateDir);
    const findings: Finding[] = [
      fine(part, `${describeSource(source)} is valid`),
      ...warnings.map((what): Finding => ({ level: 'warn', part, what, cure: null })),
      ...(state === null ? [fine('state_dir', `${loaded.config.stateDir} can be written`)] : [unwritable(state)]),
    ];
    return { loaded, findings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.explained.map(({ path, fault, lines }): Finding => {
      const source = lines.length === 0 ? {} : { source: lines };
      return {
        level: 'fail',
        part,
        what: fault,
        ...source,
        cure: /^(?:server|admin)\.tls\b/.test(path) ? TLS_CURE : null,
      };
    });
    return { loaded: null, findings };
  }
}

/** Other faults say what should be there, and that is their cure. */
const TLS_CURE =
  'put a sound one there, readable for the user of the gateway: one that runs shows the last that it could read';

function unwritable(why: string): Finding {
  const what = `this user cannot write it (${why}): a crash of the primary would lose counts`;
  return { level: 'warn', part: 'state_dir', what, cure: 'make it belong to the user of the gateway, mode 0700' };
}

type Listener = Pick<AdminConfig, 'host' | 'port' | 'tls'>;

function addressOf({ host, port }: Listener) {
  return { host, port };
}

/** What a gateway of ours says at its data port, also while it has no primary, and at its admin port. */
const HELLO = { path: '/api/hello', words: '"hello"' } as const;
const LIVE = { path: '/livez', words: '"ok"' } as const;

/** Whether a gateway of ours answers there, or why it could not be asked. */
async function says(
  { host, port, tls }: Listener,
  { path, words }: typeof HELLO | typeof LIVE,
): Promise<boolean | { readonly unasked: string }> {
  const { default: got } = await import('got');
  const agent = agentOrWhyNot(tls);
  if ('unasked' in agent) return agent;
  const asked = { retry: { limit: 0 }, timeout: { request: 1000 }, throwHttpErrors: false, agent } as const;
  const answer = await got(`${callableUrl(host, port, tls)}${path}`, asked).catch(() => null);
  return answer?.statusCode === 200 && answer.body.includes(words);
}

/** The files were sound when the configuration was loaded, but a renewal may be half done. */
function agentOrWhyNot(tls: Listener['tls']): ReturnType<typeof agentFor> | { readonly unasked: string } {
  try {
    return agentFor(tls);
  } catch (error) {
    if (error instanceof CommandError) return { unasked: error.message };
    throw error;
  }
}

const run = promisify(execFile);

/** What a program prints; empty where there is none, or it does not answer soon. */
async function outputOf(program: string, given: readonly string[]): Promise<string> {
  const answer = await run(program, [...given], { timeout: 5000 }).catch(() => null);
  return answer?.stdout ?? '';
}

const UNIT_PROPERTIES = 'KillMode,TimeoutStopUSec,Restart,LimitNOFILE,StartLimitBurst,StartLimitIntervalUSec,LoadState';

/** Of pm2 and systemd, where they run a gateway. */
async function supervisorFindings(drain: LoadedConfig['config']['drain']): Promise<Finding[]> {
  const listed = await outputOf('systemctl', ['list-unit-files', 'headgate*', '--no-legend', '--plain']);
  const units = listed.split('\n').flatMap((line) => /^(\S+\.service)\s/.exec(line)?.[1] ?? []);
  const ofUnits = await Promise.all(
    units.map(async (unit) => {
      return systemdFindings(unit, await outputOf('systemctl', ['show', unit, `--property=${UNIT_PROPERTIES}`]), drain);
    }),
  );
  return [...ofUnits.flat(), ...pm2Findings(parseJson(await outputOf('pm2', ['jlist'])), drain)];
}
