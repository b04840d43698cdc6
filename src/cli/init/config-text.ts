/**
 * The text of the configuration that `headgate init` writes: every line is there to be read and changed. Pure. What it
 * writes loads without a fault where the variables that it names are set.
 */

import { plainName } from '../../shared/plain-name.ts';

/** A provider to write. */
export interface ChosenProvider {
  /** Also its name. */
  readonly type: string;
  /** What people know it by. */
  readonly name: string;
  /** Keys of its block with their values as they stand in the file, references included. */
  readonly settings: readonly { readonly key: string; readonly value: string }[];
  /** Its names of models, best first; all can be asked for. */
  readonly models: readonly string[];
  /** For targets whose API requires a limit; null for none. */
  readonly maxTokens: number | null;
}

/** The answers to the questions. */
export interface Choices {
  readonly port: number;
  readonly adminPort: number;
  /** At least one. */
  readonly providers: readonly ChosenProvider[];
}

/** How many models of a provider get a name of their own; the others are reached behind the provider's. */
const NAMED = 3;

/** The model that asks the first of each provider: it shows a failover. */
export const FIRST_MODEL = 'default';

/** Whether the file can name a model of a provider's at all: it takes no spaces, and reads a star and a reference otherwise. */
export function canAskFor(id: string): boolean {
  return /^[^\s*]{1,256}$/.test(id) && !id.includes('${') && plainName(id, id.length) === id;
}

/** What the configuration takes as a model's name, patterns left out. */
const namePattern = /^(?!other$)[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/;

/**
 * The name under which clients ask for a model: its id, or of one that can be no name, as the path that a server was started
 * with, what its last part has of one. Null where that leaves nothing.
 */
export function nameFor(id: string): string | null {
  if (namePattern.test(id)) return id;
  const last = id.split(/[/\\]/).findLast((part) => /[A-Za-z0-9]/.test(part)) ?? '';
  const name = last
    .replace(/[^A-Za-z0-9._:@+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128);
  return namePattern.test(name) ? name : null;
}

/** The whole file. */
export function configText({ port, adminPort, providers }: Choices): string {
  const first = providers.flatMap((provider) => targetsOf(provider, provider.models.slice(0, 1)));
  const lines = [
    '# Headgate. `headgate check` reads this file, `headgate reload` applies it to a running gateway.',
    '# All keys, their defaults and units: `headgate schema`, and src/config/README.md.',
    'version: 1',
    '',
    'server:',
    '  host: 127.0.0.1                     # another address needs a key below',
    `  port: ${port}`,
    `  keys: ["\${HEADGATE_KEY:-}"]         # what clients send as their API key; empty: none is asked for`,
    '',
    'admin:                                # status page, /metrics, and what the commands ask',
    `  port: ${adminPort}`,
    `  token: "\${HEADGATE_ADMIN_TOKEN:-}"  # asked for if set; needed if host is not loopback`,
    '',
    `# Where requests go. \${NAME} is a variable of the environment, \${file:PATH} the text of a file.`,
    'providers:',
    ...providers.flatMap(providerLines),
    '',
    '# What clients ask for, with targets in order: the next one is asked when one fails, is limited or rests.',
    'models:',
    ...(first.length === 0 ? [] : modelLines(FIRST_MODEL, first)),
    ...namedModels(providers),
    ...providers.flatMap((provider) => [
      `  # any other model of ${provider.name}: ${provider.type}/NAME`,
      ...modelLines(`${provider.type}/*`, targetsOf(provider, ['*'])),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function providerLines({ type, name, settings }: ChosenProvider): string[] {
  const values = settings.map(({ key, value }) => `    ${key}: ${quoted(value)}`);
  return [`  ${type}:                            # ${name}`, `    type: ${type}`, ...values];
}

/** A model by its own name: asked of each chosen provider that has it. */
function namedModels(providers: readonly ChosenProvider[]): string[] {
  const targets = new Map<string, string[]>();
  for (const provider of providers) {
    // Two of a provider that would be called alike are different models: the first one has the name.
    const own = new Map(
      provider.models
        .slice(0, NAMED)
        .map((model) => [nameFor(model), model] as const)
        .reverse(),
    );
    for (const [name, model] of [...own].reverse()) {
      if (name !== null) targets.set(name, [...(targets.get(name) ?? []), ...targetsOf(provider, [model])]);
    }
  }
  return [...targets].filter(([name]) => name !== FIRST_MODEL).flatMap(([name, list]) => modelLines(name, list));
}

function modelLines(name: string, targets: readonly string[]): string[] {
  return [`  ${quoted(name)}:`, '    targets:', ...targets.map((target) => `      - ${target}`)];
}

function targetsOf({ type, maxTokens }: ChosenProvider, models: readonly string[]): string[] {
  const limit = maxTokens === null ? '' : `, max_tokens: ${maxTokens}`;
  return models.map((model) => `{ provider: ${type}, model: ${quoted(model)}${limit} }`);
}

/** As YAML text that is read as this string: JSON's form is one. */
function quoted(text: string): string {
  return /^[a-z][\w.-]*$/i.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
