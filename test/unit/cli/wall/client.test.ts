/**
 * The wall's own clients beside the official ones, fault by fault, at the fake providers themselves: no gateway hides any
 * fault. Both must see the same, in the words of the wall.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ask } from '../../../../src/cli/wall/client.ts';
import { faces } from '../../../../src/cli/wall/faces/all.ts';
import type { Face } from '../../../../src/cli/wall/faces/face.ts';
import { type WallFault, wallFaults } from '../../../../src/cli/wall/wall-faults.ts';
import { askOfficially, essenceOf } from '../../../helpers/official-clients.ts';
import { useMock } from '../../mock/running-mock.ts';

/** For what never ends, and for what does. */
const SHORT_MS = 300;
const LONG_MS = 20_000;

/** Whether a client waits for ever: only what it sees before that depends on time, and is not compared. */
function neverEnds({ fault }: WallFault, { name }: Face, stream: boolean): boolean {
  switch (fault.kind) {
    case 'hang':
    case 'stall':
      return true;
    case 'slow-headers':
    case 'slow-first-content':
      return fault.ms > LONG_MS;
    case 'finish-then-no-end':
      return stream && fault.how === 'stall';
    case 'linger':
      // Two APIs have a sentinel, at which their clients read no further.
      return !stream || !['chat', 'chat-tools', 'completions'].includes(name);
    default:
      return false;
  }
}

describe('the clients of the wall beside the official ones', () => {
  const mocks = { openai: useMock('openai'), anthropic: useMock('anthropic') };

  for (const face of faces) {
    for (const stream of face.streams ? [false, true] : [false]) {
      it(`see the same of each fault: ${face.name}, ${stream ? 'streamed' : 'plain'}`, async () => {
        const mock = face.name.startsWith('messages') ? mocks.anthropic : mocks.openai;
        const some = wallFaults.filter(({ after }) => stream || !after);
        const seen = some.map(async (wallFault, index) => {
          const { name, fault, after } = wallFault;
          const limitMs = neverEnds(wallFault, face, stream) ? SHORT_MS : LONG_MS;
          // A model for each, so that all can be asked at once.
          const model = `model-${index}`;
          mock.control.setFault({ ...fault, model });
          const request = { url: mock.url, model, prompt: 'Hello 🙂', stream, limitMs };
          const [mine, official] = await Promise.all([
            ask({ ...request, face, key: 'any' }),
            askOfficially({ ...request, face: face.name }),
          ]);
          const title = after ? `${name}, after content` : name;
          return { mine: [title, essenceOf(mine)], official: [title, essenceOf(official)] };
        });
        const both = await Promise.all(seen);
        expect(both.map(({ mine }) => mine)).to.deep.equal(both.map(({ official }) => official));
      });
    }
  }
});
