/**
 * A `LiveStream` against a model that knows nothing of timers, buffers or chunk borders: only the whole events so far,
 * and the moments from which each limit counts.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { StreamEnd } from '../../../../src/dialects/types.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { event, LINGER_MS, limits, makeRig, type Rig, ScriptedAnswer, TERMINAL, TICK_MS } from './live-stream-rig.ts';

type Step =
  | { readonly act: 'data'; readonly bytes: number }
  | { readonly act: 'wait'; readonly ticks: number }
  | { readonly act: 'attach' | 'fill' | 'drain' | 'end' | 'fail' | 'abandon' };

/** The label of the failure that steps bring in from outside. */
const FROM_OUTSIDE = 'limit';

class Model {
  readonly #rig: Rig;
  readonly #answer: ScriptedAnswer;
  state: 'held' | 'committed' | 'over' = 'held';
  abandoned = false;
  /** What goes to the client, in whole events. */
  passed = '';
  /** `committed` and the end, as the rig records them; an end that has to wait for the sink is in `close`. */
  readonly reports: string[] = [];
  close: string | null = null;
  attached = false;
  paused = false;
  readonly #beganMs: number;
  #committedMs = 0;
  /** From where the limit of the side that is silent counts. */
  #silentFromMs = 0;

  constructor(rig: Rig, atEnd: StreamEnd) {
    this.#rig = rig;
    this.#answer = new ScriptedAnswer(atEnd);
    this.#beganMs = rig.clock.nowMs();
  }

  take(sent: Parameters<ScriptedAnswer['push']>[0], atEnd: boolean): void {
    if (this.state === 'over') return;
    const wasWhole = this.#answer.whole;
    const countedBefore = this.#answer.facts.usage?.output;
    let step: ReturnType<ScriptedAnswer['push']>;
    try {
      step = this.#answer.push(sent);
    } catch {
      if (!wasWhole) this.fail(atEnd ? 'cut' : 'unreadable');
      return;
    }
    if (step.kind === 'error') this.#error();
    else if (step.kind === 'terminal') this.complete();
    else if (step.kind === 'comment') {
      if (this.state === 'committed' && !atEnd) this.#pass(step.bytes.toString());
    } else {
      this.#pass(step.bytes.toString());
      const commits = step.kind === 'content' || (step.kind === 'finish' && !this.#answer.empty);
      if (commits && this.state === 'held') this.#commit();
      const counts = this.#answer.facts.usage?.output !== countedBefore;
      const holdsUp = !wasWhole || step.kind === 'content' || counts;
      if (holdsUp && !this.paused) this.#silentFromMs = this.#rig.clock.nowMs();
    }
  }

  /** An error ends a whole answer; where nothing explains its lack of content, the error does. */
  #error(): void {
    if (this.#answer.whole && (this.state === 'committed' || !this.#answer.empty)) this.complete();
    else this.fail('error-event-529');
  }

  #pass(bytes: string): void {
    this.passed += bytes;
    if (this.attached) this.#wrote(bytes);
  }

  #commit(): void {
    this.state = 'committed';
    this.#committedMs = this.#rig.clock.nowMs();
    this.reports.push('committed');
  }

  #wrote(bytes: string): void {
    if (bytes === '' || this.#rig.sink.open) return;
    this.paused = true;
    this.#silentFromMs = this.#rig.clock.nowMs();
  }

  attach(): void {
    this.attached = true;
    this.#wrote(this.passed);
    if (this.close !== null) this.reports.push(this.close);
  }

  drained(): void {
    if (this.paused) this.#silentFromMs = this.#rig.clock.nowMs();
    this.paused = false;
  }

  complete(): void {
    if (this.state === 'held' && !this.#answer.empty) this.#commit();
    if (this.state === 'held') this.fail('empty');
    else if (this.state === 'committed') this.#over(`complete ${TERMINAL}`);
  }

  fail(label: string): void {
    if (this.state === 'held') {
      this.state = 'over';
      this.reports.push(`refused ${label}`);
    } else if (this.state === 'committed') this.#over(`broken ${label}`);
  }

  #over(close: string): void {
    this.state = 'over';
    if (this.attached) this.reports.push(close);
    else this.close = close;
  }

  abandon(): void {
    this.state = 'over';
    this.abandoned = true;
  }

  /** Whether a whole answer is due to end now, since nothing more came. */
  endsWhole(): boolean {
    const silentMs = this.#rig.clock.nowMs() - this.#silentFromMs;
    return this.state !== 'over' && this.#answer.whole && !this.paused && silentMs >= limits.stallMs;
  }

  /** The failure that is due now. If both limits are due in one tick, the stall limit fires: it was set first. */
  due(): string | null {
    const nowMs = this.#rig.clock.nowMs();
    if (this.state === 'over') return null;
    if (this.state === 'held') {
      const isDue = !this.#answer.whole && nowMs - this.#beganMs >= limits.firstContentMs;
      return isDue ? 'timeout-first_content' : null;
    }
    if (nowMs - this.#silentFromMs >= limits.stallMs) return this.paused ? 'client-gone' : 'timeout-stall';
    return nowMs - this.#committedMs >= limits.maxStreamMs ? 'limit' : null;
  }
}

/** A stream and its model, which see the same steps. */
class Comparison {
  readonly #atEnd: StreamEnd;
  readonly rig: Rig;
  readonly model: Model;
  readonly #splitter = new SseSplitter();
  #unsent: Buffer;

  constructor(text: string, complete: boolean) {
    this.#unsent = Buffer.from(text);
    this.#atEnd = { complete, bytes: Buffer.from(TERMINAL), otherForm: false };
    this.rig = makeRig(new ScriptedAnswer(this.#atEnd));
    this.model = new Model(this.rig, this.#atEnd);
  }

  do(step: Step): void {
    const { rig, model } = this;
    switch (step.act) {
      case 'data':
        this.#data(step.bytes);
        break;
      case 'wait':
        for (let tick = 0; tick < step.ticks; tick += 1) this.#tick();
        break;
      case 'attach':
        if (model.attached || !model.reports.includes('committed')) return;
        model.attach();
        rig.attach();
        break;
      case 'fill':
        rig.sink.open = false;
        break;
      case 'drain':
        rig.sink.open = true;
        model.drained();
        rig.stream.drained();
        break;
      case 'end':
        this.#end();
        break;
      case 'fail':
        model.fail(FROM_OUTSIDE);
        rig.stream.fail({ fault: { kind: FROM_OUTSIDE } });
        break;
      case 'abandon':
        model.abandon();
        rig.stream.abandon();
        break;
      default:
        step satisfies never;
    }
    this.check();
  }

  check(): void {
    const { model, rig } = this;
    expect(rig.reports.filter((report) => !report.startsWith('write '))).to.deep.equal(model.reports);
    for (const written of rig.sink.written) expect(written).to.match(/\n\n$/);
    expect(rig.sink.written.join('')).to.equal(model.attached ? model.passed : '');
  }

  #data(bytes: number): void {
    const chunk = this.#unsent.subarray(0, bytes);
    this.#unsent = this.#unsent.subarray(bytes);
    for (const sent of this.#splitter.push(chunk)) this.model.take(sent, false);
    const open = this.#splitter.unended();
    if (open?.data === 'terminal') this.model.take(open, false);
    this.rig.stream.data(chunk);
  }

  #tick(): void {
    this.rig.clock.advance(TICK_MS);
    if (this.model.endsWhole()) this.#endModel();
    const due = this.model.due();
    if (due !== null) this.model.fail(due);
    this.check();
  }

  #end(): void {
    this.#endModel();
    this.rig.stream.ended();
  }

  #endModel(): void {
    const rest = this.#splitter.flush();
    if (rest !== null) this.model.take(rest, true);
    if (this.#atEnd.complete) this.model.complete();
    else this.model.fail('cut');
  }
}

const words = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom('content é', 'content 😀', 'content empty') },
  { weight: 10, arbitrary: fc.constantFrom('metadata', 'metadata é') },
  { weight: 2, arbitrary: fc.constantFrom('usage 1', 'usage 2', 'finish stop', 'finish length') },
  { weight: 1, arbitrary: fc.constantFrom('terminal', 'error', 'nonsense') },
);
const events = fc.array(
  fc.oneof({ weight: 5, arbitrary: words.map(event) }, { weight: 1, arbitrary: fc.constant(': comment\n\n') }),
  { maxLength: 30, size: 'max' },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ act: fc.constant('data' as const), bytes: fc.nat(50) }) },
  { weight: 12, arbitrary: fc.record({ act: fc.constant('wait' as const), ticks: fc.nat(limits.stallMs / TICK_MS) }) },
  { weight: 12, arbitrary: fc.record({ act: fc.constantFrom('attach' as const, 'fill' as const, 'drain' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('end' as const, 'fail' as const, 'abandon' as const) }) },
);

describe('a live stream under any sequence of bytes, time and drains', () => {
  it('writes whole events in order, and reports one end: refused, or committed and then closed', () => {
    fc.assert(
      fc.property(events, fc.array(step, { maxLength: 60, size: 'max' }), fc.boolean(), (sent, steps, complete) => {
        const comparison = new Comparison(sent.join(''), complete);
        const { model, rig } = comparison;
        for (const each of steps) comparison.do(each);
        comparison.do({ act: 'end' });
        comparison.do({ act: 'attach' });
        comparison.do({ act: 'data', bytes: Number.MAX_SAFE_INTEGER });
        comparison.do({ act: 'wait', ticks: (limits.maxStreamMs + LINGER_MS) / TICK_MS });
        const ends = rig.reports.filter((report) => /^(?:refused|complete|broken) /.test(report));
        if (!model.abandoned) expect(ends).to.have.length(1);
        else expect(ends.length).to.be.at.most(1);
        expect(rig.reports.includes('committed')).to.equal(model.reports.includes('committed'));
      }),
      { numRuns: 300 },
    );
  });
});
