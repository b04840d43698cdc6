/** The wall in front of a gateway that hides nothing, since it is the provider itself: it sees what is bad. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { cellsOf } from '../../../../src/cli/wall/cells.ts';
import { faces } from '../../../../src/cli/wall/faces/all.ts';
import { countsOf, reportJson, reportLines } from '../../../../src/cli/wall/report.ts';
import { runCells } from '../../../../src/cli/wall/run-cells.ts';
import { WallProviders } from '../../../../src/cli/wall/wall-providers.ts';

/** Those that end by themselves. */
const faultNames = ['healthy', '500', 'ends early', 'cut, FIN', 'bad event', '200, a page', 'error', 'empty', '429'];

describe('the wall', () => {
  let providers: WallProviders;

  beforeEach(async () => {
    providers = await WallProviders.start('127.0.0.1', { openai: 0, anthropic: 0 });
  });

  afterEach(() => providers.close());

  const cells = cellsOf(faces).filter(
    ({ face, kind, fault }) =>
      face.name !== 'messages' &&
      face.name !== 'messages-tools' &&
      kind.name === 'one-openai' &&
      faultNames.includes(fault.name),
  );

  it('has cells for each face in front of each kind of target that it may have', () => {
    const kinds = Map.groupBy(cellsOf(faces), ({ face }) => face.name);
    const names = [...kinds].map(([face, some]) => [face, new Set(some.map(({ kind }) => kind.name)).size]);
    expect(Object.fromEntries(names)).to.deep.equal({
      chat: 4,
      'chat-tools': 4,
      messages: 4,
      'messages-tools': 4,
      responses: 6,
      'responses-tools': 6,
      completions: 2,
      embeddings: 2,
    });
  });

  it('finds the silent truncations, and tells them from errors', async () => {
    const { openai } = providers.ports;
    const outcomes = await runCells(cells, { url: `http://127.0.0.1:${openai}`, key: 'any' }, providers);
    const seen = (face: string, stream: boolean) => {
      const some = outcomes.filter(({ cell }) => cell.face.name === face && cell.stream === stream);
      return Object.fromEntries(some.map(({ cell, verdict }) => [cell.fault.name, verdict]));
    };
    const streamed = {
      healthy: 'answered',
      500: 'refused',
      429: 'refused',
      'ends early': 'SILENT TRUNCATION',
      'cut, FIN': 'broken',
      'bad event': 'broken',
      error: 'broken',
      empty: 'empty',
    };
    for (const face of ['chat', 'chat-tools', 'completions']) {
      expect(seen(face, true), face).to.deep.equal({ ...streamed, '200, a page': 'SILENT TRUNCATION' });
    }
    for (const face of ['responses', 'responses-tools']) {
      expect(seen(face, true), face).to.deep.equal({ ...streamed, '200, a page': 'broken' });
    }
    const plain = {
      healthy: 'answered',
      500: 'refused',
      429: 'refused',
      '200, a page': 'WRONG ANSWER',
      empty: 'empty',
    };
    for (const face of ['chat', 'chat-tools', 'responses', 'responses-tools', 'completions', 'embeddings']) {
      expect(seen(face, false), face).to.deep.equal(plain);
    }
  });

  it('reports each cell, the bad ones again, and the counts', async () => {
    const chat = cells.filter(({ face }) => face.name === 'chat');
    const { openai } = providers.ports;
    const outcomes = await runCells(chat, { url: `http://127.0.0.1:${openai}`, key: 'any' }, providers);
    const lines = reportLines(outcomes);
    expect(lines).to.include('chat, streamed (POST /v1/chat/completions)');
    expect(lines.find((line) => line.startsWith('healthy'))).to.match(/^healthy +answered$/);
    expect(lines.find((line) => line.startsWith('ends early'))).to.match(/after +SILENT TRUNCATION: \d+ characters$/);
    expect(lines.join('\n')).to.include('bad cells:\n').and.include('one-openai, ends early after: SILENT TRUNCATION');
    expect(lines.slice(-2)).to.deep.equal([
      '13 cells: 2 answered, 0 failed over, 2 empty, 4 refused, 3 broken, 0 unreachable, 2 SILENT TRUNCATION, 1 WRONG ANSWER, 0 HANG, 0 DOUBLE'.replace(
        '13',
        String(chat.length),
      ),
      '3 bad cells',
    ]);
    const { counts, cells: told } = reportJson(outcomes);
    expect(counts).to.deep.equal(countsOf(outcomes));
    expect(told).to.have.length(chat.length);
    expect(told[0]).to.deep.equal({
      face: 'chat',
      stream: false,
      targets: 'one-openai',
      fault: 'healthy',
      commit: '',
      verdict: 'answered',
      detail: '',
    });
  });
});
