/** `headgate errors --follow` in front of processes that end: it outlives a primary, and ends with its own reader. */
import { once } from 'node:events';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { lineWith } from '../../scripts/processes/line-with.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { Workplace } from '../helpers/command.ts';
import { OneProvider } from '../helpers/one-provider.ts';

describe('errors that are followed', () => {
  const provider = new OneProvider();
  provider.use();
  let place: Workplace | null = null;

  afterEach(async () => {
    await place?.leave();
    place = null;
  });

  async function fail(gateway: RunningGateway): Promise<string> {
    provider.control.setFault({ kind: 'status', status: 400, times: 1 });
    const answer = await gateway.complete();
    expect(answer.status).to.equal(400);
    return answer.headers.get('x-request-id') ?? '';
  }

  it('go on after the death of the primary, with those of its successor', async () => {
    const gateway = await startGateway(provider.config);
    place = new Workplace();
    const follow = place.start(['errors', '--follow', '--json', '--admin-port', String(gateway.adminPort)]);
    let [out, errors] = ['', ''];
    follow.stdout.on('data', (chunk) => {
      out += chunk;
    });
    follow.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const shows = (id: string) => eventually(`${id} is shown`, () => out.includes(id));
    const first = await fail(gateway);
    await shows(first);
    gateway.signal('SIGKILL');
    await eventually('it says that nothing answers', () => errors.includes('it is asked again each second'));
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    await eventually('only its own workers serve', async () => (await successor.settled(2)).length === 2);
    const second = await fail(successor);
    await shows(second);
    const ids = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(ids.filter((id) => id === first || id === second)).to.deep.equal([first, second]);
    // Once that the connection broke, where it saw that, and once that nothing answers.
    expect(errors.trim().split('\n').length, errors).to.be.within(1, 2);
    follow.kill('SIGINT');
  });

  it('end quietly when nobody reads them any more', async () => {
    const gateway = await startGateway(provider.config);
    place = new Workplace();
    const follow = place.start(['errors', '--follow', '--admin-port', String(gateway.adminPort)]);
    let errors = '';
    follow.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    await lineWith(follow.stdout, 'Waiting for some.');
    follow.stdout.destroy();
    const closed = once(follow, 'close');
    await fail(gateway);
    expect(await closed).to.deep.equal([0, null]);
    expect(errors).to.equal('');
  });
});
