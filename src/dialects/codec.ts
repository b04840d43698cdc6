/**
 * What stands between a client's dialect and a target's. Where they are equal, request and answer are the other side's
 * own bytes. Where they differ, both go through the neutral form (`hub.ts`).
 *
 * Nothing of a request is lost in silence: what the neutral form does not have is an extension of the client's dialect,
 * which another dialect's writer cannot have written; what such a writer leaves out it names itself.
 */
import { asRecord, type JsonRecord, parseJson } from '../shared/json.ts';
import { MOST_OF_A_TREE } from '../wire/bounded-json.ts';
import { parsePayload } from '../wire/exact-json.ts';
import { ruled } from '../wire/field-rules.ts';
import { JsonDigest } from '../wire/json-digest.ts';
import { asBytes, type ParsedText, parseWithoutLongStrings } from '../wire/long-strings.ts';
import { type Bytes, inOneBuffer } from '../wire/pieced-bytes.ts';
import { isOtherForm, withoutByteOrderMark } from '../wire/whole-body.ts';
import { factsOf, saidIn } from './hub-answer.ts';
import { HubStream } from './hub-stream.ts';
import { lostName } from './lost-extensions.ts';
import { LostParts, lostOf } from './lost-parts.ts';
import { TaggedStream, tagAnswer } from './state-tags.ts';
import { readerWithOwnNames, withNames, withOwnNames, withTakenNames } from './tool-names.ts';
import type {
  AnswerContext,
  AnswerStream,
  ArrivedRequest,
  Dialect,
  HubInbound,
  HubOutbound,
  NamedJson,
  ReadAnswer,
  RequestTarget,
  TargetDialect,
} from './types.ts';
import { UnreadableAnswerError } from './upstream-error.ts';

/** A request as a provider gets it. */
interface EncodedRequest {
  readonly body: Bytes;
  /** Its content-type, if that is another than the dialect's own. */
  readonly contentType?: string;
  /** The client's parameters that the target cannot express; listed in `x-headgate-dropped-params`. */
  readonly droppedParams: readonly string[];
  /** What of it the answer's writer must know (`AnswerContext.asked`); null where it goes on as it came. */
  readonly asked: JsonRecord | null;
}

export interface Codec {
  /** The client's. */
  readonly inbound: Dialect;
  /** The target's. */
  readonly outbound: TargetDialect;
  /** Throws `GatewayError` (400) if the target cannot express something that must not be left out. */
  request(arrived: ArrivedRequest, target: RequestTarget): EncodedRequest;
  /**
   * Throws `UnreadableAnswerError`.
   *
   * @param arrived the digest of a large body, if it was made while the body came
   * @param mediaType what the provider says of it. Default: JSON
   */
  answer(body: Buffer, context: AnswerContext, arrived: JsonDigest | null, mediaType?: string): ReadAnswer;
  stream(context: AnswerContext): AnswerStream;
}

const nothing: readonly string[] = [];

/** For two dialects that are the same. */
function passThrough(dialect: Dialect): Codec {
  return {
    inbound: dialect,
    outbound: dialect,
    request(arrived, { model, askUsage = false, keptId = null, inPlaceOfModel = null }) {
      const { contentType } = arrived;
      const body = arrived.edited({ model, askUsage, keptId, inPlaceOfModel });
      return { body, droppedParams: nothing, asked: null, ...(contentType === undefined ? {} : { contentType }) };
    },
    answer(body, { stateTag = null }, arrived, mediaType) {
      const answer = dialect.inspect(body, arrived, mediaType);
      const { keptAnswers } = dialect;
      if (stateTag === null || keptAnswers === undefined) return answer;
      return { ...answer, body: tagAnswer(answer.body, keptAnswers, stateTag) };
    },
    stream(context) {
      const { keptAnswers } = dialect;
      const { stateTag = null } = context;
      const stream = dialect.watch(context);
      if (stateTag === null || keptAnswers === undefined) return stream;
      return new TaggedStream(stream, keptAnswers, stateTag);
    },
  };
}

function throughHub(inbound: HubInbound, outbound: HubOutbound): Codec {
  return {
    inbound,
    outbound,
    request: (arrived, target) => encodeRequest(inbound, outbound, arrived, target),
    answer(body, context, arrived) {
      const { value, encode } = parsedAnswer(body, arrived);
      const answer = withOwnNames(outbound.readAnswer(value), context.asked);
      const lost = lostOf(answer.blocks, inbound.says);
      const facts = lost === undefined ? factsOf(answer) : { ...factsOf(answer), lost };
      const said = saidIn(answer, body.length);
      return { body: inOneBuffer(encode(inbound.writeAnswer(answer, context))), facts, said };
    },
    stream(context) {
      const reader = readerWithOwnNames(outbound.readStream(), context.asked);
      return new HubStream(reader, inbound.writeStream(context), false, new LostParts(inbound.says));
    },
  };
}

function encodeRequest(
  inbound: HubInbound,
  outbound: HubOutbound,
  arrived: ArrivedRequest,
  target: RequestTarget,
): EncodedRequest {
  const parsed = arrived.parsed();
  const request = inbound.readRequest(asRecord(parsed.value) ?? {});
  const lost = request.extensions.filter(({ of }) => of !== outbound.name && of !== outbound.family);
  const leftOut = lost.map((each) => lostName(each, target));
  const { longestToolName: longest = Number.POSITIVE_INFINITY } = outbound;
  const written = outbound.writeRequest(withTakenNames(request, longest), target);
  const { payload, dropped: foreign } = ruled(written.payload, target.foreign ?? {});
  const dropped = [...written.dropped, ...foreign];
  return {
    body: parsed.encode(target.inPlaceOfModel ? withoutModel(payload, target.inPlaceOfModel) : payload),
    droppedParams: printableNames([...leftOut, ...dropped]),
    asked: withNames(inbound.kept?.(parsed) ?? null, request, longest),
  };
}

/** A body for an address that names the model. */
export function withoutModel(payload: object, { name, json }: NamedJson): object {
  const fields = Object.entries(payload).filter(([field]) => field !== 'model' && field !== name);
  return Object.fromEntries([[name, parseJson(json)], ...fields]);
}

/**
 * Names that are safe in a header: a name that a client invented must neither break the header nor make it too long.
 */
function printableNames(names: readonly string[]): string[] {
  const printable = names.map((name) => (/^[\w.-]{1,64}$/.test(name) ? name : 'other'));
  return [...new Set(printable)].slice(0, 32);
}

/** An answer as a tree, without its long texts, which are moved as bytes. */
function parsedAnswer(body: Buffer, arrived: JsonDigest | null) {
  const json = withoutByteOrderMark(body);
  const digest = JsonDigest.ofLarge(json, arrived);
  if (digest !== null && digest.bytesOutsideStrings > MOST_OF_A_TREE) {
    throw new UnreadableAnswerError(`more than ${MOST_OF_A_TREE} bytes outside of strings`, { otherForm: true });
  }
  const { value: tree, encode } = parsedText(json, digest);
  const value = asRecord(tree);
  if (value !== null) return { value, encode };
  throw new UnreadableAnswerError('the answer is not a JSON object', { otherForm: isOtherForm(json, digest) });
}

function parsedText(json: Buffer, digest: JsonDigest | null): ParsedText {
  if (digest === null) return { value: parsePayload(json.toString('utf8'), parseJson), encode: asBytes };
  if (!digest.isWhole) return { value: undefined, encode: asBytes };
  return parseWithoutLongStrings({ bytes: json, longStrings: digest.longTexts });
}

/** The codec for a client's dialect and a target's; null if the one cannot be put before the other. */
export function makeCodec(inbound: Dialect, outbound: TargetDialect): Codec | null {
  if (inbound === outbound) return passThrough(inbound);
  return isInbound(inbound) && isOutbound(outbound) ? throughHub(inbound, outbound) : null;
}

function isInbound(dialect: Dialect): dialect is HubInbound {
  return 'readRequest' in dialect;
}

/** Whether it can be a target's behind another dialect. */
export function isOutbound(dialect: TargetDialect): dialect is HubOutbound {
  return 'readStream' in dialect;
}
