/**
 * Recorded streams, broken at a sample of their bytes: the client gets an error or all that it gets of the whole stream.
 * That this is what the provider meant is shown in `test/contract`.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { cellsOf, type Mode, type Tried } from '../../scripts/fidelity/cells.ts';
import { type Content, content } from '../../scripts/fidelity/contents.ts';
import { pairs } from '../../scripts/fidelity/pairs.ts';
import { frameOf } from '../../scripts/fidelity/providers/converse.ts';
import type { Written } from '../../scripts/fidelity/providers/pieces.ts';
import { runCells } from '../../scripts/fidelity/run.ts';
import { linesOf, type Recording, streams } from '../contract/recordings.ts';
import { framed } from '../contract/translate.ts';
import { type FidelityPlane, startFidelityPlane } from './fidelity-plane.ts';

/** Places at which each stream is broken. */
const SAMPLES = 4;

const folders = {
  'openai-chat': ['openai', 'openai-compatible', 'gemini-compatible'],
  'anthropic-messages': ['anthropic'],
  'openai-responses': [],
  'bedrock-converse': ['bedrock'],
} as const;

const framings = {
  'openai-chat': 'openai',
  'openai-responses': 'openai',
  'anthropic-messages': 'anthropic',
  'bedrock-converse': 'bedrock',
} as const;

function kindOf(recording: Recording, dialect: 'openai' | 'anthropic' | 'bedrock'): Content {
  if (dialect === 'bedrock') return content(recording.name, [], { recorded: inFrames(linesOf(recording)) });
  const events = framed(dialect, linesOf(recording))
    .toString()
    .split(/(?<=\n\n)/);
  const recorded = { whole: '', events: dialect === 'openai' ? [...events, 'data: [DONE]\n\n'] : events };
  return content(recording.name, [], { recorded });
}

/** A recorded line holds an event under the name of its type. */
function inFrames(lines: readonly string[]): Written {
  const events = lines.map((line) => {
    const [, type = '', payload = ''] = /^\{"(\w+)":(.*)\}$/s.exec(line) ?? [];
    return frameOf(type, payload);
  });
  return { whole: '', events, mediaType: 'application/vnd.amazon.eventstream' };
}

describe('recorded streams', () => {
  let running: FidelityPlane;
  before(async () => {
    running = await startFidelityPlane();
  });
  after(() => running.close());

  for (const pair of pairs) {
    const dialect = framings[pair.outbound];
    const kinds = streams(...folders[pair.outbound]).map((recording) => kindOf(recording, dialect));
    if (kinds.length === 0) continue;

    async function tried(contents: readonly Content[], modes: readonly Mode[]): Promise<Tried[]> {
      const results: Tried[] = [];
      const cells = cellsOf(pair, SAMPLES, contents, modes);
      await runCells(cells, running.provider, running.url, (each) => results.push(each));
      return results;
    }

    it(`come whole or with an error, wherever they break: ${pair.face} before ${pair.outbound}`, async () => {
      const whole = await tried(kinds, ['stream']);
      const known = kinds.map((kind): Content => {
        const read = whole.find((each) => each.content === kind.name)?.read ?? null;
        if (read === null) throw new Error(`${kind.name} is not read: ${JSON.stringify(whole)}`);
        return { ...kind, meant: read };
      });
      const results = await tried(known, ['bytes', 'split', 'cut', 'ended', 'again']);
      const wrong = results.filter(({ outcome }) => outcome === 'wrong');
      expect(wrong.map((each) => `${each.content}, ${each.mode} at ${each.at}: ${each.fault}`).join('\n')).to.equal('');
      expect(results.length).to.be.greaterThan(kinds.length * SAMPLES);
    });
  }
});
