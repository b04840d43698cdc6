/** The whole fault wall by the built command, which starts a gateway of its own: no cell may be bad. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { parse } from 'yaml';
import { ProcessGroup } from '../../scripts/processes/process-group.ts';
import { commandScript } from '../../scripts/rig/checkout.ts';
import { endGateways, startGateway } from '../../scripts/rig/gateway.ts';
import { cellsOf, promptOf } from '../../src/cli/wall/cells.ts';
import { ask } from '../../src/cli/wall/client.ts';
import { faces } from '../../src/cli/wall/faces/all.ts';
import { modelName, wallYaml } from '../../src/cli/wall/wall-models.ts';
import { WallProviders } from '../../src/cli/wall/wall-providers.ts';
import { askOfficially, essenceOf } from '../helpers/official-clients.ts';

/** Cells in front of the present faces, faults and kinds of targets; one less is a hole in the wall. */
const LEAST_CELLS = 2_000;

/** Beyond the limits of the gateway. */
const LIMIT_MS = 20_000;

const SLOW = 'stall, comments';
/** Of each way to fail one or two, with those that have surprised clients before. */
const sampled = [
  'healthy',
  'other form',
  '502, a page',
  'empty',
  'stall, comments',
  'ends early',
  'cut, RST',
  'failed',
];

describe('the fault wall', function () {
  this.timeout(400_000);
  afterEach(endGateways);

  it('has no silent truncation, no wrong answer, no hang and no double', async () => {
    const command = [commandScript(true), 'faultwall', '--json'];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const group = new ProcessGroup(child);
    try {
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
      const { counts, cells } = JSON.parse(output) as {
        counts: Record<string, number>;
        cells: readonly { readonly verdict: string }[];
      };
      const bad = cells.filter(({ verdict }) => verdict === verdict.toUpperCase());
      expect(bad, errors).to.deep.equal([]);
      expect([code, counts.bad]).to.deep.equal([0, 0]);
      expect(counts.cells).to.be.at.least(LEAST_CELLS).and.equal(cells.length);
      // Every cell before content that has a second target is answered by it, or by the first.
      expect(counts['failed over']).to.be.greaterThan(500);
    } finally {
      await group.end();
    }
  });

  it('is seen by the official clients as by its own, through the gateway', async () => {
    const providers = await WallProviders.start('127.0.0.1', { openai: 0, anthropic: 0 });
    try {
      const config = parse(wallYaml('127.0.0.1', providers.ports)) as Record<string, unknown>;
      const { url } = await startGateway({ ...config, server: { port: 0 }, admin: { port: 0 }, workers: 1 });
      const cells = cellsOf(faces).filter(
        // What takes time is tried before one kind of target alone.
        ({ fault, kind }) => sampled.includes(fault.name) && (fault.name !== SLOW || kind.name === 'one-anthropic'),
      );
      const runs = [...Map.groupBy(cells, ({ kind }) => kind)].map(async ([kind, some]) => {
        const model = modelName(kind, 1);
        const seen = [];
        for (const cell of some) {
          const { face, stream, fault } = cell;
          providers.setFault(cell, model);
          const request = { url, model, prompt: promptOf(cell), stream, limitMs: LIMIT_MS };
          const [mine, official] = await Promise.all([
            ask({ ...request, face, key: 'any' }),
            askOfficially({ ...request, face: face.name }),
          ]);
          const title = `${face.name}, ${stream ? 'streamed' : 'plain'}, ${kind.name}, ${fault.name}`;
          seen.push({ mine: [title, essenceOf(mine)], official: [title, essenceOf(official)] });
        }
        return seen;
      });
      const seen = (await Promise.all(runs)).flat();
      expect(seen.map(({ mine }) => mine)).to.deep.equal(seen.map(({ official }) => official));
      expect(seen.length).to.be.greaterThan(250);
    } finally {
      await providers.close();
    }
  });
});
