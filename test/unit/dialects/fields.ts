/** What becomes of a field of a request on its way to a target: for tests that nothing is lost in silence. */
import { expect } from 'chai';
import type { Codec } from '../../../src/dialects/codec.ts';
import { GatewayError } from '../../../src/shared/errors.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';
import { arrivedAt } from '../../helpers/codecs.ts';

/** A value for each field of a client's type, one that is not the default. */
export type Values<T, More extends string = never> = Readonly<Record<Exclude<keyof T, 'type'> | More, unknown>>;

export interface Outcome {
  /** What the target gets. */
  readonly body: string;
  readonly dropped: readonly string[];
  /** The field that was refused. */
  readonly refused: string | null;
}

/** What a codec makes of a body. */
export function sentBy(codec: Codec, model: string): (body: object) => Outcome {
  return (body) => {
    try {
      const arrived = arrivedAt(codec.inbound, Buffer.from(JSON.stringify(body)));
      const request = codec.request(arrived, { model, maxTokens: null });
      return { body: inOneBuffer(request.body).toString(), dropped: request.droppedParams, refused: null };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      expect(error.status).to.equal(400);
      return { body: '', dropped: [], refused: error.param };
    }
  };
}

/**
 * Of a request with a field and one without, that the field is written, or refused or named by one of these names, which
 * nothing else is.
 */
export function expectNotLost(made: Outcome, bare: Outcome, ...names: readonly string[]): void {
  expect(bare.refused).to.equal(null);
  if (made.refused !== null) {
    const { refused } = made;
    expect(names.some((name) => refused === name || refused.endsWith(`.${name}`))).to.equal(true);
    return;
  }
  const fresh = made.dropped.filter((name) => !bare.dropped.includes(name));
  expect(fresh.filter((name) => !names.includes(name))).to.deep.equal([]);
  expect(made.body !== bare.body || fresh.length > 0, 'it is not lost in silence').to.equal(true);
}
