// Launches from the EHR into the view of one patient, in the situations of a hospital.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, contextWithPreferences, freshContext, inFreshContext, startBrowser } from './browser.mjs';
import { approve, deny, launchFirst, launchLinked, openInChart, openInWindow, projectList, signIn, signInToEhr } from './person.mjs';
import { startServers } from './servers.mjs';

// Each test has its own EHR user, so that user links of other tests do not matter.
const USERS = ['early', 'second', 'known', 'late', 'lost', 'blocked', 'banner', 'tabs', 'refuser', 'expired', 'leaver', 'other'];

let servers, browser;

before(async () => {
    servers = await startServers(...USERS.flatMap((user) => ['--login', `${user}:${user}`]));
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

const inFreshBrowser = (name, work) => test(name, () => inFreshContext(browser, work));

inFreshBrowser('with the EHR login first, sign-in, consent and the application\'s login happen in the frame before the view opens', async (page, context) => {
    const patient = await servers.patient('Maeve');
    const frame = await openInChart(page, servers, patient);
    assert.notEqual(new URL(page.url()).hostname, new URL(servers.application).hostname, 'the frame is cross-site');
    await signInToEhr(frame, 'early');
    await approve(frame);
    await frame.getByText('Your EHR user name is early').waitFor();
    await assertAccessible(frame, 'the login within a launch');
    await signIn(frame);
    await projectList(frame).waitFor();
    assert.equal(new URL(frame.url()).pathname, '/view.php');
    assert.equal(await frame.getByRole('navigation').count(), 0, 'no menu in the EHR');
    await frame.getByRole('button', { name: 'Leave EHR view' }).waitFor();
    assert.match(await frame.getByRole('timer').textContent(), /Access ends in \d+ minutes/);
    for (const [title, why] of [['Outcomes survey', /no field for the medical record number/], ['Sleep registry', /turned off/], ['Oncology biobank', /do not have permission/]]) {
        const row = frame.getByRole('row', { name: title });
        assert.match(await row.textContent(), why);
        assert.equal(await row.getByRole('button').count(), 0, `${title} cannot be chosen`);
    }
    await assertAccessible(frame, 'the list of projects');
    const cookies = await context.cookies();
    assert.equal(cookies.length, 1);
    assert.deepEqual([cookies[0].secure, cookies[0].sameSite, cookies[0].httpOnly], [true, 'None', true]);
    assert.equal(new URL(cookies[0].partitionKey).hostname, '127.0.0.1', 'the cookie is partitioned');
});

inFreshBrowser('a second launch needs no login to the application, even in another browser', async (page, context) => {
    const patient = await servers.patient('Maeve');
    await launchFirst(page, servers, patient, 'second');
    const other = await freshContext(browser);
    const frame = await launchLinked(await other.newPage(), servers, patient, 'second');
    assert.match(await frame.getByRole('banner').textContent(), /as study/);
    await other.close();
});

inFreshBrowser('with the application login first, a launch in the same browser asks only for the password to link the accounts', async (page, context) => {
    const patient = await servers.patient('Maeve');
    await page.goto(servers.application);
    await signIn(page);
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
    await openInWindow(page, servers, patient);
    await signInToEhr(page, 'known');
    await approve(page);
    await page.getByText('study is signed in to this application').waitFor();
    await assertAccessible(page, 'the page that links the accounts');
    await page.getByLabel('Password for study').fill('study');
    await page.getByRole('button', { name: 'Yes, link my accounts' }).click();
    await projectList(page).waitFor();
});

inFreshBrowser('a login that expires during a launch is required again, and the launch continues', async (page, context) => {
    const patient = await servers.patient('Wen');
    await page.goto(servers.application);
    await signIn(page);
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
    await openInWindow(page, servers, patient);
    await signInToEhr(page, 'late');
    servers.sql('UPDATE session SET login_until = 0');
    await approve(page);
    await page.getByText('Your EHR user name is late').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Yes, link my accounts' }).count(), 0, 'no user is signed in any more');
    await signIn(page);
    await projectList(page).waitFor();
});

inFreshBrowser('a session that is lost during a launch gives an error, and the next launch works', async (page, context) => {
    const patient = await servers.patient('Wen');
    const frame = await openInChart(page, servers, patient);
    await signInToEhr(frame, 'lost');
    servers.sql('DELETE FROM session');
    await approve(frame);
    await frame.getByRole('alert').waitFor();
    assert.match(await frame.getByRole('heading', { level: 1 }).textContent(), /The launch failed/);
    assert.equal(servers.sql("SELECT COUNT(*) AS n FROM ticket WHERE kind = 'view' AND browser NOT IN (SELECT browser FROM session)").length, 1);
    await assertAccessible(frame, 'a launch that failed');
    await launchFirst(page, servers, patient, 'lost');
});

test('with third-party cookies blocked, the partitioned cookie is kept and the launch works in the frame', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fhir-ehr-browser-'));
    const context = await contextWithPreferences(folder, { profile: { cookie_controls_mode: 1, block_third_party_cookies: true } });
    try {
        const page = await context.newPage();
        // Check that the browser really blocks them: an ordinary cookie of the application's site is not kept in the frame.
        const frame = await launchFirst(page, servers, await servers.patient('Maeve'), 'blocked');
        const kept = await frame.evaluate(async () => {
            document.cookie = 'ordinary=1; SameSite=None; Secure';
            return document.cookie;
        });
        assert.equal(kept, '', 'third-party cookies are blocked in this browser');
    } finally {
        await context.close();
        rmSync(folder, { recursive: true, force: true });
    }
});

test('with every cookie in the frame blocked, the application says so and can be opened in a new window', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fhir-ehr-browser-'));
    // The application's site cannot set any cookie in the EHR's page, partitioned or not.
    const blocked = { [`${servers.application},${new URL(servers.ehr).origin}`]: { setting: 2 } };
    const context = await contextWithPreferences(folder, { profile: { cookie_controls_mode: 1, content_settings: { exceptions: { cookies: blocked } } } });
    try {
        const page = await context.newPage();
        const frame = await openInChart(page, servers, await servers.patient('Maeve'));
        await frame.getByRole('heading', { name: 'Your browser blocks cookies' }).waitFor();
        await assertAccessible(frame, 'the page for a browser that blocks cookies');
        const opened = context.waitForEvent('page');
        await frame.getByRole('link', { name: 'Open in a new window' }).click();
        const own = await opened;
        await signInToEhr(own, 'blocked');
        await approve(own);
        await projectList(own).waitFor();
    } finally {
        await context.close();
        rmSync(folder, { recursive: true, force: true });
    }
});

inFreshBrowser('the patient banner is shown only if the launch requires it', async (page, context) => {
    const patient = await servers.patient('Anselmo');
    const banner = (frame) => frame.getByRole('region', { name: "Patient in the EHR's chart" });
    let frame = await launchFirst(page, servers, patient, 'banner', 'study', { banner: '1' });
    assert.match(await banner(frame).textContent(), new RegExp(patient.mrn));
    assert.match(await banner(frame).textContent(), /Długosz/);
    await assertAccessible(frame, 'the view with a banner');
    frame = await launchLinked(page, servers, patient, 'banner', { banner: '0' });
    assert.equal(await banner(frame).count(), 0, 'the EHR shows its own banner');
    assert.ok(!(await frame.content()).includes('Długosz'));
});

inFreshBrowser('a patient name with a script tag is shown as text', async (page, context) => {
    const patient = await servers.patient('<script>');
    const frame = await launchFirst(page, servers, patient, 'other', 'study', { banner: '1' });
    assert.match(await frame.getByRole('region', { name: "Patient in the EHR's chart" }).textContent(), /<script>alert\(1\)<\/script>/);
});

inFreshBrowser('two launches in two tabs keep their own patients', async (page, context) => {
    const [maeve, wen] = [await servers.patient('Maeve'), await servers.patient('Wen')];
    const second = await context.newPage();
    // Both launches run at the same time: the first sign-in renews the session while the second one is at the EHR.
    const first = await openInChart(page, servers, maeve, { banner: '1' });
    await signInToEhr(first, 'tabs');
    const other = await openInChart(second, servers, wen, { banner: '1' });
    await signInToEhr(other, 'tabs');
    await page.bringToFront();
    await approve(first);
    await signIn(first);
    await projectList(first).waitFor();
    await second.bringToFront();
    await approve(other);
    await projectList(other).waitFor();
    const shown = (frame) => frame.getByRole('region', { name: "Patient in the EHR's chart" }).textContent();
    for (const reload of [false, true]) {
        if (reload) {
            await first.evaluate(() => location.reload());
            await projectList(first).waitFor();
        }
        assert.match(await shown(first), new RegExp(maeve.mrn));
        assert.match(await shown(other), new RegExp(wen.mrn));
    }
    const add = (frame) => frame.getByRole('row', { name: 'Heart and metabolism cohort' }).first().getByRole('button').click();
    await add(other);
    await other.getByLabel('Medical record number').waitFor();
    await add(first);
    await first.getByLabel('Medical record number').waitFor();
    assert.equal(await first.getByLabel('Medical record number').inputValue(), maeve.mrn);
    assert.equal(await other.getByLabel('Medical record number').inputValue(), wen.mrn);
    // The record of one patient cannot be opened in the view of the other.
    const record = new URL(other.url()).searchParams.get('record');
    const foreign = new URL(first.url());
    foreign.searchParams.set('record', record);
    await first.goto(foreign.href);
    assert.match(await first.getByRole('alert').textContent(), /does not belong to the patient in the EHR's chart/);
});

inFreshBrowser('a denial on the consent page is shown, and the user is not signed in', async (page, context) => {
    const frame = await openInChart(page, servers, await servers.patient('Maeve'));
    await signInToEhr(frame, 'refuser');
    await deny(frame);
    await frame.getByRole('heading', { name: 'Access was denied' }).waitFor();
    await assertAccessible(frame, 'a denial');
    await page.goto(new URL('/index.php', servers.application).href);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

inFreshBrowser('the view ends with the EHR\'s access, on the screen and on the server', async (page, context) => {
    const frame = await launchFirst(page, servers, await servers.patient('Maeve'), 'expired', 'study', { banner: '1' });
    const address = frame.url();
    // The page's clock is moved to less than two minutes before the end, then past it.
    const clock = await frame.getByRole('timer').getAttribute('data-seconds');
    await frame.evaluate((seconds) => {
        const real = performance.now.bind(performance);
        let ahead = 1000 * (seconds - 90);
        performance.now = () => real() + ahead;
        window.passTheEnd = () => { ahead += 100_000; };
        document.dispatchEvent(new Event('visibilitychange'));
    }, Number(clock));
    await frame.getByRole('status').filter({ hasText: 'ends in less than two minutes' }).waitFor();
    await assertAccessible(frame, 'the view shortly before its end');
    servers.sql("UPDATE ticket SET until = 1 WHERE kind = 'view'");
    await frame.evaluate(() => { window.passTheEnd(); document.dispatchEvent(new Event('visibilitychange')); });
    await frame.getByRole('heading', { name: 'The EHR view has ended' }).waitFor();
    assert.equal(await frame.getByRole('region', { name: "Patient in the EHR's chart" }).count(), 0);
    await assertAccessible(frame, 'a view that has ended');
    await frame.goto(address);
    await frame.getByRole('heading', { name: 'The EHR view has ended' }).waitFor();
});

inFreshBrowser('leaving the EHR view ends it in a frame, and opens the full application in a window', async (page, context) => {
    const patient = await servers.patient('Maeve');
    const frame = await launchFirst(page, servers, patient, 'leaver');
    const address = frame.url();
    await frame.getByRole('button', { name: 'Leave EHR view' }).click();
    await frame.getByRole('heading', { name: 'You have left the EHR view' }).waitFor();
    await assertAccessible(frame, 'a view that was left');
    await frame.goto(address);
    await frame.getByRole('heading', { name: 'The EHR view has ended' }).waitFor();
    await openInWindow(page, servers, patient);
    await signInToEhr(page, 'leaver');
    await approve(page);
    await projectList(page).waitFor();
    await page.getByRole('button', { name: 'Leave EHR view' }).click();
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
    await page.getByRole('navigation', { name: 'Application' }).waitFor();
});
