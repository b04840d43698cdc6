/** Times and shares in sentences are those of what happened, not of the windows that are judged. */
import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { JudgedGateway, NOON_MS, OFFSET } from '../../../helpers/verdict-facts.ts';

let gateway: JudgedGateway;

describe('a sentence of the verdict', () => {
  beforeEach(() => {
    gateway = new JudgedGateway();
  });

  const recent = {
    ...{ model: 'gpt-4', failed: 20, answered: 20, answeredSince: 0, isOver: false },
    ...{ sinceMs: NOON_MS, provider: 'openai' },
  };

  it('says at the present share what fails since the first failure, though there were answers before it', () => {
    gateway.state = { recent: [recent] };
    expect(gateway.judged().sentence).to.contain('gpt-4: 100 % of requests fail since');
    gateway.state = {};
    gateway.wait(600);
    gateway.judged();
    gateway.count('answered', 'gpt-4', 5);
    gateway.wait(30);
    gateway.count('failed', 'gpt-4', 5);
    gateway.state = { runs: [{ model: 'gpt-4', failures: 5, sinceMs: gateway.wallMs, provider: 'openai' }] };
    expect(gateway.watched(60).sentence).to.equal(
      `gpt-4: 100 % of requests fail since 12:10${OFFSET}, provider openai`,
    );
  });

  it('says since when requests failed, not since when their share is above the bound', () => {
    gateway.count('failed', 'gpt-4', 10);
    gateway.count('answered', 'gpt-4', 100);
    gateway.wait(120);
    gateway.count('answered', 'gpt-4', 500);
    expect(gateway.judged().level).to.equal('well');
    gateway.wait(60);
    gateway.count('failed', 'gpt-4', 40);
    expect(gateway.watched(60).sentence).to.equal(`gpt-4: requests failed since 12:00${OFFSET}, and hardly any now`);
  });

  it('does not say of a model that answers a new primary that its requests fail', () => {
    gateway.count('failed', 'gpt-4', 71);
    gateway.count('answered', 'gpt-4', 29);
    gateway.state = { knowsLastMinute: false };
    const unknown = gateway.watched(60);
    expect([unknown.level, unknown.sentence]).to.deep.equal([
      'page',
      `gpt-4: 71 % of requests failed since 12:00${OFFSET}`,
    ]);
    gateway.state = { knowsLastMinute: false, alive: new Set(['gpt-4']) };
    const { level, sentence } = gateway.judged();
    expect([level, sentence]).to.deep.equal([
      'warn',
      `gpt-4: requests failed since 12:00${OFFSET}, and hardly any now`,
    ]);
  });

  it('says of refused requests that they find no target while they do', () => {
    gateway.count('rejected', 'no_target', 40);
    gateway.wait(100);
    gateway.watched(120);
    gateway.count('rejected', 'no_target', 1);
    expect(gateway.judged().sentence).to.equal(`requests find no target since 12:00${OFFSET}`);
  });
});
