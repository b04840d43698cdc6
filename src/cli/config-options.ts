/**
 * The flags that say which configuration is meant, the same for every command that needs one, and the way from them to
 * something that can be loaded. Flags win over the file; their faults carry the flag's name.
 */
import type { Command } from 'commander';
import { demoConfigInput } from '../config/demo.ts';
import type { LoadableSource, LoadOptions, Override } from '../config/load.ts';
import { type ConfigSource, findConfigSource } from '../config/source/load-source.ts';

export interface ConfigFlags {
  readonly config?: string;
  readonly demo?: boolean;
  readonly port?: string;
  readonly host?: string;
  readonly adminPort?: string;
  readonly workers?: string;
}

interface DemoPorts {
  readonly openaiPort: number;
  readonly anthropicPort: number;
}

/** Where the demo's providers are when their ports are free. */
const usualDemoPorts: DemoPorts = { openaiPort: 8001, anthropicPort: 8002 };

/** Adds `--config`. */
export function withConfig(command: Command): Command {
  return command.option('--config <file>', 'configuration file (default: $HEADGATE_CONFIG, then ./headgate.yaml)');
}

/** Adds what names a running gateway. */
export function withAdmin(command: Command): Command {
  return withConfig(command).option(
    '--admin-port <number>',
    "the gateway's admin port, where it differs from the file's",
  );
}

/** The source that the flags choose; nothing is read yet. */
export function chooseSource(flags: ConfigFlags): ConfigSource {
  return findConfigSource({ config: flags.config, demo: flags.demo });
}

/** The source of a gateway that runs already; a demo in production is somebody's wish then. */
export function runningSource(flags: ConfigFlags): ConfigSource {
  return findConfigSource({ config: flags.config, demoAllowed: true });
}

/** What to load. The demo's input depends on where its providers are. */
export function loadOptions(source: ConfigSource, flags: ConfigFlags, demoPorts = usualDemoPorts): LoadOptions {
  return { source: loadable(source, demoPorts), overrides: overridesOf(flags) };
}

/** The source for people. */
export function describeSource(source: ConfigSource): string {
  switch (source.kind) {
    case 'file':
      return source.path;
    case 'environment':
      return 'API keys in the environment';
    case 'demo':
      return 'demo';
    default:
      return source satisfies never;
  }
}

function loadable(source: ConfigSource, ports: DemoPorts): LoadableSource {
  return source.kind === 'demo' ? { kind: 'object', name: 'demo', input: demoConfigInput(ports) } : source;
}

function overridesOf(flags: ConfigFlags): Override[] {
  const given = [
    { flag: '--port', path: ['server', 'port'], value: numberOr(flags.port) },
    { flag: '--host', path: ['server', 'host'], value: flags.host },
    { flag: '--admin-port', path: ['admin', 'port'], value: numberOr(flags.adminPort) },
    { flag: '--workers', path: ['workers'], value: numberOr(flags.workers) },
  ];
  return given.flatMap(({ value, ...rest }) => (value === undefined ? [] : [{ ...rest, value }]));
}

/** A flag's number; other texts stay as they are for the configuration's rules to refuse. */
function numberOr(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
