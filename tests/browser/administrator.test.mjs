// An administrator connects the application to the EHR with its page only. A data manager sets up the mapping.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertAccessible, freshContext, inFreshContext, startBrowser } from './browser.mjs';
import { launchFirst, launchLinked, signIn } from './person.mjs';
import { picture } from './pictures.mjs';
import { startServers } from './servers.mjs';

const SYSTEM = 'Example Hospital';

let servers, browser;

before(async () => {
    servers = await startServers();
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

function signedIn(name, user, work) {
    test(name, () => inFreshContext(browser, async (page, context) => {
        await page.goto(servers.application);
        await signIn(page, user);
        await page.getByRole('heading', { name: 'My projects' }).waitFor();
        await work(page, context);
    }));
}

const field = (page, label) => page.getByLabel(label, { exact: true });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const step = (page, name) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });

async function openSystem(page) {
    await page.getByRole('link', { name: 'Connection to the EHR' }).click();
    await page.getByRole('link', { name: SYSTEM }).click();
}

signedIn('a new system can be added with Auto-Find, saved, tested, and launched from; its URLs and scopes are shown', 'admin', async (page, context) => {
    servers.sql('DELETE FROM configuration');
    servers.sql('DELETE FROM secret');
    const { registrations } = await servers.ehrControl('config');
    const [user, system] = ['app-user', 'app-system'].map((id) => registrations.find((one) => one.client_id === id));
    await page.getByRole('link', { name: 'Connection to the EHR' }).click();
    await page.getByText('No EHR system has been added yet').waitFor();
    await assertAccessible(page, 'the connection page without a system');
    await page.getByRole('link', { name: 'Add a system' }).click();
    await field(page, 'Custom name for the EHR system').fill(SYSTEM);
    await field(page, 'Environment').selectOption('sandbox');
    await field(page, 'FHIR Base URL').fill(servers.iss);
    await field(page, 'Client ID').fill(user.client_id);
    await field(page, 'Client Secret').fill(user.client_secret);
    await field(page, "System account's Client ID").fill(system.client_id);
    await field(page, "System account's Client Secret").fill(system.client_secret);
    await field(page, 'EHR origins that may show this application in a frame').fill(new URL(servers.ehr).origin);
    await press(page, 'Auto-Find');
    await page.getByText(/found in the server's smart-configuration/).waitFor();
    assert.equal(await field(page, 'FHIR Token URL').inputValue(), new URL('/auth/token', servers.ehr).href);
    assert.equal(await field(page, 'FHIR Authorize URL').inputValue(), new URL('/auth/authorize', servers.ehr).href);
    assert.equal(await field(page, 'FHIR version').inputValue(), 'r4');
    await field(page, 'EHR vendor').selectOption('oracle');
    await assertAccessible(page, 'the form of a system');
    assert.ok(!(await page.content()).includes(user.client_secret), 'the secret is not in the page');
    await press(page, 'Save system');
    await page.getByText('The system was saved').waitFor();
    assert.ok(!(await page.content()).includes(user.client_secret));
    assert.ok(!JSON.stringify(servers.sql('SELECT * FROM secret')).includes(user.client_secret), 'it is encrypted in the database');
    assert.ok(!JSON.stringify(servers.sql('SELECT * FROM configuration')).includes(user.client_secret));

    await press(page, 'Test the connection');
    await page.getByText('No step failed').waitFor();
    for (const name of ['FHIR server', 'Sign-in addresses', 'Client ID and secret', 'System account']) {
        assert.match(await step(page, name).textContent(), /OK/, name);
    }
    await assertAccessible(page, 'a successful test');
    assert.equal(await field(page, 'Launch URL').inputValue(), `${servers.application}/ehr.php`);
    assert.equal(await field(page, 'Redirect URIs').inputValue(), `${servers.application}/ehr.php`);
    assert.match(await field(page, 'Scopes of an EHR launch').inputValue(), /(^| )launch( |$)/);
    assert.equal(await field(page, 'JWKS URL').count(), 0, 'a client with a secret needs no JWKS URL');
    const keys = await fetch(`${servers.application}/jwks.php`);
    assert.deepEqual(await keys.json(), { keys: [] });
    assert.equal(keys.headers.get('set-cookie'), null);
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, 'connection');

    const other = await freshContext(browser);
    await launchFirst(await other.newPage(), servers, await servers.patient('Maeve'), 'portal');
    await other.close();
});

signedIn('the test finds a wrong secret and says who can fix it', 'admin', async (page) => {
    await openSystem(page);
    await field(page, 'Client Secret').fill('not the secret');
    await press(page, 'Save system');
    await page.getByText('The system was saved').waitFor();
    await press(page, 'Test the connection');
    await page.getByText('1 step failed').waitFor();
    assert.match(await step(page, 'Client ID and secret').textContent(), /Failed.*Who can fix it/s);
    assert.match(await step(page, 'FHIR server').textContent(), /OK/);
    await assertAccessible(page, 'a test with a failure');
});

signedIn('an invalid value is refused, and the form keeps what was entered', 'admin', async (page) => {
    await openSystem(page);
    const before = servers.sql('SELECT document FROM configuration');
    for (const [label, wrong] of [['FHIR Base URL', 'http://ehr.example.org/fhir'], ['FHIR Token URL', 'not an address'],
        ['Time zone of the site', 'New York'],
        ['EHR origins that may show this application in a frame', 'https://ehr.example.org/path']]) {
        const right = await field(page, label).inputValue();
        await field(page, label).fill(wrong);
        await press(page, 'Save system');
        await page.getByRole('alert').waitFor();
        assert.equal(await field(page, label).inputValue(), wrong);
        await assertAccessible(page, `a refused ${label}`);
        await field(page, label).fill(right);
    }
    await field(page, 'FHIR Base URL').fill(new URL('/nothing', servers.ehr).href);
    await press(page, 'Auto-Find');
    await page.getByRole('alert').waitFor();
    assert.deepEqual(servers.sql('SELECT document FROM configuration'), before, 'nothing was stored');
});

signedIn('a stored secret is not sent to another server: it must be entered again', 'admin', async (page) => {
    const { registrations } = await servers.ehrControl('config');
    const secretOf = (id) => registrations.find((one) => one.client_id === id).client_secret;
    for (const label of ['FHIR Token URL', 'FHIR Base URL']) {
        await page.goto(servers.application);
        await openSystem(page);
        const before = servers.sql('SELECT document FROM configuration');
        const right = await field(page, label).inputValue();
        await field(page, label).fill('https://elsewhere.example.org/fhir');
        await press(page, 'Save system');
        assert.match(await page.getByRole('alert').textContent(), /enter the client secret again/);
        assert.deepEqual(servers.sql('SELECT document FROM configuration'), before, `${label}: nothing was stored`);
        await assertAccessible(page, `a changed ${label} without the secret`);
        // One of two secrets is not enough.
        await field(page, 'Client Secret').fill(secretOf('app-user'));
        await press(page, 'Save system');
        assert.match(await page.getByRole('alert').textContent(), /enter the client secret again/);
        await field(page, "System account's Client Secret").fill(secretOf('app-system'));
        await field(page, label).fill(right);
        await press(page, 'Save system');
        await page.getByText('The system was saved').waitFor();
    }
    // A field that does not affect where the secret is sent can change without it.
    await openSystem(page);
    await field(page, 'Custom name for the EHR system').fill(SYSTEM);
    await press(page, 'Save system');
    await page.getByText('The system was saved').waitFor();
});

signedIn('fetching data can be turned off and on for one project, and the EHR view shows it', 'admin', async (page) => {
    const { registrations } = await servers.ehrControl('config');
    await openSystem(page);
    await field(page, 'Client Secret').fill(registrations.find((one) => one.client_id === 'app-user').client_secret);
    await press(page, 'Save system');
    await page.getByText('The system was saved').waitFor();
    const other = await freshContext(browser);
    const ehr = await other.newPage();
    const row = (frame) => frame.getByRole('row', { name: 'pulled at night' });
    for (const [button, offered] of [['Turn off', 0], ['Turn on', 1]]) {
        await page.getByRole('link', { name: 'Connection to the EHR' }).click();
        await page.getByRole('row', { name: 'pulled at night' }).getByRole('button', { name: button }).click();
        await page.getByText(/Fetching data was turned/).waitFor();
        const frame = await launchLinked(ehr, servers, await servers.patient('Wen'));
        assert.equal(await row(frame).getByRole('button').count(), offered);
    }
    await assertAccessible(page, 'the list of systems and projects');
    await other.close();
});

signedIn('sign-ins and EHR users are listed without tokens and patients; a user can be signed out, and an EHR user unlinked', 'admin', async (page, context) => {
    const patient = await servers.patient('Maeve');
    const other = await freshContext(browser);
    const ehr = await other.newPage();
    const view = await launchLinked(ehr, servers, patient);
    const open = () => page.getByRole('link', { name: 'Connection to the EHR' }).click();
    await open();
    const grant = page.getByRole('table', { name: 'Sign-ins to the EHR' }).getByRole('row', { name: /^study/ });
    const link = page.getByRole('table', { name: 'EHR users' }).getByRole('row', { name: /portal/ });
    assert.match(await grant.textContent(), new RegExp(`study.*${SYSTEM}.*Works.*\\d{4}-\\d\\d-\\d\\d`, 's'));
    assert.match(await link.textContent(), new RegExp(`portal.*${SYSTEM}.*study`, 's'));
    await assertAccessible(page, 'the sign-ins and the EHR users');
    const shown = await page.locator('main').innerText();
    for (const hidden of [patient.id, patient.mrn]) {
        assert.doesNotMatch(shown, new RegExp(`(?<![\\w-])${hidden}(?![\\w-])`));
    }
    assert.doesNotMatch(shown, /[\w-]{40}/, 'no token');

    const cookie = (await context.cookies(servers.application)).map(({ name, value }) => `${name}=${value}`).join('; ');
    for (const fields of [{ do: 'sign-out', user: 'study', system: 'sim' }, { do: 'unlink', link: 'x', csrf: '0' }]) {
        assert.equal((await servers.request('/admin.php', { headers: { cookie }, fields })).status, 403, fields.do);
    }
    assert.equal((await page.goto(new URL('admin.php?do=sign-out&user=study&system=sim', page.url()).href)).status(), 200);
    assert.equal(await grant.count(), 1, 'GET changes nothing');

    const revocations = async () => (await servers.ehrControl('requests')).filter((one) => one.path === '/auth/revoke').length;
    const before = await revocations();
    await grant.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('The user was signed out of the EHR system').waitFor();
    assert.equal(await grant.count(), 0);
    assert.ok(await revocations() > before, 'the EHR ended the sign-in, too');
    await view.getByRole('link', { name: 'Projects' }).click();
    await view.getByRole('heading', { name: /ended/i }).waitFor();

    await link.getByRole('button', { name: 'Unlink' }).click();
    await page.getByText('The EHR user was unlinked').waitFor();
    assert.equal(await link.count(), 0);
    await assertAccessible(page, 'no sign-in and no EHR user');
    assert.match(servers.command('daily'), /0 sign-ins were refreshed/);
    // The launch asks for the login of the application again.
    await other.close();
    const again = await freshContext(browser);
    await launchFirst(await again.newPage(), servers, patient, 'portal');
    await again.close();
});

signedIn('a sign-in that the EHR did not end, too, is reported', 'admin', async (page) => {
    await servers.ehrControl('faults', { set: ['token-status:503@revoke'] });
    await page.getByRole('link', { name: 'Connection to the EHR' }).click();
    await page.getByRole('button', { name: /^Sign out ?: study/ }).click();
    await page.getByText('the EHR did not confirm').waitFor();
    await assertAccessible(page, 'a sign-out without an answer of the EHR');
    await servers.ehrControl('faults', { clear: true });
});

signedIn('fields can be searched and added to the mapping, an error names its line, and CSV can be downloaded and uploaded', 'mapper', async (page) => {
    await page.getByRole('link', { name: 'Heart and metabolism cohort', exact: true }).click();
    await page.getByRole('link', { name: 'Field mapping' }).click();
    await assertAccessible(page, 'the mapping');
    const mappingOf = () => servers.sql("SELECT mapping FROM project WHERE name = 'demo-default'")[0].mapping;
    const before = mappingOf();
    await page.getByLabel('Search words or a LOINC code').fill('creatinine');
    await press(page, 'Search');
    await page.getByText(/Found: \d/).waitFor();
    await assertAccessible(page, 'a search for EHR fields');
    await picture(page, 'mapping');
    const found = page.getByRole('row').filter({ hasText: '2160-0' });
    await found.getByRole('checkbox').check();
    await found.getByRole('combobox').first().selectOption('na');
    await press(page, 'Add selected fields to the mapping');
    await page.getByText('The selected fields were added to the mapping').waitFor();
    assert.match(mappingOf(), /2160-0,,na,visit_date/);

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as CSV' }).click();
    const csv = readFileSync(await (await download).path(), 'utf8');
    assert.equal(csv.split(/\r?\n/)[0], 'external_source_field_name,is_record_identifier,field_name,temporal_field,preselect,event_name');

    await field(page, 'EHR field, line 3').fill('no-such-field');
    await press(page, 'Save mapping');
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').textContent(), /line 3/i);
    assert.equal(await field(page, 'EHR field, line 3').inputValue(), 'no-such-field');
    await assertAccessible(page, 'a mapping with an error');

    const paste = async (text) => {
        await field(page, 'or paste the CSV text').fill(text);
        await press(page, 'Replace mapping');
    };
    await paste(csv.replace('2160-0', '=cmd()'));
    await page.getByRole('alert').waitFor();
    await paste(before);
    await page.getByText('The mapping was replaced with the CSV').waitFor();
    assert.equal(mappingOf().trim(), before.trim());
});

signedIn('the search works for a project whose date field has a number as its name', 'mapper', async (page) => {
    const folder = mkdtempSync(join(tmpdir(), 'projects-'));
    const project = { name: 'numbers', title: 'Numbers', environment: 'sandbox', module: true, members: { mapper: ['map'] },
        fields: [{ name: '2024', label: 'Visit of the year', type: 'date' }] };
    writeFileSync(join(folder, 'projects.json'), JSON.stringify([project]));
    servers.command('project', join(folder, 'projects.json'));
    rmSync(folder, { recursive: true });
    await page.goto(new URL('mapping.php?project=numbers&q=2160-0', page.url()).href);
    assert.equal(await page.getByLabel(/^Date field for /).first().inputValue(), '2024');
});
