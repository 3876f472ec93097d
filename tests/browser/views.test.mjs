// The end of the EHR view, and a launch that is handed off to another application.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { assertAccessible, inFreshContext, startBrowser } from './browser.mjs';
import { approve, launchFirst, openInWindow, projectList, signIn, signInToEhr } from './person.mjs';
import { startServers } from './servers.mjs';

const SECRET = 'secret-of-the-portal';
let servers, browser, portal;

before(async () => {
    // The access tokens end before a user has read the first page.
    const users = ['stays', 'refused', 'hands-off', 'window'].flatMap((user) => ['--login', `${user}:${user}`]);
    servers = await startServers('--access-token-lifetime', '2', ...users);
    browser = await startBrowser();
    portal = http.createServer((request, answer) => answer.end('<!doctype html><title>Portal</title><h1>Study portal</h1>'));
    await new Promise((resolve) => portal.listen(0, '127.0.0.1', resolve));
    const settings = JSON.parse(readFileSync(servers.settings));
    settings.handoffs = [{ title: 'Study portal', url: `http://127.0.0.1:${portal.address().port}/start`, secret: SECRET }];
    writeFileSync(servers.settings, JSON.stringify(settings));
});
after(async () => {
    await browser?.close();
    portal?.closeAllConnections();
    portal?.close();
    await servers?.stop();
});

const inFreshBrowser = (name, work) => test(name, () => inFreshContext(browser, work));
const refreshes = async () => (await servers.ehrControl('requests')).filter((one) => one.grant_type === 'refresh_token').length;

/** Loads the view again until the condition is true. */
async function reloadUntil(frame, address, condition) {
    do {
        await frame.goto(address);
    } while (!await condition());
}

inFreshBrowser('a view stays open when its access token ends, because the token is refreshed', async (page) => {
    const frame = await launchFirst(page, servers, await servers.patient('Maeve'), 'stays');
    assert.match(await frame.getByRole('timer').textContent(), /Access ends in (59|60) minutes/);
    const before = await refreshes();
    await reloadUntil(frame, frame.url(), async () => await refreshes() > before + 1);
    await projectList(frame).waitFor();
});

inFreshBrowser('a view ends when the EHR refuses to refresh its access', async (page) => {
    const frame = await launchFirst(page, servers, await servers.patient('Maeve'), 'refused');
    const address = frame.url();
    await servers.ehrControl('revoke-refresh-tokens', {});
    const ended = frame.getByRole('heading', { name: 'The EHR view has ended' });
    await reloadUntil(frame, address, async () => await ended.count() === 1);
    await assertAccessible(frame, 'a view whose access was refused');
});

inFreshBrowser('another application gets the patient of the launch once, with its secret', async (page, context) => {
    const patient = await servers.patient('Maeve');
    const frame = await launchFirst(page, servers, patient, 'hands-off');
    await assertAccessible(frame, 'the view with other applications');
    await frame.getByRole('button', { name: 'Open the patient in Study portal' }).click();
    const link = frame.getByRole('link', { name: 'Open Study portal in a new window' });
    await link.waitFor();
    await assertAccessible(frame, 'the link to another application');
    const opened = context.waitForEvent('page');
    await link.click();
    const other = await opened;
    await other.getByRole('heading', { name: 'Study portal' }).waitFor();
    const handoff = new URL(other.url()).searchParams.get('handoff');
    assert.ok(handoff.length >= 43);
    const redeem = async (secret) => {
        const { status, text } = await servers.request('/handoff.php', { fields: { handoff }, headers: { authorization: `Bearer ${secret}` } });
        return [status, JSON.parse(text)];
    };
    assert.deepEqual(await redeem('another secret'), [401, { error: 'handoff_foreign' }]);
    const [status, answer] = await redeem(SECRET);
    assert.deepEqual([status, answer.user, answer.patient], [200, 'study', patient.id]);
    assert.deepEqual(await redeem(SECRET), [400, { error: 'handoff_unknown' }]);
    assert.equal((await servers.request('/handoff.php')).status, 405);
});

inFreshBrowser('outside a frame the browser is sent to the other application at once', async (page) => {
    await openInWindow(page, servers, await servers.patient('Maeve'));
    await signInToEhr(page, 'window');
    await approve(page);
    await signIn(page);
    await projectList(page).waitFor();
    await page.getByRole('button', { name: 'Open the patient in Study portal' }).click();
    await page.getByRole('heading', { name: 'Study portal' }).waitFor();
    assert.match(page.url(), /\/start\?handoff=[\w-]{43,}$/);
});
