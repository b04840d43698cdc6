/**
 * The attempts of one request so far: which targets were asked, how that ended, and what follows from it for the next
 * choice and for the answer. It decides nothing. Most requests make one attempt, so lists that few need are made late.
 */
import { cooldownKey } from '../../shared/circuits/circuit-view.ts';
import type { TargetConfig } from '../../shared/config.ts';
import { errorTable } from '../../shared/errors.ts';
import { type Judgement, success } from '../../shared/judgements.ts';
import { type LeftOut, leftOutText } from '../../shared/left-out.ts';
import { DEFAULT_KEY } from '../../shared/provider-keys.ts';
import type { AttemptFailure, EmptyAnswer } from '../upstream/attempt-failure.ts';

/** One attempt, as shown in `x-headgate-attempts` and in the log. */
interface AttemptNote {
  readonly provider: string;
  /** A status or a short word. */
  readonly label: string;
  /** Duration in ms; null for the attempt that answers. */
  readonly ms: number | null;
}

/** The failure of the last attempt, with its judgement. */
export interface LastFailure {
  /** Index of the target in its model. */
  readonly index: number;
  readonly target: TargetConfig;
  readonly provider: string;
  /** The name of the provider's key. */
  readonly key: string;
  readonly failure: AttemptFailure;
  readonly judgement: Judgement;
}

/** An empty answer, with the target that gave it, and the name of the key. */
export interface KeptAnswer {
  readonly target: TargetConfig;
  readonly key: string;
  readonly answer: EmptyAnswer;
}

const NO_NAMES: readonly string[] = [];
const NO_TARGETS: readonly number[] = [];

export class AttemptHistory {
  #tried: number[] = [];
  #skipped = NO_TARGETS;
  readonly #asked: TargetConfig[] = [];
  readonly #notes: AttemptNote[] = [];
  #target: TargetConfig | null = null;
  #key = DEFAULT_KEY;
  /** Whether the last attempt took the place of one whose key had begun to cool down. */
  #takesOver = false;
  /** The providers of attempts that another key took over. */
  #takenOver = NO_NAMES;
  /** Keys that began to cool down for a model, by `cooldownKey`. */
  #spent = NO_NAMES;
  #upstreamRequestId: string | null = null;
  #droppedParams = NO_NAMES;
  #rejectedBy = NO_NAMES;
  /** Providers, and keys by `cooldownKey`. */
  #declinedBy = NO_NAMES;
  #withoutRetry = NO_NAMES;
  /** Whether an attempt has failed that no provider is to blame for. */
  #isFailedByOthers = false;
  #exclusions = '';
  #lastFailure: LastFailure | null = null;
  #told: LastFailure | null = null;
  /** Whether the last failure was another model's than the one whose targets are tried now. */
  #hasMoved = false;
  #emptyAnswer: KeptAnswer | null = null;
  /** Attempts after which only one more target may be asked: empty answers, and those in a wrong form. */
  #onceOnly = 0;

  /**
   * A target is asked, without the parameters that its dialect cannot express.
   *
   * @param key the name of the provider's key
   * @param takesOver whether it is asked in place of the last attempt, whose key has begun to cool down
   */
  begin(
    index: number,
    target: TargetConfig,
    droppedParams: readonly string[],
    key = DEFAULT_KEY,
    takesOver = false,
  ): void {
    this.#asked.push(target);
    if (!this.#tried.includes(index)) this.#tried.push(index);
    if (takesOver) this.#takenOver = [...this.#takenOver, target.provider];
    this.#target = target;
    this.#key = key;
    this.#takesOver = takesOver;
    this.#upstreamRequestId = null;
    this.#droppedParams = droppedParams;
  }

  /** The target asked last is asked again, without these parameters. */
  leftOut(droppedParams: readonly string[]): void {
    this.#droppedParams = droppedParams;
  }

  /** A target cannot be asked: its dialect cannot express the request. */
  skip(index: number): void {
    this.#tried.push(index);
    this.#skipped = [...this.#skipped, index];
  }

  /** Whether it cannot be asked. */
  isSkipped(index: number): boolean {
    return this.#skipped.includes(index);
  }

  /** The request goes on with the targets of another model: of these, none has failed or declined. */
  moved(): void {
    this.#tried = [];
    this.#skipped = NO_TARGETS;
    this.#declinedBy = NO_NAMES;
    this.#hasMoved = true;
    this.#exclusions = '';
  }

  /** The target asked last answers: its whole answer is here, or the first content of its stream. */
  answered(upstreamRequestId: string | null): void {
    this.#upstreamRequestId = upstreamRequestId;
    this.#note(success.label, null);
  }

  /** The attempt has failed, after `tookMs`, perhaps when it had begun to answer. */
  failed(index: number, target: TargetConfig, failure: AttemptFailure, judgement: Judgement, tookMs: number): void {
    const { provider, model } = target;
    const key = this.#key;
    const before = this.#told;
    this.#lastFailure = { index, target, provider, key, failure, judgement };
    // Of several keys, one that can be used again soon says more to the client than one that cannot.
    const isOfKeys = this.#takesOver && before !== null && judgement.cooldown !== null;
    const staysTold = isOfKeys && before.judgement.clientMayRetry && !judgement.clientMayRetry;
    this.#told = staysTold ? before : this.#lastFailure;
    this.#hasMoved = false;
    if (judgement.code === null || errorTable[judgement.code].owner !== 'provider') this.#isFailedByOthers = true;
    if (judgement.cooldown !== null) this.#spent = [...this.#spent, cooldownKey(provider, key, model)];
    if (failure.upstreamRequestId !== undefined) this.#upstreamRequestId = failure.upstreamRequestId;
    if (failure.declined === true) {
      // What makes a key cool down says nothing of the others.
      const declined = judgement.cooldown === null ? provider : cooldownKey(provider, key, null);
      this.#declinedBy = [...this.#declinedBy, declined];
    }
    if (failure.emptyAnswer !== undefined) this.#emptyAnswer ??= { target, key, answer: failure.emptyAnswer };
    if (judgement.next === 'failover-once') this.#onceOnly += 1;
    this.#note(judgement.label, tookMs);
  }

  /** A provider's circuit is in the way. True the first time: it is counted once for a request. */
  rejected(provider: string): boolean {
    if (this.#rejectedBy.includes(provider)) return false;
    this.#rejectedBy = [...this.#rejectedBy, provider];
    return true;
  }

  /** A provider's budget has no retry left. True the first time: it is counted once for a request. */
  lackedRetry(provider: string): boolean {
    if (this.#withoutRetry.includes(provider)) return false;
    this.#withoutRetry = [...this.#withoutRetry, provider];
    return true;
  }

  /** The empty answer goes back, as its target's, whichever was asked last. */
  answersEmpty({ target, key }: KeptAnswer, upstreamRequestId: string | null): void {
    this.#target = target;
    this.#key = key;
    this.#upstreamRequestId = upstreamRequestId;
  }

  /** No target is left. @param leftOut why, of those that circuits and cooldowns exclude, by the target's index */
  without(leftOut: readonly (readonly [number, LeftOut])[]): void {
    this.#exclusions = leftOutText(leftOut.filter(([index]) => !this.#tried.includes(index)).map(([, each]) => each));
  }

  /** Why targets that were not asked were left out at the end, as the log says it; '' for none. */
  get exclusions(): string {
    return this.#exclusions;
  }

  /** Number of attempts at a provider, or at one of its models. */
  attemptsAt(provider: string, model?: string): number {
    let count = 0;
    for (const target of this.#asked) {
      if (target.provider === provider && (model === undefined || target.model === model)) count += 1;
    }
    return count;
  }

  /** Number of attempts at a provider, without those whose place another key has taken. */
  triesAt(provider: string): number {
    return this.attemptsAt(provider) - this.#takenOver.filter((name) => name === provider).length;
  }

  /** Whether a key began to cool down for a target when this request asked it. */
  isSpent(key: string, { provider, model }: TargetConfig): boolean {
    return this.#spent.includes(cooldownKey(provider, key, model));
  }

  /** Whether this provider, or this key of it, asked not to be tried again for this request. */
  hasDeclined(provider: string, key: string): boolean {
    return this.#declinedBy.includes(provider) || this.#declinedBy.includes(cooldownKey(provider, key, null));
  }

  /** Whether any provider or key has. */
  get hasDeclines(): boolean {
    return this.#declinedBy.length > 0;
  }

  /** Whether no target was asked. */
  get isEmpty(): boolean {
    return this.#asked.length === 0;
  }

  /** Indexes of the targets that were asked, or could not be. */
  get tried(): readonly number[] {
    return this.#tried;
  }

  /** By which it is decided what may follow. */
  get lastFailure(): LastFailure | null {
    return this.#lastFailure;
  }

  /** Whether attempts have failed, all of them by their providers. */
  get isFailedByProviders(): boolean {
    return this.#lastFailure !== null && !this.#isFailedByOthers;
  }

  /** What the client hears if nothing else comes: the last one, or that of a key before it. */
  get toldFailure(): LastFailure | null {
    return this.#told;
  }

  /** The last one if it was a target's of the model that serves the request now: what may follow at that model. */
  get lastFailureHere(): LastFailure | null {
    return this.#hasMoved ? null : this.#lastFailure;
  }

  /** The first empty answer: it goes back when no target is left. */
  get emptyAnswer(): KeptAnswer | null {
    return this.#emptyAnswer;
  }

  /** Whether more than one attempt ended as `failover-once` says. */
  get failoverIsUsed(): boolean {
    return this.#onceOnly > 1;
  }

  /** The last provider asked, or the one whose answer goes back; `unknown` if none was. */
  get provider(): string {
    return this.#target?.provider ?? 'unknown';
  }

  /** The name of that provider's key. */
  get key(): string {
    return this.#key;
  }

  /** That provider's own name of the model; null if none was asked. */
  get upstreamModel(): string | null {
    return this.#target?.model ?? null;
  }

  /** That provider's id of the request; null where it gave none. */
  get upstreamRequestId(): string | null {
    return this.#upstreamRequestId;
  }

  /** Parameters that the last target asked did not get. */
  get droppedParams(): readonly string[] {
    return this.#droppedParams;
  }

  /** `openai=429(12ms), anthropic=200` */
  toString(): string {
    const [only] = this.#notes;
    return this.#notes.length === 1 && only !== undefined ? noteText(only) : this.#notes.map(noteText).join(', ');
  }

  /** There is one note for an attempt: a stream that was noted as an answer may fail after its headers were sent. */
  #note(label: string, ms: number | null): void {
    this.#notes[this.#asked.length - 1] = { provider: this.provider, label, ms };
  }
}

function noteText({ provider, label, ms }: AttemptNote): string {
  return ms === null ? `${provider}=${label}` : `${provider}=${label}(${Math.round(ms)}ms)`;
}
