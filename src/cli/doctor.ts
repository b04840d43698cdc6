/**
 * `headgate doctor`: looks at all that a gateway depends on, and says what is wrong with its cure: Node, open files, the
 * kernel, ports, the configuration, the reach of each provider, the clock, and what starts the gateway. It changes nothing
 * and sends no key.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { whyUnwritable } from '../config/checks/state-dir.ts';
import { demoConfigInput } from '../config/demo.ts';
import { loadConfig, loadListeners, loadWithSource } from '../config/load.ts';
import { ConfigError } from '../config/source/faults.ts';
import { type ConfigSource, sourceNotes } from '../config/source/load-source.ts';
import type { LoadedConfig } from '../config/warnings/warning.ts';
import { warningLine, warningsOf } from '../config/warnings/warnings.ts';
import { systemClock } from '../shared/clock.ts';
import type { Config } from '../shared/config.ts';
import { parseJson } from '../shared/json.ts';
import { type ConfigFlags, chooseSource, describeSource, loadOptions, withConfig } from './config-options.ts';
import { counted } from './counted.ts';
import { bothPorts, type KnownListeners } from './doctor/both-ports.ts';
import { type Finding, findingLines, fine } from './doctor/finding.ts';
import { demoFinding } from './doctor/gateways.ts';
import { hostFindings } from './doctor/host.ts';
import { pm2Findings, systemdFindings } from './doctor/supervisors.ts';
import { CommandError } from './failures.ts';
import { sayJson, sayLines } from './say.ts';

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
  const { source, loaded, findings: ofConfig } = configFindings(flags);
  const config = loaded?.config ?? null;
  const findings = [...hostFindings(config), ...ofConfig];
  findings.push(
    ...(await bothPorts(listenersOf(source, flags), source === null ? 'the defaults' : describeSource(source))),
  );
  if (config !== null && source?.kind === 'demo') {
    findings.push(...Object.values(config.providers).map(({ name, baseUrl }) => demoFinding(name, baseUrl)));
  } else if (config !== null) {
    // Imported here, since only this needs an HTTP client.
    const { reachFindings } = await import('./doctor/reach.ts');
    findings.push(...(await reachFindings(config)));
  }
  findings.push(...(await supervisorFindings((config ?? usualConfig()).drain)));
  if (flags.json === true) sayJson(findings);
  else sayLines(findings.flatMap(findingLines));
  const failed = findings.filter(({ level }) => level === 'fail').length;
  if (failed > 0) throw new CommandError(`${counted(failed, 'finding')} would keep a gateway from working`);
}

/** What a gateway has where its file says nothing else, or cannot be read. */
function usualConfig(): Config {
  const input = demoConfigInput({ openaiPort: 8001, anthropicPort: 8002 });
  return loadConfig({ source: { kind: 'object', name: 'defaults', input } });
}

/** Where a gateway of this source listens, also if it has faults elsewhere. */
function listenersOf(source: ConfigSource | null, flags: DoctorFlags): KnownListeners {
  const { server: gateway, admin } = usualConfig();
  try {
    if (source !== null) {
      const known = loadListeners(loadOptions(source, flags));
      return { ...known, gateway: known.gateway ?? gateway };
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  return { gateway, admin, stateFolder: null };
}

interface ConfigFindings {
  /** Null where there is none, or it cannot be found. */
  readonly source: ConfigSource | null;
  /** Null where it does not load. */
  readonly loaded: LoadedConfig | null;
  readonly findings: Finding[];
}

/** The configuration, if it loads, and what is to be said of it. */
function configFindings(flags: DoctorFlags): ConfigFindings {
  const part = 'configuration';
  let source: ConfigSource | null = null;
  try {
    source = chooseSource(flags);
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
    return { source, loaded, findings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.explained.map(({ path, fault, lines }): Finding => {
      const source = lines.length === 0 ? {} : { source: lines };
      return {
        level: 'fail',
        part,
        what: fault,
        ...source,
        cure: /^(?:server|admin)\.tls\b/.test(path) ? TLS_CURE : CONFIG_CURE,
      };
    });
    return { source, loaded: null, findings };
  }
}

const CONFIG_CURE = 'put there what should be there: until then `serve` ends, and one that runs keeps what it has';
const TLS_CURE =
  'put a sound one there, readable for the user of the gateway: one that runs shows the last that it could read';

function unwritable(why: string): Finding {
  const what = `this user cannot write it (${why}): a crash of the primary would lose counts`;
  return { level: 'warn', part: 'state_dir', what, cure: 'make it belong to the user of the gateway, mode 0700' };
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
