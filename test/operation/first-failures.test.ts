/**
 * The first failures of a gateway, in front of a real Prometheus: though all of them come between two scrapes, the panels
 * of errors have them, whose codes nothing has counted before.
 */
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { isInstalled } from '../../scripts/processes/program.ts';
import { startGateway } from '../../scripts/rig/gateway.ts';
import { endPrometheus, startPrometheus } from '../../scripts/rig/prometheus.ts';
import { dashboardQueries, filledIn } from '../helpers/dashboard.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const FAILURES = 8;
const provider = new OneProvider();
const installed = isInstalled('prometheus');
const withPrometheus = installed ? describe : describe.skip;

withPrometheus(`the first failures${installed ? '' : ' (Prometheus is not installed)'}`, function () {
  this.timeout(60_000);
  provider.use();
  after(() => endPrometheus());

  it('are on the dashboard, with their owner, code and model', async () => {
    const gateway = await startGateway({ ...provider.config, retry: { attempts: 1 } });
    const prometheus = await startPrometheus([gateway.adminPort]);
    provider.control.setFault({ kind: 'status', status: 500 });
    const failed = await Promise.all(Array.from({ length: FAILURES }, async () => (await gateway.complete()).status));
    expect(failed.every((status) => status >= 500)).to.equal(true);
    const atSeconds = await prometheus.nextScrape();

    const queryOf = (panel: string, metric: string) => {
      const found = dashboardQueries.filter(({ title, expr }) => title === panel && expr.includes(metric));
      expect(found, panel).to.have.length(1);
      return filledIn(found[0]?.expr ?? '');
    };
    const errors = await prometheus.query(queryOf('Errors in the time shown', 'errors_total'), atSeconds);
    expect(errors.map(({ labels: { owner, model } }) => `${owner} ${model}`)).to.include('provider gpt-4');
    expect(errors.reduce((sum, { value }) => sum + value, 0)).to.be.within(FAILURES, 2 * FAILURES);

    const byOwner = queryOf('Requests by result, and whose the errors are', 'errors_total');
    const rates = await prometheus.valuesBy('owner', byOwner, atSeconds);
    expect(300 * (rates.provider ?? 0)).to.be.within(FAILURES, 2 * FAILURES);
    expect(rates).to.include({ client: 0, gateway: 0 });

    const share = queryOf('Share that fails through providers or the gateway', 'errors_total');
    expect((await prometheus.valuesBy('model', share, atSeconds))['gpt-4']).to.be.closeTo(1, 0.001);
  });
});
