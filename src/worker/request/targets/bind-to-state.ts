/**
 * A request that goes on from what a provider keeps is for that provider alone, and for the key that made it: all other
 * targets are left out. No other target or key is ever asked in its place. If it is not known which provider it is, or if that one is not to be asked now, the
 * client is told so in the words of its dialect, upon which it sends everything again.
 */
import type { RequestOutline } from '../../../dialects/types.ts';
import type { ModelConfig } from '../../../shared/config.ts';
import { upstreamName } from '../../../shared/model-names.ts';
import { withoutTag } from '../../../wire/state-tag.ts';
import type { ActiveRequest } from '../active-request.ts';
import { canServe } from '../codec-to.ts';
import { type Keeper, keeperByTag, stateKeepers } from './state-keepers.ts';

/**
 * Leaves out all targets of a request but those of the provider that it is bound to; none where it is bound to none.
 * Throws `previous_response_not_found` or `thread_not_found` where that provider is not known.
 */
export function bindToState(request: ActiveRequest, model: ModelConfig, { continues }: RequestOutline): void {
  if (continues === null) return;
  const keepers = keepersAmong(model, stateKeepers(request.config, request.dialect.name));
  // A target of another dialect refuses it by name.
  if (keepers.length === 0) return;
  const { id, tag } = withoutTag(continues.id);
  const { isUnmarked = false } = continues;
  const keeper = isUnmarked && tag === null ? keepers[0] : keeperByTag(keepers, tag);
  if (keeper === undefined)
    throw continues.notFound('It is not known which provider keeps what this request goes on from.');
  const { provider: kept, key } = keeper;
  let othersCan = kept.keys.length > 1;
  model.targets.forEach(({ provider, model: name }, index) => {
    if (provider === kept.name) return;
    const other = request.config.providers[provider];
    othersCan ||= other !== undefined && canServe(other, upstreamName(name, request.matched), request.dialect);
    request.history.skip(index);
  });
  const unavailable = othersCan
    ? continues.notFound('The provider that keeps what this request goes on from is not available.')
    : null;
  request.bound({ provider: kept.name, key: key.name, keptId: tag === null ? null : id, unavailable });
}

/** In the order of the targets, each once. */
function keepersAmong({ targets }: ModelConfig, keepers: readonly Keeper[]): readonly Keeper[] {
  const names = new Set(targets.map(({ provider }) => provider));
  return [...names].flatMap((name) => keepers.filter(({ provider }) => provider.name === name));
}
