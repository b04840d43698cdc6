/** The charts, the failures and the try of the status page, in a real Chromium. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Page } from 'playwright-core';
import { pageTest, says, textOf } from './page-test.ts';
import { failure, failures, hour } from './scripted-answers.ts';

/** What stands above each chart. */
const readings = (page: Page) => page.locator('.chart figcaption').allInnerTexts();

/** How many pixels of each chart have the tint of what is approximate. */
const tinted = `[...document.querySelectorAll('.chart canvas')].map((canvas) => {
  const tint = getComputedStyle(document.getElementById('approximate-sign')).backgroundColor.match(/\\d+/g).map(Number);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 255 && tint.every((value, channel) => data[at + channel] === value)) count += 1;
  }
  return count;
})`;

describe('the charts of the last hour', () => {
  const test = pageTest();

  it('show the values of one time in all charts, by mouse', async () => {
    const { page } = await test.open();
    await page.locator('.chart').nth(5).waitFor();
    await says(page, '#time-text', 'latest');
    const latest = await readings(page);
    expect(latest).to.have.length(6);
    for (const [index] of latest.entries()) {
      const plot = page.locator('.chart .u-over').nth(index);
      await plot.hover({ position: { x: 100 + 20 * index, y: 40 } });
      await page.locator('#time-text:not(:has-text("latest"))').waitFor();
      const there = await readings(page);
      for (const [chart, text] of there.entries()) {
        expect(text, `chart ${chart} while the mouse is on ${index}`).to.match(/\d/);
        if (chart !== 1) expect(text).to.not.equal(latest[chart]);
      }
      await page.mouse.move(5, 5);
      await says(page, '#time-text', 'latest');
    }
  });

  it('show them by keyboard, and tell them to screen readers', async () => {
    const { page } = await test.open();
    await page.locator('.chart').nth(5).waitFor();
    await page.locator('#time').focus();
    for (let step = 0; step < 80; step += 1) await page.keyboard.press('ArrowLeft');
    const words = await page.locator('#time').getAttribute('aria-valuetext');
    expect(words).to.match(/^\d\d:\d\d:\d\d [+−]\d\d:\d\d; requests \d+/);
    const { errors } = hour().series;
    const shown = Math.round((errors.provider[359 - 80] ?? 0) * 10) / 100;
    expect((await readings(page))[1]).to.contain(`provider ${shown}`);
  });

  it('mark what is approximate, and say what that means', async () => {
    const { page } = await test.open();
    await page.locator('.chart').nth(5).waitFor();
    expect(await page.locator('#approximate').isVisible()).to.equal(false);
    const before = await page.evaluate(tinted);
    const { approximate, ...rest } = hour();
    test.admin.history = { ...rest, approximate: approximate.map((_, step) => step > 200 && step < 260) };
    await page.locator('#history-of').selectOption('fast');
    await says(page, '#approximate', 'Approximate: what was served there is known as a total only');
    expect(await page.locator('.plot').first().getAttribute('aria-label')).to.contain('in part approximate');
    const after = (await page.evaluate(tinted)) as number[];
    for (const [chart, pixels] of after.entries()) expect(pixels, `chart ${chart}`).to.be.above(1000);
    expect(before).to.deep.equal([0, 0, 0, 0, 0, 0]);
    await page.locator('#time').focus();
    for (let step = 0; step < 120; step += 1) await page.keyboard.press('ArrowLeft');
    await says(page, '#time-text', ', approximate');
    expect(await page.locator('#time').getAttribute('aria-valuetext')).to.match(/, approximate; requests \d/);
    await page.keyboard.press('End');
    expect(await page.locator('#time').getAttribute('aria-valuetext')).to.not.contain('approximate');
  });

  it('are of the gateway, a model or a provider', async () => {
    const { page } = await test.open();
    await page.locator('.chart').nth(5).waitFor();
    await page.locator('#history-of').selectOption('azure-eu');
    test.admin.history = hour(10);
    await page.locator('#history-of').selectOption('fast');
    await page
      .locator('.chart')
      .first()
      .filter({ hasText: /requests \d{3}/ })
      .waitFor();
    // Between the two it may have asked again for what it showed then.
    const asked = test.admin.histories.filter((url, index, all) => url !== all[index - 1]);
    expect(asked).to.deep.equal(['/api/history', '/api/history?provider=azure-eu', '/api/history?model=fast']);
  });
});

describe('the last failures', () => {
  const test = pageTest();

  it('come as they happen, before those that stand, whose selection stays', async () => {
    const { page } = await test.open();
    await says(page, '#failures-note', '40 failures');
    await page.evaluate('getSelection().selectAllChildren(document.querySelectorAll("tr.failure")[1])');
    const selected = await page.evaluate('getSelection().toString()');
    expect(selected).to.contain('req-');
    for (let count = 0; count < 3; count += 1) test.admin.send('failure', { type: 'failure', ...failure() });
    await says(page, '#failures-note', '43 failures');
    expect(await page.evaluate('getSelection().toString()')).to.equal(selected);
    const isFifth = 'document.querySelectorAll("tr.failure")[4].contains(getSelection().anchorNode)';
    expect(await page.evaluate(isFifth)).to.equal(true);
  });

  it('are 200 at most, and name how many were withheld', async () => {
    test.admin.errors = { failures: failures(200), withheld: 17 };
    const { page } = await test.open();
    await says(page, '#failures-note', '200 failures; 17 more were too many to keep');
    test.admin.send('failure', { type: 'failure', ...failure() });
    await page.getByRole('button', { name: 'Show all 200 failures' }).click();
    expect(await page.locator('tr.failure').count()).to.equal(200);
  });

  it('keep what is rare in a flood that comes while the page is open', async () => {
    test.admin.errors = { failures: [failure({ code: 'provider_auth', owner: 'gateway' })], withheld: 0 };
    const { page } = await test.open();
    await says(page, '#failures-note', '1 failure');
    for (let count = 0; count < 210; count += 1) test.admin.send('failure', { type: 'failure', ...failure() });
    await says(page, '#failures-note', '200 failures');
    await page.locator('#failures-owner').selectOption('gateway');
    await says(page, '#failures-note', '1 of 200 failures');
  });

  it('are found by a provider to which they were not sent, with why', async () => {
    const leftOut = 'azure-eu=circuit-open(12s)';
    const unasked = { provider: 'unknown', providers: ['azure-eu'], upstreamModel: null, trail: '', leftOut };
    test.admin.errors = { failures: [failure({ ...unasked, code: 'circuit_open' })], withheld: 0 };
    const { page } = await test.open();
    await page.locator('#failures-provider').selectOption('azure-eu');
    const row = await page.locator('tr.failure').innerText();
    for (const part of ['azure-eu, not asked', `left out: ${leftOut}`]) expect(row).to.contain(part);
    expect(await textOf(page, '#failures-kinds')).to.contain('circuit_open · azure-eu');
  });

  it("carry their offset, and the date unless that is today by the gateway's clock", async () => {
    test.admin.status.timeZone = 'Asia/Kolkata';
    const at = new Date(Date.now() - 72 * 3_600_000).toISOString();
    const words = new Date(Date.parse(at) + 5.5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    test.admin.errors = {
      failures: [failure({ at: new Date().toISOString(), code: 'time_limit' }), failure({ at })],
      withheld: 0,
    };
    const { page } = await test.open({ timezoneId: 'America/New_York' });
    await says(page, 'tr.failure:last-child time', words);
    expect(await page.locator('tr.failure:first-child time').innerText()).to.match(/^\d\d:\d\d:\d\d \+05:30$/);
    const kinds = await page.locator('#failures-kinds li').allInnerTexts();
    expect(kinds.filter((kind) => kind.includes(`last at ${words}`))).to.have.length(1);
  });

  it('are chosen by model, provider and owner, and tell trail, cause, cure and ids', async () => {
    const { page } = await test.open();
    await says(page, '#failures-note', '40 failures');
    await page.locator('#failures-owner').selectOption('policy');
    await says(page, '#failures-note', 'of 40 failures');
    const owners = await page.locator('tr.failure .owner').allInnerTexts();
    expect(new Set(owners)).to.deep.equal(new Set(['policy']));
    await page.locator('#failures-owner').selectOption('');
    await page.locator('#failures-provider').selectOption('azure-eu');
    const row = await page.locator('tr.failure').first().innerText();
    for (const part of ['provider_error', 'ECONNRESET', 'azure-eu=500(412ms)', 'req-', 'a9f1c0de', 'gpt-5-mini'])
      expect(row).to.contain(part);
    expect(await textOf(page, '#failures-kinds')).to.contain('Look at the status page of azure-eu');
  });

  it("say what of the operator's settings is wrong, where the owner is the gateway", async () => {
    const refused = { owner: 'gateway', code: 'provider_auth', operator: 'the key of azure-eu' } as const;
    test.admin.errors = { failures: [failure({ ...refused, cure: 'Check it.' })], withheld: 0 };
    const { page } = await test.open();
    await says(page, 'tr.failure', 'operator: the key of azure-eu');
    expect(await page.locator('tr.failure .owner').innerText()).to.equal('gateway');
    expect(await textOf(page, '#failures-kinds')).to.contain('For the operator: the key of azure-eu. Check it.');
  });
});

describe('the try', () => {
  const test = pageTest();
  const chunk = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;

  it('sends a prompt and shows the stream, the trail and the ids', async () => {
    test.admin.tryAnswer = {
      status: 200,
      headers: {
        'content-type': 'text/event-stream',
        'x-headgate-attempts': 'azure-eu=500(12ms), openai=200',
        'x-request-id': 'req-try-1',
      },
      parts: [chunk('Hel'), chunk('lo <b>you</b>'), 'data: [DONE]\n\n'],
    };
    const { page } = await test.open();
    await page.locator('#try-model').selectOption('large');
    await page.getByLabel('Prompt').fill('Say "hi"');
    await page.getByRole('button', { name: 'Send the prompt' }).click();
    await says(page, '#try-state', 'The answer is complete.');
    expect(await textOf(page, '#try-text')).to.equal('Hello <b>you</b>');
    expect(await page.locator('#try-raw').inputValue()).to.contain('data: [DONE]');
    expect(await textOf(page, '#try-facts'))
      .to.contain('azure-eu=500(12ms), openai=200')
      .and.contain('req-try-1');
    const body = { model: 'large', messages: [{ role: 'user', content: 'Say "hi"' }], stream: true };
    expect(test.admin.tries).to.deep.equal([{ path: '/v1/chat/completions', body }]);
  });

  it('asks for a key where the gateway does, and shows an error in its words', async () => {
    test.admin.config.values = [];
    test.admin.tryAnswer = {
      status: 401,
      headers: { 'content-type': 'application/json' },
      parts: [JSON.stringify({ error: { message: 'a client key is needed' } })],
    };
    const { page } = await test.open();
    await says(page, '#link', 'live');
    expect(await page.getByLabel('Client key').isVisible()).to.equal(false);
    await page.getByRole('button', { name: 'Send the prompt' }).click();
    await says(page, '#try-state', 'a client key is needed');
    await page.getByLabel('Client key').fill('hg-secret');
    await page.getByRole('button', { name: 'Send the prompt' }).click();
    await page.waitForFunction('document.querySelector("#try-stop").hidden');
    expect(test.admin.tries.at(-1)?.key).to.equal('hg-secret');
    const programs = await textOf(page, '#snippets');
    expect(programs).to.contain('HEADGATE_KEY');
    expect(programs).to.not.contain('hg-secret');
  });

  it('gives the same request to copy, as curl, Python and TypeScript', async () => {
    const { page } = await test.open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await says(page, '#link', 'live');
    await page.getByLabel('Prompt').fill(`It's "quoted"`);
    for (const [name, part] of [
      ['curl', `curl -N http://127.0.0.1:8080/v1/chat/completions`],
      ['Python', 'OpenAI(base_url="http://127.0.0.1:8080/v1"'],
      ['TypeScript', `new OpenAI({ baseURL: 'http://127.0.0.1:8080/v1'`],
    ]) {
      await page.getByRole('button', { name: `Copy the ${name} code` }).click();
      await page.locator('button.copy', { hasText: 'Copied' }).first().waitFor();
      const copied = String(await page.evaluate('navigator.clipboard.readText()'));
      expect(copied).to.contain(part);
      expect(copied.replaceAll("'\\''", "'")).to.contain(`It's \\"quoted\\"`);
    }
  });
});
