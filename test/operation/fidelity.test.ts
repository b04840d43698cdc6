/**
 * What a client's official library reads is what the provider meant: every dialect of clients before every dialect of
 * targets, every kind of answer, whole, streamed, and broken at a sample of its bytes. `npm run fidelity` breaks it at
 * every byte.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { cellsOf, type Tried } from '../../scripts/fidelity/cells.ts';
import { pairs } from '../../scripts/fidelity/pairs.ts';
import { runCells } from '../../scripts/fidelity/run.ts';
import { type FidelityPlane, startFidelityPlane } from '../fidelity/fidelity-plane.ts';

/** Places at which each answer is broken. */
const SAMPLES = 3;

describe('what the client of a dialect reads', () => {
  let running: FidelityPlane;
  before(async () => {
    running = await startFidelityPlane();
  });
  after(() => running.close());

  for (const pair of pairs) {
    it(`is what the provider meant, or an error where it broke: ${pair.face} before ${pair.outbound}`, async () => {
      const cells = cellsOf(pair, SAMPLES);
      const tried: Tried[] = [];
      await runCells(cells, running.provider, running.url, (each) => tried.push(each));
      expect(tried).to.have.length(cells.length);
      const wrong = tried.filter(({ outcome }) => outcome === 'wrong' || outcome === 'refused');
      const lines = wrong.map(({ content, mode, at, fault }) => `${content}, ${mode} at ${at}: ${fault}`);
      expect(lines.join('\n')).to.equal('');
    });
  }
});
