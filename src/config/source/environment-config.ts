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

/** A provider whose variables are set. */
export interface PresentProvider {
  readonly type: string;
  readonly maxTokens: number | null;
  /** Keys of its block, the variable that each comes from, and what stands in the file: mostly a reference to it. */
  readonly values: readonly { readonly name: string; readonly key: string; readonly text: string }[];
}

/** Those whose variables are set, in the order of the documentation. */
export function presentProviders(environment: Variables): PresentProvider[] {
  const isSet = isIn(environment);
  return environmentProviders
    .filter(({ variables }) => variables.every((variable) => variable.optional === true || isSet(variable)))
    .map(({ type, variables, maxTokens }) => {
      const values = variables.filter(isSet).map(({ name, key, read }) => {
        // What is read of a value is no reference, whatever it looks like.
        const text = read === undefined ? `\${${name}}` : read(environment[name] ?? '').replaceAll('${', () => '$${');
        return { name, key, text };
      });
      return { type, maxTokens, values };
    });
}

/** The input for the variables that are set; null if they add no provider. @param wallMs now, since 1970: models end */
export function environmentConfigInput(environment: Variables, wallMs = systemClock.wallMs()): object | null {
  const present = presentProviders(environment);
  if (present.length === 0) return null;
  const blocks = present.map(({ type, values }) => {
    return [type, { type, ...Object.fromEntries(values.map(({ key, text }) => [key, text])) }];
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
