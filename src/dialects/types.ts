/**
 * What a dialect is: an API's bytes, read and written. A dialect says nothing of addresses, keys or policy, which belong
 * to providers (`src/providers`) and to the worker. All of it is pure: bytes and plain objects in and out, no sockets, no
 * clocks.
 *
 *   TargetDialect   what is asked of every dialect that a provider speaks
 *   Dialect         what clients speak: enough for requests that are passed on as they came; every endpoint has one
 *   HubInbound      a client's that can be put before targets of other dialects, by the neutral form (`hub.ts`)
 *   HubOutbound     a target's that can be put behind clients of other dialects
 *
 * Each dialect is a folder, one direction a file, with the same names in all. Only those that differ in a few words
 * alone share one (`pass-through/`).
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayError } from '../shared/errors.ts';
import type { DroppedReasoning } from '../shared/events.ts';
import type { JsonRecord } from '../shared/json.ts';
import type { ErrorBody, HeadgateFacts } from '../wire/error-envelope.ts';
import type { FieldRules } from '../wire/field-rules.ts';
import type { JsonDigest } from '../wire/json-digest.ts';
import type { ParsedText } from '../wire/long-strings.ts';
import type { Bytes } from '../wire/pieced-bytes.ts';
import type { SseEvent } from '../wire/sse.ts';
import type { AnswerFacts } from './answer-facts.ts';
import type { Attachment, BlockHead, HubAnswer, HubEvent, HubRequest } from './hub.ts';
import type { Said } from './said.ts';
import type { UpstreamError } from './upstream-error.ts';

/** What routing needs of a request. */
export interface RequestOutline {
  /** The model's name as the client wrote it. */
  readonly model: string;
  /** Set if the client named none, and `model` is what the dialect takes that for. */
  readonly isModelImplied?: boolean;
  readonly stream: boolean;
  /** Whether the client wants token counts at the end of its stream. */
  readonly wantsUsage: boolean;
  /** How many answers are asked for, from 1. */
  readonly choices: number;
  readonly hasStopSequences: boolean;
  /** What the client says of requests that have a beginning in common, at most 1,024 bytes; null if it says nothing. */
  readonly sessionKey: string | null;
  /** What it goes on from, which one target keeps; null where it says all itself. */
  readonly continues: KeptReference | null;
  /** Set if its answer is kept, so that a later request may go on from it. */
  readonly isKept?: boolean;
}

/** What a request refers to that a provider keeps. */
export interface KeptReference {
  /** As the client wrote it, with the mark of its provider where that has one; '' where it names none. */
  readonly id: string;
  /** Set if the id is never marked, since it is not of an answer: the first of the targets that could keep it has it. */
  readonly isUnmarked?: boolean;
  /** What the client is told where no target can be asked for it. @param why a sentence */
  notFound(why: string): GatewayError;
}

/**
 * What may differ in a request that is passed on as it came: the closed list, with the parameters that its model is
 * configured to set or to take out (`parameters.ts`). Those are edited before, whatever the target's dialect is. Beside it,
 * a packed body goes on unpacked, our mark on the id of an earlier answer is taken off (`scanned-request.ts`), and
 * `leave-out-reasoning.ts` takes out what a target has refused to read.
 */
export interface RequestEdits {
  /** The model's name at the provider. */
  readonly model: string;
  /** Whether token counts are asked for at the end of a stream, though the client does not. Default false. */
  readonly askUsage?: boolean;
  /** The id of what it goes on from, as its provider gave it. Null, the default: as it stands there. */
  readonly keptId?: string | null;
  /** The field that stands where the model's would, since the address names the model. Null, the default: the model's own. */
  readonly inPlaceOfModel?: NamedJson | null;
}

/** A field of an object. */
export interface NamedJson {
  readonly name: string;
  /** Its value as JSON. */
  readonly json: string;
}

/** A request whose body is being read. `push` and `end` throw `JsonFault`, and `GatewayError` where it is no JSON. */
export interface ArrivingRequest {
  push(chunk: Buffer): void;
  end(): void;
  /** After `end`. Throws `GatewayError` (400) that names the wrong field. @param bytes all that were pushed */
  read(bytes: Buffer): ArrivedRequest;
}

/** A request whose body has been read, as far as needed. */
export interface ArrivedRequest {
  readonly bytes: Buffer;
  /** Its content-type, if that is another than the dialect's own. */
  readonly contentType?: string;
  readonly outline: RequestOutline;
  /** The same bytes but for the edits; the same buffer where they change nothing. */
  edited(edits: RequestEdits): Bytes;
  /** The whole request as a tree. Throws `GatewayError` (400) if that would have too many branches. */
  parsed(): ParsedText;
}

/** The facts of a request that count when its answer is read. */
export interface AnswerContext {
  /** The model name that the client requested. */
  readonly model: string;
  /** Whether the client wants token counts at the end of its stream. */
  readonly includeUsage: boolean;
  /** When the answer was made if the provider does not say, in unix seconds. */
  readonly createdAt: number;
  /** What an answer's id is made of if the provider gives none. */
  readonly requestId: string;
  /** How many answers were asked for, from 1. */
  readonly choices: number;
  /** Token counts were asked for though the client does not want them: what brings them alone is taken out. Default false. */
  readonly hidesUsage?: boolean;
  /** What its dialect keeps of the request (`HubInbound.kept`); null or missing if the request goes on as it came. */
  readonly asked?: JsonRecord | null;
  /** The mark that the ids of the answer get; null, the default, if they go back as they are. */
  readonly stateTag?: string | null;
}

/** A whole answer in the client's dialect. */
export interface ReadAnswer {
  readonly body: Buffer;
  /** Default: JSON. */
  readonly mediaType?: string;
  readonly facts: AnswerFacts;
  /** Missing where its tokens cannot be told from its size. */
  readonly said?: Said;
}

/** One step of a stream, from one event of the provider. */
export interface StreamStep {
  /**
   * `metadata`: nothing yet worth committing to (role, ping, usage). `content`: text, reasoning, refusal, tool call.
   * `finish`: carries a finish reason. `terminal`: the piece that makes the stream whole. `error`: the provider's error
   * inside its 200. `comment`: not data; it does not reset the stall timer.
   */
  readonly kind: 'metadata' | 'content' | 'finish' | 'terminal' | 'error' | 'comment';
  /** Whole events in the client's dialect; may be empty. Empty for `error`: the caller reports it to the client. */
  readonly bytes: Buffer;
  /** Set exactly when `kind` is `error`. */
  readonly error?: UpstreamError;
  /** The event says nothing, but that its sender is alive. Default false. */
  readonly isPing?: boolean;
}

/** The state of a provider's stream when its bytes have ended. */
export interface StreamEnd {
  /** Whether it counts as a success: its terminal or a finish reason was seen. */
  readonly complete: boolean;
  /** Bytes that the client still needs, with the terminal if the provider sent none; may be empty. */
  readonly bytes: Buffer;
  /** Whether its events were sound, but none was of this dialect. */
  readonly otherForm: boolean;
}

/** Takes the events of one answer and gives what the client gets of them. Holds the state of that answer. */
export interface AnswerStream {
  /** Throws `UnreadableAnswerError` on a payload that cannot be read. */
  push(event: SseEvent): StreamStep;
  /** Called when the provider's bytes have ended. */
  end(): StreamEnd;
  /** Whether an event that lacks only its blank line is the terminal. Asked of small events alone (`SseSplitter.unended`). */
  terminates?(event: SseEvent): boolean;
  /** Everything that was asked for has its finish reason: nothing but usage and the terminal should follow. */
  readonly whole: boolean;
  /** As far as the answer has come. */
  readonly facts: AnswerFacts;
  /** The same; missing where its tokens cannot be told from its size. */
  readonly said?: Said | undefined;
  /** Bytes that wait in it for events to come. */
  readonly heldBytes: number;
  /** Only where the dialect repeats it when the stream breaks. */
  readonly soFar?: ToldAnswer | undefined;
}

/** An answer as far as a stream has told it. */
export interface ToldAnswer {
  /** An object of the client's dialect. */
  readonly answer: JsonRecord;
  /** Number of the next event, where the dialect numbers them. */
  readonly nextEvent: number;
}

/** A whole answer as the events of a stream. */
export interface SplitAnswer {
  readonly events: Buffer;
  readonly terminal: Buffer;
}

/** Puts an answer together from its events, in the client's dialect. */
export interface AnswerCollector {
  /** Throws `UnreadableAnswerError` on an event without which the answer would not be whole. */
  push(event: SseEvent): void;
  /** The whole answer, as far as it has come. */
  body(): Buffer;
}

/** Where the ids are by which later requests refer to answers. */
export interface KeptAnswers {
  /** Fields of a whole answer. */
  readonly ids: readonly string[];
  /** The field of an event that holds the answer. */
  readonly within: string;
}

/** What becomes of the headers of requests and answers in a dialect. Names are in lower case. */
export interface DialectHeaders {
  /** Those of a request that is made in the dialect. */
  sent(stream: boolean): Readonly<Record<string, string>>;
  /**
   * A client's that go to targets of the dialect. One that ends in `-` is the beginning of a name. Those of `sent` are
   * replaced only where the client speaks the dialect too.
   */
  readonly forwarded: readonly string[];
  /** Those of them that stay here: whose account is asked is for the gateway's key to say. Default: none. */
  readonly withheld?: readonly string[];
  /** A provider's that go back to the client. One that ends in `-` is the beginning of a name. */
  readonly returned: readonly string[];
  /** Under which its clients read the id of a request, if the provider gave none; null: under `x-request-id` alone. */
  readonly requestId: string | null;
}

/** The wish for token counts, which older servers do not know. */
interface UsageWish {
  /** Whether an error is about it. */
  isRefusedBy(error: UpstreamError): boolean;
}

/** Reasoning in a history that only the account which made it can read. */
/** A history without reasoning. */
export interface LighterHistory {
  readonly list: readonly unknown[];
  /** How many blocks of it were left out, or lost their proof, from 1. */
  readonly blocks: number;
}

export interface OwnReasoning {
  /** The field of a request that holds the history. */
  readonly list: 'messages' | 'input' | 'contents';
  /** Whether an error says that the target cannot read it. */
  isRefusedBy(error: UpstreamError): boolean;
  /** The history without it; null if there is none in it. */
  without(list: readonly unknown[]): LighterHistory | null;
  /**
   * Whether a history without it is refused while the model is to think. Default: it is not.
   *
   * @param thinking the field `thinking`
   */
  needsIt?(list: readonly unknown[], thinking: unknown): boolean;
}

export interface TargetDialect {
  readonly name: string;
  /** Whether its requests are text of which every token is paid: those that a provider does not count are estimated. */
  readonly isPaidText: boolean;
  /** Whose extensions it knows besides its own (`families.ts`). */
  readonly family?: string;
  readonly headers: DialectHeaders;
  /** Reads the body of an answer with an error status. Never throws, for any body. */
  readError(status: number, body: Buffer): UpstreamError;
  /** Of a dialect whose streams have token counts only if they are asked for. */
  readonly usageWish?: UsageWish;
  /** Of a dialect whose histories may hold such reasoning. */
  readonly ownReasoning?: OwnReasoning;
}

export interface Dialect extends TargetDialect {
  /** The client's key, from its headers; null where there is none. */
  clientKey(headers: IncomingHttpHeaders): string | null;
  /** The header that only its clients send, by which they are known at paths that have no dialect; null for none. */
  readonly clientMark: string | null;
  /** How a client should send its key, for a client that sent none: completes "Send one …". */
  readonly keyHint: string;
  /** Reads a request while its body comes. @param headers the request's, which say what the body is */
  arrive(headers: IncomingHttpHeaders): ArrivingRequest;
  /** Set if a whole answer may be of any media type, with which it goes back. Default: all are JSON. */
  readonly anyMediaType?: boolean;
  /**
   * Reads a whole answer that goes back as it is. Throws `UnreadableAnswerError`, with the provider's error where the
   * body is one all the same.
   *
   * @param arrived the digest of a large body, if it was made while the body came
   * @param mediaType what the provider says of it; read only where it may be any. Default: JSON
   */
  inspect(body: Buffer, arrived: JsonDigest | null, mediaType?: string): ReadAnswer;
  /** Only of a dialect whose answers may be kept for later requests. */
  readonly keptAnswers?: KeptAnswers;
  /** Reads a stream that goes back as it is. */
  watch(context: AnswerContext): AnswerStream;
  /**
   * A whole answer for a client that asked for a stream. Its body has been read by `inspect`. Null if the dialect cannot
   * say it so: it goes back as it is.
   */
  split(body: Buffer, context: AnswerContext): SplitAnswer | null;
  /** For a client that asked for a plain answer and whose provider streams. Null if that is of no form of the dialect. */
  collect(): AnswerCollector | null;
  /** The body of an error. `facts` are given for an error of the gateway itself. */
  writeError(error: ErrorBody, facts?: HeadgateFacts): Buffer;
  /** The last event of a stream that is broken. @param soFar what has come of it, where its stream knows that */
  brokenEnd(error: ErrorBody, facts: HeadgateFacts, soFar?: ToldAnswer | null): Buffer;
  /**
   * Whether the body is completed behind that event, since its clients know by the event alone that the answer is broken.
   * Where it is not, the connection is closed without the end of the body.
   */
  readonly endsCleanly?: true;
  /** An event that says nothing, for a client that waits. @param userAgent what the client says that it is */
  keepAlive(userAgent: string | undefined): Buffer;
}

/** The target of a request, as far as its dialect must know. */
export interface RequestTarget {
  /** The model's name at the provider. */
  readonly model: string;
  /** Used if the dialect requires a limit and the client sent none. */
  readonly maxTokens: number | null;
  /** Whether token counts are asked for though the client does not, or not in these words. Default false. */
  readonly askUsage?: boolean;
  /** The id of what the request goes on from, as its provider gave it. Null, the default: as the client wrote it. */
  readonly keptId?: string | null;
  /** Whether tools that this dialect does not have are left out and named, and not refused. Default false. */
  readonly dropsTools?: boolean;
  /** What its server does not know of the fields of a request in the target's dialect. Default: it knows all. */
  readonly foreign?: FieldRules | null;
  /** As in `RequestEdits`. */
  readonly inPlaceOfModel?: NamedJson | null;
}

/** A request in a target's dialect. */
export interface WrittenRequest {
  readonly payload: object;
  /** Names of what the dialect cannot express and that may be left out. */
  readonly dropped: readonly string[];
}

/** Reads the events of one answer. */
export interface StreamReader {
  /** Throws `UnreadableAnswerError` on a payload that cannot be read; an error that it says is thrown with it. */
  push(event: SseEvent): readonly HubEvent[];
  /** Whether an event that lacks only its blank line is the terminal. */
  terminates(event: SseEvent): boolean;
  /** Whether all events so far were sound, but none was of this dialect. */
  readonly isOtherForm: boolean;
  /** As in `AnswerFacts`, so far. */
  readonly reasoningDropped?: readonly DroppedReasoning[] | undefined;
}

/** Writes the events of one answer. */
export interface StreamWriter {
  /** Whole events; may be empty. @param next what follows in the same step of the provider's stream, as far as it is known */
  write(event: HubEvent, next?: HubEvent): Buffer;
  /** Bytes that wait for events to come, or to be said again at the end. */
  readonly heldBytes: number;
  /** Only where the dialect repeats it when the stream breaks. */
  readonly soFar?: ToldAnswer;
}

/** What a chat dialect needs to stand before targets of another one. */
export interface HubInbound extends Dialect {
  split(body: Buffer, context: AnswerContext): SplitAnswer;
  collect(): AnswerCollector;
  /** Throws `GatewayError` (400) that names the wrong field. @param tree an object that `arrive` has accepted */
  readRequest(tree: JsonRecord): HubRequest;
  /**
   * What the answer's writer must know of the request: fields of it, of bounded size. Only where the answer repeats them.
   */
  kept?(request: ParsedText): JsonRecord;
  /** Whether it has words for a part of an answer that not every dialect has. */
  says(part: BlockHead | Attachment): boolean;
  writeAnswer(answer: HubAnswer, context: AnswerContext): object;
  writeStream(context: AnswerContext): StreamWriter;
}

/** What a chat dialect needs to be a target's behind another one. */
export interface HubOutbound extends TargetDialect {
  /** Of a tool, in characters: longer names are changed, and in the answer they are themselves again. Default: any. */
  readonly longestToolName?: number;
  /**
   * The smallest request, for a check of an address, a key and a model's name. It allows 16 tokens: reasoning models need
   * some before any content, and some models refuse a lower limit.
   */
  probe(model: string): object;
  /** Throws `GatewayError` (400) if the dialect cannot express something that must not be left out. */
  writeRequest(request: HubRequest, target: RequestTarget): WrittenRequest;
  /** Throws `UnreadableAnswerError`, with the provider's error where the answer is one all the same. */
  readAnswer(tree: JsonRecord): HubAnswer;
  readStream(): StreamReader;
}
