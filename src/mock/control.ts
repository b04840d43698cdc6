/**
 * The state of the fake provider: faults, shape and counts. The HTTP routes under `/_mock` use it, and so does a
 * program that runs the fake provider in its own process.
 */
import type { ConnectionStats } from './connections.ts';
import { parseShape, type Shape } from './dialects/shape.ts';
import { type Fault, type FaultInput, parseFault } from './faults.ts';

export interface MockStats extends ConnectionStats {
  /** Requests to its APIs, including refused ones. Model lists and `/_mock` do not count. */
  readonly requests: number;
  /** How many of them are not finished yet. */
  readonly inFlight: number;
  /** How many of them were aborted: the client left before the end of the answer. */
  readonly aborted: number;
  /** Well-formed requests, by requested model. */
  readonly byModel: Readonly<Record<string, number>>;
}

const everyModel = '';

export class MockControl {
  readonly #faultsByModel = new Map<string, { readonly fault: Fault; left: number }>();
  readonly #models = new Map<string, number>();
  readonly #shapeChanged: () => void;
  #currentShape: Shape;
  #requests = 0;
  #inFlight = 0;
  #aborted = 0;
  readonly #connectionStats: () => ConnectionStats;

  constructor(options: {
    readonly shape: Partial<Shape>;
    readonly shapeChanged: () => void;
    readonly connectionStats: () => ConnectionStats;
  }) {
    this.#currentShape = parseShape(options.shape);
    this.#shapeChanged = options.shapeChanged;
    this.#connectionStats = options.connectionStats;
  }

  /** Sets the fault for its model, or for all models, and replaces the previous one. Throws zod's error. */
  setFault(input: FaultInput): void {
    const fault = parseFault(input);
    this.#faultsByModel.set(fault.model ?? everyModel, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  /** Removes all faults. Requests that already hang continue to hang until their client leaves. */
  clearFaults(): void {
    this.#faultsByModel.clear();
  }

  /** The active faults. A fault with `times` shows how many uses are left. */
  faults(): Fault[] {
    return [...this.#faultsByModel.values()].map(({ fault, left }) =>
      fault.times === undefined ? fault : { ...fault, times: left },
    );
  }

  /** The fault for a request for `model`, or null. Each call counts as one use of the fault. */
  takeFault(model: string): Fault | null {
    const key = this.#faultsByModel.has(model) ? model : everyModel;
    const entry = this.#faultsByModel.get(key);
    if (entry === undefined) return null;
    entry.left -= 1;
    if (entry.left <= 0) this.#faultsByModel.delete(key);
    return entry.fault;
  }

  get shape(): Shape {
    return this.#currentShape;
  }

  /** Sets the whole shape; fields that are left out get their defaults. Throws zod's error. */
  setShape(shape: Partial<Shape>): void {
    this.#currentShape = parseShape(shape);
    this.#shapeChanged();
  }

  requestStarted(): void {
    this.#requests += 1;
    this.#inFlight += 1;
  }

  requestRead(model: string): void {
    this.#models.set(model, (this.#models.get(model) ?? 0) + 1);
  }

  requestEnded(aborted: boolean): void {
    this.#inFlight -= 1;
    if (aborted) this.#aborted += 1;
  }

  stats(): MockStats {
    return {
      requests: this.#requests,
      inFlight: this.#inFlight,
      aborted: this.#aborted,
      byModel: Object.fromEntries(this.#models),
      ...this.#connectionStats(),
    };
  }
}
