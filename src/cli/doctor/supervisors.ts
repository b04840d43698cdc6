/**
 * Mistakes in what starts the gateway: units of systemd and processes of pm2, by their settings. Pure: who asks for them is
 * `doctor.ts`. Each rule is one of those that `deploy/headgate.service` and `ecosystem.config.js` keep.
 */
import type { Config } from '../../shared/config.ts';
import { asRecord } from '../../shared/json.ts';
import { type Finding, fine } from './finding.ts';
import { ENOUGH_FILES } from './host.ts';

type Drain = Config['drain'];

/** How long a stop may take, in seconds. */
function stopSeconds({ stopMs, announceMs }: Drain): number {
  return Math.ceil((stopMs + announceMs) / 1000);
}

/** Findings about a unit. @param properties as `systemctl show` prints them, a `Name=value` a line */
export function systemdFindings(unit: string, properties: string, drain: Drain): Finding[] {
  const part = `systemd ${unit}`;
  const values = new Map(
    properties.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
    }),
  );
  const found: Finding[] = [];
  const wrong = (what: string, cure: string) => found.push({ level: 'warn', part, what, cure });
  if (values.get('KillMode') !== 'process' && values.get('KillMode') !== 'mixed') {
    wrong('workers are killed with a primary that crashes', 'KillMode=process');
  }
  const stop = secondsOf(values.get('TimeoutStopUSec'));
  const needed = stopSeconds(drain);
  if (stop !== null && stop <= needed) {
    wrong(
      `a stop may take ${needed} s, and is cut off after ${stop} s`,
      `TimeoutStopSec=${needed + 15}, above drain.stop and drain.announce`,
    );
  }
  if (values.get('Restart') !== undefined && values.get('Restart') !== 'always') {
    wrong('`headgate restart --all` ends the primary for good', 'Restart=always');
  }
  const files = Number(values.get('LimitNOFILE'));
  if (Number.isFinite(files) && files < ENOUGH_FILES) wrong(`at most ${files} open files`, 'LimitNOFILE=65536');
  const burst = Number(values.get('StartLimitBurst'));
  if (burst > 0 && values.get('StartLimitIntervalUSec') !== '0') {
    wrong(`after ${burst} starts in a short time it stays down`, 'StartLimitIntervalSec=0 in [Unit]');
  }
  return found.length === 0 ? [fine(part, 'its settings fit')] : found;
}

/** `1min 15s` and `infinity`, as systemd prints spans, in seconds; null for none. */
function secondsOf(text: string | undefined): number | null {
  if (text === undefined || text === 'infinity' || text === '') return null;
  const days = { d: 86_400, w: 7 * 86_400, month: 2_629_800, y: 31_557_600 };
  const units: Readonly<Record<string, number>> = { us: 0.000_001, ms: 0.001, s: 1, min: 60, h: 3600, ...days };
  const parts = [...text.matchAll(/(\d+)(us|ms|month|min|s|h|d|w|y)\b/g)];
  return parts.reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (units[unit] ?? 1), 0);
}

/** Findings about pm2's processes that run the gateway. @param list what `pm2 jlist` prints, parsed */
export function pm2Findings(list: unknown, drain: Drain): Finding[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry): Finding[] => {
    const { name, pm2_env: environment } = asRecord(entry) ?? {};
    const settings = asRecord(environment) ?? {};
    if (!/headgate|dist\/cli\/main\.js$/.test(`${String(name)} ${String(settings.pm_exec_path)}`)) return [];
    return processFindings(`pm2 ${String(name)}`, settings, drain);
  });
}

function processFindings(part: string, settings: Readonly<Record<string, unknown>>, drain: Drain): Finding[] {
  const found: Finding[] = [];
  const wrong = (level: 'warn' | 'fail', what: string, cure: string) => found.push({ level, part, what, cure });
  if (settings.exec_mode === 'cluster_mode') {
    wrong('fail', 'it runs in cluster mode, in which the gateway refuses to start', "exec_mode: 'fork', instances: 1");
  }
  const kill = Number(settings.kill_timeout ?? 1600);
  const needed = stopSeconds(drain) * 1000;
  if (kill <= needed) {
    wrong('warn', `a stop may take ${needed} ms, and is cut off after ${kill} ms`, `kill_timeout: ${needed + 5000}`);
  }
  if (settings.treekill !== false) wrong('warn', 'a stop signals all processes together', 'treekill: false');
  if (settings.wait_ready !== true) wrong('warn', 'it counts as started before it serves', 'wait_ready: true');
  if (settings.watch === true) wrong('warn', 'every change of a file, such as a log, restarts it', 'watch: false');
  const codes = Array.isArray(settings.stop_exit_codes) ? settings.stop_exit_codes.map(Number) : [];
  if (!codes.includes(78))
    wrong('warn', 'it is started again and again with a bad configuration', 'stop_exit_codes: [78]');
  return found.length === 0 ? [fine(part, 'its settings fit')] : found;
}
