/** `headgate errors`: its text, what it says to a pipe, and that it goes on over the end of a primary. */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { lineWith } from '../../../scripts/processes/line-with.ts';
import type { FailureAnswer } from '../../../src/cli/errors-answer.ts';
import { FailureLines, someOf } from '../../../src/cli/failure-lines.ts';
import { CommandError } from '../../../src/cli/failures.ts';
import { followFailures } from '../../../src/cli/follow-failures.ts';
import { describeFailure } from '../../../src/primary/failures/failure.ts';
import type { FailureReport } from '../../../src/shared/failure-report.ts';
import { Workplace } from '../../helpers/command.ts';
import { failureReport } from '../../helpers/failure-reports.ts';

const failure = (fields: Partial<FailureReport> = {}): FailureAnswer => ({
  ...describeFailure(failureReport(fields), 0),
});
const nowMs = failureReport().atMs;

describe('the text of failures', () => {
  const id = '0b5f0f8e-7a55-4a0c-8f5c-3d6f6b5c1d2e';

  it('fits 80 columns, whatever the names and however many attempts', () => {
    const lines = new FailureLines(0, nowMs);
    const failures = [
      failure({ id }),
      failure({
        id,
        model: 'a-model-with-a-name-that-is-long',
        provider: 'a-provider-as-long',
        code: 'previous_response_not_found',
      }),
      failure({
        id,
        cause: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        trail: Array(9).fill('provider-one=error(1234ms)').join(', '),
      }),
      failure({ id, provider: 'unknown', trail: '', code: 'unsupported_transfer_coding' }),
    ];
    const all = [
      ...lines.head('4 failed requests'),
      ...failures.flatMap((each) => lines.of(each)),
      ...lines.cures(failures),
    ];
    for (const line of all) expect(line.length, line).to.be.at.most(80);
  });

  it('says time, model, provider, owner and code, and beneath them cause, trail and id', () => {
    const lines = new FailureLines(80, nowMs);
    const [row = '', ...details] = lines.of(failure({ id, cause: 'ECONNRESET', trail: 'a=reset(3ms), b=500(12ms)' }));
    expect(row).to.match(/^\d\d:\d\d:\d\d[+-]\d\d:\d\d {2}fast +openai +provider {2}provider_error$/);
    expect(details.join(' ').replace(/\s+/g, ' ').trim()).to.equal(`ECONNRESET a=reset(3ms) → b=500(12ms) ${id}`);
    expect(lines.head('1 failed request')[0]).to.equal('1 failed request, newest last');
  });

  it('is of some of each kind where they are too many, so that what they follow from is seen', () => {
    const cause = failure({ id: 'cause', atMs: nowMs - 60_000 });
    const after = Array.from({ length: 50 }, (_, age) =>
      failure({ id: `a-${age}`, atMs: nowMs - age, provider: 'unknown', trail: '', code: 'circuit_open' }),
    );
    const some = someOf([...after, cause], 20).map(({ id }) => id);
    expect(some).to.deep.equal([...after.slice(0, 19).map(({ id }) => id), 'cause']);
  });

  it('says why targets were left out', () => {
    const leftOut = 'openai=circuit-open(12s), anthropic=key-refused(40s)';
    const [, ...details] = new FailureLines(80, nowMs).of(failure({ id, trail: '', leftOut }));
    const text = details.join(' ').replace(/\s+/g, ' ').trim();
    expect(text).to.equal(`asked no provider left out: openai=circuit-open(12s) anthropic=key-refused(40s) ${id}`);
  });

  it('says what to do about a code for each cure that it has', () => {
    const failures = ['a', 'b'].map((name) => failure({ trail: '', leftOut: `${name}=key-refused(1s)` }));
    expect(new FailureLines(200, nowMs).cures(failures).map((line) => line.split(': ')[1])).to.deep.equal(['a', 'b']);
  });

  it('puts the date above the failures of another day', () => {
    const lines = new FailureLines(80, nowMs);
    const [first = '', second = ''] = lines.of(failure({ atMs: nowMs - 48 * 3_600_000 }));
    expect(first).to.match(/^on \d{4}-\d\d-\d\d$/);
    expect(second).to.match(/^\d\d:/);
    expect(lines.of(failure({ atMs: nowMs - 48 * 3_600_000 }))[0]).to.match(/^\d\d:/);
    expect(lines.of(failure())[0]).to.match(/^on /);
  });

  it('says once for each code what to do, the most frequent first', () => {
    const failures = [failure({ code: 'provider_auth' }), failure(), failure()];
    const cures = new FailureLines(200, nowMs).cures(failures);
    expect(cures.map((line) => line.split(':')[0])).to.deep.equal([
      'provider_error (2 times)',
      'provider_auth (1 time)',
    ]);
  });
});

describe('failures that are followed', () => {
  it('go on over the end of a primary, none twice and none missed', async () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => failure({ id }));
    const said: string[] = [];
    const lost: string[] = [];
    const event = (one: FailureAnswer | undefined, withheld = 0) =>
      `data: ${JSON.stringify({ type: 'failure', ...one, withheld })}`;
    // A list and what follows it for each connection; null: nothing answers.
    const primaries = [
      { list: [b, a], lines: [': live', event(b), 'data: {"type":"rates"}', event(c, 4)] },
      null,
      null,
      { list: [d], lines: [': live', event(d)] },
    ];
    let now: (typeof primaries)[number] = null;
    const end: unknown = await followFailures({
      client: {
        get: async () => ({ failures: now?.list ?? [], withheld: 0 }),
        async *lines() {
          now = primaries.shift() ?? null;
          if (now === null) throw new CommandError('nothing answers');
          yield* now.lines;
        },
      },
      said: a === undefined ? [] : [a],
      failed: ({ id }, withheld) => said.push(`${id} ${withheld}`),
      lost: (why) => lost.push(why),
      wait: async () => {
        if (primaries.length === 0) throw new Error('the test is over');
      },
    }).catch((error: unknown) => error);
    expect(end).to.have.property('message', 'the test is over');
    expect(said).to.deep.equal(['b 0', 'c 4', 'd 0']);
    expect(lost).to.deep.equal(['nothing answers']);
  });
});

describe('the errors command', () => {
  const place = new Workplace();
  let admin: readonly string[] = [];
  let url = '';

  before(async () => {
    const child = place.start(['serve', '--demo', '--port', '0', '--admin-port', '0', '--workers', '1']);
    const { port, adminPort } = JSON.parse(await lineWith(child.stdout, '"serving"'));
    admin = ['--admin-port', String(adminPort)];
    url = `http://127.0.0.1:${port}`;
  });
  after(() => place.leave());

  it('says that there are none, and what then', async () => {
    const { code, stdout } = await place.run(['errors', ...admin]);
    expect(stdout).to.match(/^No request has failed since the primary started\.\n.*--follow/);
    expect(code).to.equal(0);
    const filtered = await place.run(['errors', '--owner', 'client', ...admin]);
    expect(filtered.stdout).to.include('leave a filter out');
  });

  it('prints those that come as lines of JSON, and all as a table or one document', async () => {
    const follow = place.start(['errors', '--follow', '--json', '--code', 'model_not_found', ...admin]);
    const body = JSON.stringify({ model: 'no-such-model', messages: [{ role: 'user', content: 'hello' }] });
    const headers = { 'content-type': 'application/json', 'x-request-id': 'the-id' };
    await (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })).arrayBuffer();
    const line = JSON.parse(await lineWith(follow.stdout, 'the-id'));
    expect(line).to.include({ type: 'failure', id: 'the-id', owner: 'client', code: 'model_not_found', trail: '' });
    follow.kill('SIGINT');
    const { stdout } = await place.run(['errors', ...admin]);
    expect(stdout).to.match(/other +unknown +client {4}model_not_found\n {16}asked no provider {2}the-id\n/);
    expect(stdout).to.include('model_not_found (1 time): Configure the model');
    const document = JSON.parse((await place.run(['errors', '--json', '--limit', '1', ...admin])).stdout);
    expect(document.failures).to.have.length(1);
    expect(document.withheld).to.equal(0);
  });

  it('ends quietly when its reader has left', async () => {
    const child = place.start(['errors', ...admin]);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  });

  it('names the flag that it cannot read', async () => {
    const { code, stderr } = await place.run(['errors', '--limit', '1000', ...admin]);
    expect(stderr).to.equal('headgate: --limit should be a number from 1 to 200, got "1000"\n');
    expect(code).to.equal(1);
  });
});
