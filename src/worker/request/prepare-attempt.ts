/**
 * Makes of a client's request what a target gets: the dialect that the target speaks, its address, its credentials.
 */
import type { Codec } from '../../dialects/codec.ts';
import { codecFor, dialectOf } from '../../dialects/registry.ts';
import type { ArrivedRequest, Dialect } from '../../dialects/types.ts';
import { credentialsOf } from '../../providers/credentials/registry.ts';
import { pathAt, providerOf } from '../../providers/registry.ts';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import type { JsonRecord } from '../../shared/json.ts';
import { upstreamName } from '../../shared/model-names.ts';
import type { Framing } from '../../wire/framing.ts';
import type { OutgoingRequest } from '../upstream/upstream-pools.ts';
import type { ActiveRequest } from './active-request.ts';
import { forwardedHeaders, upstreamHeaders } from './upstream-headers.ts';

/** A request that is ready to be sent. */
export interface PreparedRequest {
  readonly codec: Codec;
  readonly framing: Framing;
  readonly outgoing: OutgoingRequest;
  /** The client's parameters that the target cannot express. */
  readonly droppedParams: readonly string[];
  /** Whether token counts are asked for though the client does not. */
  readonly asksUsage: boolean;
  /** What of the request its answer's writer must know; null if nothing. */
  readonly asked: JsonRecord | null;
}

/** Throws `GatewayError` (400) if the target cannot express what the client wants. It must be one that can serve it. */
export function prepareAttempt(
  request: ActiveRequest,
  arrived: ArrivedRequest,
  config: ProviderConfig,
  target: TargetConfig,
): PreparedRequest {
  const { maxTokens, dropsTools = false } = target;
  const model = upstreamName(target.model, request.matched);
  const provider = providerOf(config.type);
  const codec = codecTo(config, request.dialect);
  if (codec === null) throw new Error(`a provider of type ${provider.type} does not serve ${request.dialect.name}`);
  const { stream, wantsUsage } = arrived.outline;
  const isWanting = stream && !wantsUsage && codec.outbound.usageWish !== undefined;
  const asksUsage = isWanting && !request.plane.refusesUsage(config);
  const wanted = { model, maxTokens, askUsage: asksUsage, dropsTools };
  const { body, droppedParams, asked, contentType } = codec.request(arrived, wanted);
  const path = pathAt(provider, codec.outbound.name, model, request.stream);
  const ofDialect = headersOf(codec, request);
  const sent = contentType === undefined ? ofDialect : { ...ofDialect, 'content-type': contentType };
  const unsigned = { method: 'POST', url: config.baseUrl + path, headers: sent, body } as const;
  const proof = credentialsOf(provider.credentials).authorize(unsigned, config, request.plane.clock.wallMs());
  const headers = upstreamHeaders(request, sent, proof);
  return { codec, framing: provider.framing, outgoing: { path, headers, body }, droppedParams, asksUsage, asked };
}

/** The headers of the target's dialect: its own, and those of the client's that it takes. */
function headersOf(
  { inbound, outbound }: Codec,
  { incoming, stream }: ActiveRequest,
): Readonly<Record<string, string>> {
  const own = outbound.headers.sent(stream);
  const asked = forwardedHeaders(incoming.headers, outbound.headers.forwarded);
  if (asked === null) return own;
  return inbound === outbound ? { ...own, ...asked } : { ...asked, ...own };
}

/** Whether a provider can be asked in a client's dialect, or in one that can be put behind it. */
export function canServe(provider: ProviderConfig, inbound: Dialect): boolean {
  return codecTo(provider, inbound) !== null;
}

/** The client's own dialect where the provider speaks it, else the first that can be put behind it; null if none can. */
function codecTo({ dialects }: ProviderConfig, inbound: Dialect): Codec | null {
  if (dialects.includes(inbound.name)) return codecFor(inbound, inbound);
  for (const name of dialects) {
    const codec = codecFor(inbound, dialectOf(name));
    if (codec !== null) return codec;
  }
  return null;
}
