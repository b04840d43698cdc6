/**
 * Makes of a client's request what a target gets: the dialect that the target speaks, its address, its credentials.
 */
import type { Codec } from '../../dialects/codec.ts';
import { leaveOutReasoning, reasoningScan } from '../../dialects/leave-out-reasoning.ts';
import type { ArrivedRequest } from '../../dialects/types.ts';
import { credentialsFor, framingOf, pathAt, providerOf } from '../../providers/registry.ts';
import type { ProviderConfig, ProviderKey, TargetConfig } from '../../shared/config.ts';
import type { HeldCredentials } from '../../shared/held-credentials.ts';
import type { JsonRecord } from '../../shared/json.ts';
import { upstreamName } from '../../shared/model-names.ts';
import type { Framing } from '../../wire/framing.ts';
import { type Bytes, inOneBuffer } from '../../wire/pieced-bytes.ts';
import type { OutgoingRequest } from '../upstream/upstream-pools.ts';
import type { ActiveRequest } from './active-request.ts';
import { codecTo } from './codec-to.ts';
import { pushed } from './parameters.ts';
import { forwardedHeaders, upstreamHeaders } from './upstream-headers.ts';

/** What goes to a target, before its credentials. */
interface BareRequest {
  /** Below the base URL. */
  readonly path: string;
  /** Of the dialect. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

/** A request that is ready to be sent. */
export interface PreparedRequest {
  readonly codec: Codec;
  readonly framing: Framing;
  readonly outgoing: OutgoingRequest;
  /** The fetched credentials that go with it; `missing` if it cannot be sent without; null if it needs none. */
  readonly fetched: HeldCredentials | 'missing' | null;
  /** What is sent, without any. */
  readonly bare: BareRequest;
  /** The client's parameters that the target cannot express. */
  readonly droppedParams: readonly string[];
  /** Whether token counts are asked for though the client does not, or not in these words. */
  readonly asksUsage: boolean;
  /** What of the request its answer's writer must know; null if nothing. */
  readonly asked: JsonRecord | null;
}

/** Who is asked, and with which of the provider's keys. */
interface Aim {
  readonly provider: ProviderConfig;
  readonly key: ProviderKey;
  readonly target: TargetConfig;
}

/**
 * Throws `GatewayError` (400) if the target cannot express what the client wants. It must be one that can serve it.
 *
 * @param mayAskUsage whether token counts may be asked for though the client does not
 */
export function prepareAttempt(
  request: ActiveRequest,
  arrived: ArrivedRequest,
  { provider: config, key, target }: Aim,
  mayAskUsage = true,
): PreparedRequest {
  const { maxTokens, dropsTools = false } = target;
  const model = upstreamName(target.model, request.matched);
  const provider = providerOf(config.type);
  const codec = codecTo(config, model, request.dialect);
  if (codec === null) throw new Error(`a provider of type ${provider.type} does not serve ${request.dialect.name}`);
  const { stream, wantsUsage } = arrived.outline;
  // Of a translated request the client wrote no such wish itself: its own API always counts.
  const isOurs = codec.inbound !== codec.outbound || !wantsUsage;
  const isWanting = stream && isOurs && codec.outbound.usageWish !== undefined;
  const asksUsage = mayAskUsage && isWanting && !request.plane.refusesUsage(config, codec.outbound);
  const keptId = request.binding?.keptId ?? null;
  const inPlaceOfModel = provider.inPlaceOfModel?.[codec.outbound.name] ?? null;
  const aim = { model, maxTokens, askUsage: asksUsage, dropsTools, keptId, inPlaceOfModel };
  const { body, droppedParams, asked, contentType } = codec.request(arrived, aim);
  const ofDialect = headersOf(codec, request);
  const sent = contentType === undefined ? ofDialect : { ...ofDialect, 'content-type': contentType };
  const dialect = codec.outbound.name;
  const parts = { model, stream: request.stream, settings: config.settings };
  const path = pathAt(provider, dialect, parts) + request.below;
  const authorized = outgoingOf(request, { provider: config, key, dialect }, { path, headers: sent, body });
  return { codec, framing: framingOf(provider, dialect), ...authorized, droppedParams, asksUsage, asked };
}

/** The same with the credentials that there are now. */
export function reauthorized(
  request: ActiveRequest,
  { provider, key }: Omit<Aim, 'target'>,
  prepared: PreparedRequest,
): PreparedRequest {
  const dialect = prepared.codec.outbound.name;
  return { ...prepared, ...outgoingOf(request, { provider, key, dialect }, prepared.bare) };
}

/** A request from whose history reasoning was taken. */
export interface LighterRequest extends PreparedRequest {
  /** How many blocks of it, from 1. */
  readonly reasoningBlocks: number;
}

/** The same without reasoning in its history that the target cannot read; null if there is none. Rejects with `JsonFault`. */
export async function withoutReasoning(
  request: ActiveRequest,
  { provider, key }: Omit<Aim, 'target'>,
  prepared: PreparedRequest,
): Promise<LighterRequest | null> {
  const { codec, outgoing, droppedParams } = prepared;
  const bytes = inOneBuffer(outgoing.body);
  const scan = reasoningScan();
  await pushed(scan, bytes);
  const lighter = leaveOutReasoning(codec.outbound, bytes, scan);
  if (lighter === null) return null;
  const sent = { path: outgoing.path, headers: headersOf(codec, request), body: lighter.body };
  return {
    ...prepared,
    ...outgoingOf(request, { provider, key, dialect: codec.outbound.name }, sent),
    droppedParams: [...droppedParams, ...lighter.dropped],
    reasoningBlocks: lighter.blocks,
  };
}

/** What goes out, with the credentials for it. */
function outgoingOf(
  request: ActiveRequest,
  { provider, key, dialect }: Omit<Aim, 'target'> & { readonly dialect: string },
  bare: BareRequest,
): Pick<PreparedRequest, 'outgoing' | 'fetched' | 'bare'> {
  const { path, headers, body } = bare;
  const { plane } = request;
  const { settings } = provider;
  const method = request.endpoint.store?.method ?? 'POST';
  const unsigned = { method, url: provider.baseUrl + path, headers, body } as const;
  const given = { apiKey: key.key, settings };
  const credentials = credentialsFor(providerOf(provider.type), given, dialect);
  const held = credentials.isFetched === true ? plane.credentials.of(provider) : null;
  const fetched = credentials.isFetched === true ? (held ?? 'missing') : null;
  const nowMs = held === null ? plane.clock.wallMs() : plane.credentials.signingMs();
  const secrets = { ...given, fetched: held?.values ?? null };
  const proof = fetched === 'missing' ? {} : credentials.authorize(unsigned, secrets, nowMs);
  return { outgoing: { method, path, headers: upstreamHeaders(request, headers, proof), body }, fetched, bare };
}

/** The headers of the target's dialect: its own, and those of the client's that it takes. */
function headersOf(
  { inbound, outbound }: Codec,
  { incoming, stream }: ActiveRequest,
): Readonly<Record<string, string>> {
  const own = outbound.headers.sent(stream);
  const asked = forwardedHeaders(incoming.headers, outbound.headers);
  if (asked === null) return own;
  return inbound === outbound ? { ...own, ...asked } : { ...asked, ...own };
}
