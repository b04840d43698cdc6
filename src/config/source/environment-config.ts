/**
 * Makes a configuration from variables of the environment, such as keys. Those of a provider add it, all of its models as
 * `TYPE/NAME`, and those that are known (`providers/models.ts`) under their own names. The result has the shape of a file
 * and passes the same checks.
 *
 * Several providers may serve a model of one name: then it has all of them as targets, in the order of the registry.
 */
import { servedModels } from '../../providers/models.ts';
import { providers } from '../../providers/registry.ts';
import type { OfferedVariable } from '../../providers/types.ts';
import { systemClock } from '../../shared/clock.ts';

/** What variables may add, in the order of the documentation. */
export const environmentProviders = providers.flatMap(({ type, offer }) =>
  offer === null ? [] : [{ type, ...offer }],
);

type Variables = Readonly<Record<string, string | undefined>>;

function isIn(environment: Variables): (variable: OfferedVariable) => boolean {
  return ({ name }) => (environment[name] ?? '') !== '';
}

/** A sentence for each provider that is left out because only some of its variables are set. Holds no value. */
export function leftOutNotes(environment: Variables): string[] {
  const isSet = isIn(environment);
  return environmentProviders.flatMap(({ type, variables }) => {
    const set = variables.filter(isSet);
    const missing = variables.filter((variable) => variable.optional !== true && !isSet(variable));
    if (missing.length === 0 || set.every(({ ambient }) => ambient === true)) return [];
    return [`${type} is left out: ${namesOf(set)} set, but ${namesOf(missing)} not`];
  });
}

function namesOf(variables: readonly OfferedVariable[]): string {
  return `${variables.map(({ name }) => name).join(' and ')} ${variables.length === 1 ? 'is' : 'are'}`;
}

/** The input for the variables that are set; null if they add no provider. @param wallMs now, since 1970: models end */
export function environmentConfigInput(environment: Variables, wallMs = systemClock.wallMs()): object | null {
  const isSet = isIn(environment);
  const present = environmentProviders.filter(({ variables }) =>
    variables.every((variable) => variable.optional === true || isSet(variable)),
  );
  if (present.length === 0) return null;
  const blocks = present.map(({ type, variables }) => {
    const values = variables.filter(isSet).map(({ name, key, read }) => {
      // What is read of a value is no reference, whatever it looks like.
      return [key, read === undefined ? `\${${name}}` : read(environment[name] ?? '').replaceAll('${', () => '$${')];
    });
    return [type, { type, ...Object.fromEntries(values) }];
  });
  const targets = new Map<string, object[]>();
  for (const { type, maxTokens } of present) {
    const limit = maxTokens === null ? {} : { max_tokens: maxTokens };
    for (const model of servedModels(type, wallMs)) add(targets, model, { provider: type, model, ...limit });
    add(targets, `${type}/*`, { provider: type, model: '*', ...limit });
  }
  return {
    version: 1,
    server: { keys: [`\${HEADGATE_KEY:-}`] },
    admin: { token: `\${HEADGATE_ADMIN_TOKEN:-}` },
    providers: Object.fromEntries(blocks),
    models: Object.fromEntries([...targets].map(([name, list]) => [name, { targets: list }])),
  };
}

function add(targets: Map<string, object[]>, name: string, target: object): void {
  targets.set(name, [...(targets.get(name) ?? []), target]);
}
