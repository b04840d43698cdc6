/** Requests one tiny completion from a target, to check its address, credentials and name. */
import { RequestError } from 'got';
import { withoutModel } from '../dialects/codec.ts';
import { chatDialectAmong } from '../dialects/registry.ts';
import type { HubOutbound } from '../dialects/types.ts';
import { CredentialsError } from '../providers/credentials/fetching.ts';
import { pathAt, providerOf, speaks } from '../providers/registry.ts';
import { systemClock } from '../shared/clock.ts';
import type { ProviderConfig, ProviderKey, TargetConfig } from '../shared/config.ts';
import { baseAddress } from '../shared/egress/base-address.ts';
import { asRecord, parseJson } from '../shared/json.ts';
import { askProvider } from './ask-provider.ts';
import { failureByError, failureByStatus, type LiveFailure, withoutCredentials, wrongForm } from './live-failure.ts';

interface LiveResult {
  /** Null: it answers. */
  readonly failure: LiveFailure | null;
  readonly milliseconds: number;
}

/**
 * Sends a request to a target, with one of its provider's keys. A failure of the provider or of its
 * credentials never rejects. Null: it has no API for chats.
 */
export async function tryTarget(
  provider: ProviderConfig,
  key: ProviderKey,
  target: TargetConfig,
): Promise<LiveResult | null> {
  const spoken = provider.dialects.filter((name) => speaks(provider, name, target.model));
  const dialect = chatDialectAmong(spoken);
  if (dialect === null) return null;
  const startedMs = systemClock.nowMs();
  const failure = await failureOf(provider, key, target, dialect);
  return { failure, milliseconds: Math.round(systemClock.nowMs() - startedMs) };
}

async function failureOf(
  provider: ProviderConfig,
  { key: apiKey }: ProviderKey,
  target: TargetConfig,
  dialect: HubOutbound,
): Promise<LiveFailure | null> {
  const { connectMs } = target.timeouts;
  try {
    const asked = { ...probeFor(provider, target, dialect), method: 'POST', dialect, apiKey, connectMs } as const;
    const { status, body } = await askProvider(provider, asked);
    if (status !== 200) return failureByStatus(status, body, dialect, provider, target);
    return isAnswer(body, dialect) ? null : wrongForm(provider);
  } catch (error) {
    if (error instanceof CredentialsError) return withoutCredentials(error, provider);
    if (error instanceof RequestError) return failureByError(error, provider);
    throw error;
  }
}

function isAnswer(body: Buffer, dialect: HubOutbound): boolean {
  const tree = asRecord(parseJson(body.toString('utf8')));
  if (tree === null) return false;
  try {
    dialect.readAnswer(tree);
    return true;
  } catch {
    // Whatever a reader of answers throws, it cannot read this one.
    return false;
  }
}

/** The smallest request in the dialect of chats that the provider speaks best. */
function probeFor(
  { type, settings, baseUrl }: ProviderConfig,
  { model }: TargetConfig,
  dialect: HubOutbound,
): { readonly url: string; readonly body: Buffer } {
  const provider = providerOf(type);
  const { origin, prefix } = baseAddress(baseUrl);
  const url = `${origin}${prefix}${pathAt(provider, dialect.name, { model, stream: false, settings })}`;
  const instead = provider.inPlaceOfModel?.[dialect.name];
  const probe = dialect.probe(model);
  return { url, body: Buffer.from(JSON.stringify(instead === undefined ? probe : withoutModel(probe, instead))) };
}
