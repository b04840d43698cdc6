/** `model_group_alias`: other names of models. LiteLLM looks there before its list. */

import { asRecord } from '../../shared/json.ts';
import { isPattern } from '../../shared/model-names.ts';
import type { Names } from './names.ts';
import type { LitellmSource } from './source.ts';

/** Adds all of them. One that leads to a name which only a pattern has becomes a model of its own. */
export function addAliases(source: LitellmSource, names: Names): void {
  const at = ['router_settings', 'model_group_alias'] as const;
  for (const [alias, given] of Object.entries(asRecord(source.look(...at)) ?? {})) {
    const path = [...at, alias];
    source.take(...path);
    const asked = asRecord(given)?.model ?? given;
    if (asRecord(given)?.hidden === true) {
      source.leave([...path, 'hidden'], 'clients see the names of aliases in /v1/models');
    }
    if (typeof asked !== 'string')
      source.leave(path, 'should be the name of one model: write a model with the targets of all');
    else if (asked !== alias) addAlias(source, names, path, asked);
  }
}

function addAlias(source: LitellmSource, names: Names, path: readonly string[], asked: string): void {
  const alias = path.at(-1) ?? '';
  const name = names.find(asked);
  if (name === null) {
    source.leave(path, `${asked} is not in the list of models`);
    return;
  }
  if (isPattern(name)) {
    source.leave(path, `${asked} stands for many names: make ${alias} a model of its own`);
    return;
  }
  const target = names.models.get(name);
  const levels = names.levelsOf(name);
  if (names.models.delete(alias)) {
    source.leave(path, `${alias} is a model of the list too, which LiteLLM does not ask: it is left out`);
  }
  if (target === undefined) {
    names.models.set(alias, { levels: [...levels], aliases: [], context: [], defaults: {}, drop: [] });
  } else target.aliases.push(alias);
}
