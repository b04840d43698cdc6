/**
 * What the fake provider has been told and what it has seen: faults, shape and counts. The HTTP routes under `/_mock`
 * and a program that runs the fake in its own process both come here.
 */
import type { ConnectionStats } from './connections.ts';
import { parseShape, type Shape } from './dialects/shape.ts';
import { type Fault, type FaultInput, parseFault } from './faults.ts';

export interface MockStats extends ConnectionStats {
  /** Completions asked for, refused ones too; listings and `/_mock` itself do not count. */
  readonly requests: number;
  /** Of those, not finished yet. */
  readonly inFlight: number;
  /** Of those, the client left before the answer's end. */
  readonly aborted: number;
  /** Completions that were well-formed, by the model asked for. */
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

  /** Sets the fault for its model, or for all; it takes the place of the one before. Throws zod's error. */
  setFault(input: FaultInput): void {
    const fault = parseFault(input);
    this.#faultsByModel.set(fault.model ?? everyModel, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  /** Ends all faults. Requests that hang already go on hanging until their client leaves. */
  clearFaults(): void {
    this.#faultsByModel.clear();
  }

  /** The faults in force, with the uses that each has left where it has a number of them. */
  faults(): Fault[] {
    return [...this.#faultsByModel.values()].map(({ fault, left }) =>
      fault.times === undefined ? fault : { ...fault, times: left },
    );
  }

  /** The fault that strikes a request for `model`; using it up is part of asking. */
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

  /** Sets the whole shape; fields left out go back to their defaults. Throws zod's error. */
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
