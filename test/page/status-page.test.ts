/** The status page in a real Chromium, against answers that the test sets: what each state of the gateway looks like. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { pageTest, says, textOf } from './page-test.ts';
import { change, inSeconds, pageStatus, warnStatus, wellStatus } from './scripted-answers.ts';

describe('the status page', () => {
  const test = pageTest();

  it('says on top, in its title and in its icon that all is well', async () => {
    const { page } = await test.open();
    await says(page, '#verdict-sentence', 'Well.');
    expect(await page.title()).to.equal('✓ Well. · gw-fra-1 · Headgate');
    expect(await page.locator('#icon').getAttribute('href')).to.contain('138a62');
    expect(await textOf(page, '.where'))
      .to.contain('127.0.0.1:8080')
      .and.contain('gw-fra-1')
      .and.contain('0.1.0');
    expect(await page.locator('#findings li').count()).to.equal(0);
    expect(await textOf(page, '#link')).to.equal('live');
  });

  it('works below a path of a proxy, and asks for nothing beside it', async () => {
    const { page } = await test.open({}, '/below/');
    await says(page, '#verdict-sentence', 'Well.');
    await page.locator('.chart').nth(5).waitFor();
    await page.locator('#reload').click();
    await says(page, '#notice', 'Configuration 4 is in force');
    expect(test.admin.commands).to.deep.equal(['/api/reload']);
    expect(test.admin.askers).to.deep.equal(['page']);
    expect(await page.locator('a', { hasText: 'Metrics' }).getAttribute('href')).to.equal('metrics');
  });

  it('names what is left out in a warning, with its cure and the place in the runbook', async () => {
    const warned = warnStatus();
    const [finding] = warned.verdict.findings;
    if (finding !== undefined) finding.cure = 'Run `headgate explain fast`, or reset azure-eu once it works again.';
    for (const each of warned.traffic.attempts) if (each.provider === 'azure-eu') each.failedShare = 0.4;
    test.admin.status = warned;
    const { page } = await test.open();
    await says(page, '#verdict-sentence', 'the circuit of azure-eu/gpt-5-mini is open');
    expect(await page.locator('#findings code').first().innerText()).to.equal('headgate explain fast');
    expect(await page.locator('tbody.model tr').nth(1).innerText()).to.match(/attempts 40\s%/);
    expect(await page.title()).to.match(/^! fast: the circuit of azure-eu/);
    expect(await textOf(page, '#findings')).to.contain('reset azure-eu once it works again');
    expect(await textOf(page, '#findings')).to.contain('deploy/alerts.md#headgatetargetcircuitopen');
    const rows = page.locator('tbody.model tr');
    expect(await rows.nth(1).innerText()).to.match(/azure-eu[\s\S]*circuit open, probe in \d+[\s\S]*Reset azure-eu/);
    expect(await rows.nth(5).innerText()).to.match(/openai[\s\S]*cooling down, 23\ss left/);
  });

  it('says whom to page for, and counts errors by their owner', async () => {
    test.admin.status = pageStatus();
    const { page } = await test.open();
    await says(page, '#verdict-sentence', 'fast: no target left');
    expect(await page.title()).to.match(/^‼ fast: no target left/);
    expect(await page.locator('#icon').getAttribute('href')).to.contain('d02c3c');
    expect(await page.locator('#verdict').getAttribute('data-level')).to.equal('page');
    expect(await page.locator('#findings li').count()).to.equal(2);
    expect(await page.locator('tbody.model tr').first().innerText()).to.match(/provider 25\s%[\s\S]*client 0\.4\s%/);
  });

  it('tells screen readers of a new verdict, but not of each new number in it', async () => {
    const { page } = await test.open();
    await says(page, '#announcer', 'Well.');
    test.admin.status = pageStatus();
    await says(page, '#announcer', 'Act now: fast: no target left, 25 %');
    test.admin.status.verdict.sentence = 'fast: no target left, 31 % of requests fail since 14:02, provider azure-eu';
    await says(page, '#verdict-sentence', '31 %');
    expect(await page.locator('#announcer').textContent()).to.contain('25 %');
  });

  it('greys what grows old, says how old it is and why, and comes back by itself', async () => {
    const { page } = await test.open();
    await says(page, '#link', 'live');
    test.admin.fallSilent();
    await says(page, '#stale', 'silent');
    expect(await page.locator('#page').getAttribute('data-stale')).to.equal('');
    expect(await textOf(page, '#models')).to.contain('azure-eu');
    expect(await textOf(page, '#verdict-age')).to.match(/^· as it was \d+\ss ago$/);
    const inks = `['#verdict-sentence', '#total-requests', '#models .title', '#models td.number'].map(
      (each) => getComputedStyle(document.querySelector(each)).color)`;
    expect(new Set(await page.evaluate<string[]>(inks))).to.deep.equal(new Set(['rgb(88, 98, 114)']));

    test.admin.takesWatchers = false;
    test.admin.refusals.set('/api/status', { status: 500, message: 'not now' });
    test.admin.cut();
    await says(page, '#stale', 'there are 32 watchers already');
    expect(await textOf(page, '#stale')).to.match(/What you see is \d+\ss old/);
    await says(page, '#link', 'no connection');
    expect(await page.title()).to.match(/^\? No connection/);

    test.admin.takesWatchers = true;
    test.admin.refusals.clear();
    test.admin.sendEvery(100);
    await says(page, '#link', 'live');
    await page.locator('#page:not([data-stale])').waitFor();
    expect(await page.title()).to.match(/^✓ Well/);
  });

  it('waits longer before each new connection, and connects at once where that is asked for', async () => {
    const { page } = await test.open();
    await says(page, '#link', 'live');
    test.admin.takesWatchers = false;
    test.admin.cut();
    await says(page, '#stale', `trying again in 4`);
    test.admin.takesWatchers = true;
    await page.getByRole('button', { name: 'Connect now' }).click();
    await page.locator('#stale').waitFor({ state: 'hidden', timeout: 2_000 });
  });

  it('keeps a refused reload in sight, with its lines, until a good one', async () => {
    const problems = ['headgate.yaml:9:5 providers.openai.type: should be one of openai, azure, got "opnai"'];
    const refused = { at: inSeconds(-30), by: 'SIGHUP', successful: false, changes: [], problems };
    test.admin.status.config = { ...wellStatus().config, lastReloadSuccessful: false, lastReload: refused };
    const { page } = await test.open();
    await says(page, '#reload-refused', 'The last reload was refused at');
    expect(await textOf(page, '#reload-refused'))
      .to.contain('asked for by SIGHUP')
      .and.contain('headgate.yaml:9:5');
    const good = {
      at: inSeconds(0),
      by: 'SIGHUP',
      successful: true,
      changes: ['timeouts.headers: 30s → 10s'],
      problems: [],
    };
    test.admin.status.config = { ...wellStatus().config, version: 4, lastReload: good };
    await page.locator('#reload-refused').waitFor({ state: 'hidden' });
    await says(page, '#last-reload', 'by SIGHUP:');
    expect(await textOf(page, '#reload-changes')).to.equal('timeouts.headers: 30s → 10s');
  });

  it('shows the values in force with the lines that they come from', async () => {
    const { page } = await test.open();
    await page.locator('#config-values summary').click();
    await page.locator('#config-find').fill('azure');
    await says(page, '#config-count', '2 of 5 values');
    await page.locator('#config-find').fill('');
    await says(page, '#config-count', '3 of 5 values');
    await page.getByLabel('with defaults').check();
    await says(page, '#config-count', '5 of 5 values');
    expect(await textOf(page, '#config'))
      .to.contain('headgate.yaml:13:14')
      .and.contain('•••');
  });

  it('tells how long certificates last, and gives addresses with TLS', async () => {
    const days = 12 * 86_400 + 60;
    test.admin.status.listeners.gateway = { host: '127.0.0.1', port: 8443, tls: true };
    test.admin.status.certificates = [
      { port: 'gateway', expiresAt: inSeconds(days), problem: 'the key is another one' },
    ];
    const { page } = await test.open();
    await says(page, '#certificates', 'Certificate of the data port: until');
    expect(await textOf(page, '#certificates')).to.match(/12\sd left; .* the key is another one/);
    expect(await textOf(page, '#snippets')).to.contain('https://127.0.0.1:8443/v1');
  });

  it('replaces workers only after a yes, and shows how far that is', async () => {
    const { page } = await test.open();
    await says(page, '#link', 'live');
    const button = page.getByRole('button', { name: 'Replace all workers' });
    await button.click();
    const dialog = page.getByRole('dialog', { name: 'Replace all workers?' });
    expect(await dialog.innerText()).to.contain('4 workers will be replaced one after the other');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(test.admin.commands).to.deep.equal([]);
    await button.click();
    await dialog.getByRole('button', { name: 'Replace 4 workers' }).click();
    await says(page, '#notice', 'All workers were replaced.');
    expect(test.admin.commands).to.deep.equal(['/api/restart']);
    test.admin.status.roll = { startedAt: inSeconds(-3), replaced: 1, of: 4, problem: null };
    await says(page, '#roll-text', '1 of 4 done');
    await page.locator('#roll[aria-disabled="true"]').click({ force: true });
    expect(await dialog.isVisible(), 'a second one is not offered meanwhile').to.equal(false);
    const reason = `document.getElementById(document.getElementById('roll').getAttribute('aria-describedby')).textContent`;
    expect(await page.evaluate(reason)).to.match(/^Replacing workers since .*: 1 of 4 done$/);
    expect(await page.getByRole('progressbar', { name: 'Workers replaced' }).getAttribute('value')).to.equal('1');
    test.admin.status.roll = { ...test.admin.status.roll, problem: 'worker 2 did not become ready' };
    await says(page, '#roll-text', 'stopped after 1 of 4: worker 2 did not become ready');
    await page.locator('#roll:not([aria-disabled], [aria-describedby])').click();
    await dialog.waitFor();
  });

  it('says in words what could not be done', async () => {
    test.admin.refusals.set('/api/reload', { status: 422, message: 'headgate.yaml:3:1 a tab is no indentation' });
    const { page } = await test.open();
    await page.getByRole('button', { name: 'Reload configuration' }).click();
    await says(page, '#notice', 'The configuration was not reloaded: headgate.yaml:3:1 a tab is no indentation');
  });

  it('asks to be loaded again under a gateway of another version, and draws what it can', async () => {
    const { page } = await test.open();
    await says(page, '#verdict-sentence', 'Well.');
    const status = { ...warnStatus(), version: '0.0.9' };
    for (const field of ['listeners', 'traffic']) Reflect.deleteProperty(status, field);
    test.admin.status = status;
    await says(page, '#other-version', 'another version now');
    await says(page, '#verdict-sentence', 'the circuit of azure-eu/gpt-5-mini is open');
  });

  it('says of each section why it could not be had', async () => {
    for (const path of ['/api/history', '/api/errors', '/api/config'])
      test.admin.refusals.set(path, { status: 500, message: `no ${path} now` });
    const { page } = await test.open();
    await says(page, '#history-note', 'no /api/history now');
    await says(page, '#failures-note', 'no /api/errors now');
    await says(page, '#config-note', 'no /api/config now');
  });

  it('is plain in a browser without JavaScript: the verdict, findings with their cures, and figures', async () => {
    test.admin.status = pageStatus();
    change(test.admin.status.circuits, 0, { provider: '<img src=x>' });
    const refused = { at: inSeconds(-30), by: 'SIGHUP', successful: false, changes: [], problems: ['a.yaml:9:5 <b>'] };
    test.admin.status.config = { ...wellStatus().config, lastReloadSuccessful: false, lastReload: refused };
    const { page } = await test.open({ javaScriptEnabled: false });
    const text = await textOf(page, 'noscript');
    expect(text).to.contain('Host gw-fra-1, version 0.1.0, data port 127.0.0.1:8080');
    expect(await textOf(page, 'noscript h2')).to.match(/^Act now: fast: no target left/);
    const { findings } = test.admin.status.verdict;
    const items = await page.locator('noscript ol li').allInnerTexts();
    expect(items).to.have.length(findings.length);
    for (const [index, { sentence, cure }] of findings.entries())
      expect(items[index])
        .to.match(/since \d\d:\d\d/)
        .and.contain(sentence)
        .and.contain(cure);
    expect(text).to.contain('a.yaml:9:5 <b>').and.contain('<img src=x>');
    const rows = await page.locator('noscript table').first().locator('tr').allInnerTexts();
    expect(rows[1]).to.match(/^fast\s.*provider 25 %.*\sms\s.*\sms/);
    expect(rows.join('\n')).to.contain('anthropic / claude-sonnet-4-5');
    expect(await page.locator('noscript table').count()).to.equal(2);
    expect(await page.locator('noscript img').count()).to.equal(0);
  });
});
