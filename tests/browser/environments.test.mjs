// Patients from a sandbox cannot get into production projects: on each page, with a forged form, and in the classes below the pages.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, before, beforeEach, test } from 'node:test';
import { assertAccessible, inFreshContext, startBrowser } from './browser.mjs';
import { launchFirst, launchLinked, signIn } from './person.mjs';
import { startServers } from './servers.mjs';

const PROGRAM = fileURLToPath(new URL('serving.php', import.meta.url));
const PROJECT = 'demo-php14';
const TITLE = 'Heart and metabolism cohort, 14 digits';
const ENVIRONMENTS = ['sandbox', 'test', 'production'];
const reason = (environment) => `This project accepts data from production systems only. Simulated EHR is a ${environment} system.`;

let servers, browser, document, patient;

before(async () => {
    servers = await startServers();
    browser = await startBrowser();
    [{ document }] = servers.sql('SELECT document FROM configuration');
    patient = await servers.patient('Maeve');
});
beforeEach(() => {
    for (const table of ['record', 'record_value', 'history', 'fhir_ehr_staged_row']) {
        servers.sql(`DELETE FROM ${table}`);
    }
    systemIs('sandbox');
    projectIs('sandbox');
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

const inFreshBrowser = (name, work) => test(name, () => inFreshContext(browser, work));

const configure = (changed) => servers.sql('UPDATE configuration SET document = ?', JSON.stringify(changed));
const projectIs = (environment) => servers.sql('UPDATE project SET environment = ? WHERE name = ?', environment, PROJECT);

/** The stored configuration, with the simulated EHR as a system of this environment. */
function configuredAs(environment) {
    const changed = JSON.parse(document);
    for (const registration of changed.registrations) {
        registration.environments = [environment];
    }
    for (const source of changed.sources) {
        source.environment = environment;
    }
    return changed;
}
const systemIs = (environment) => configure(configuredAs(environment));

/** All patient data of the application, and the number of FHIR requests. */
async function kept() {
    const rows = ['record', 'record_value', 'history'].map((table) => servers.sql(`SELECT * FROM ${table}`));
    rows.push(servers.sql('SELECT HEX(record_key) AS name, state FROM fhir_ehr_staged_row ORDER BY record_key'));
    const requests = await servers.ehrControl('requests');
    return { rows, requests: requests.filter(({ path }) => path.startsWith('/fhir')).length };
}

/** The results of the calls in serving.php. */
function called(mrn, record) {
    const [program, ...words] = [...servers.phpWords, PROGRAM, 'study', PROJECT, 'sim', mrn, record];
    const run = spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, APP_SETTINGS: servers.settings } });
    assert.equal(run.status, 0, run.stderr);
    return JSON.parse(run.stdout);
}

const row = (frame) => frame.getByRole('row').filter({ has: frame.getByRole('rowheader', { name: TITLE, exact: true }) });
const csrfOf = (frame) => frame.locator('input[name=csrf]').first().inputValue();

/** Posts a forged form with the browser's session. */
async function post(context, page, address, fields) {
    const cookie = (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
    return servers.request(address, { fields: { csrf: await csrfOf(page), ...fields }, headers: { cookie } });
}

async function open(page, address) {
    await page.goto(servers.application);
    await signIn(page);
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
    await page.goto(new URL(address, servers.application).href);
}

test('the classes below the pages apply one rule to each pair of environments, and a refusal writes and requests nothing', async () => {
    for (const system of ENVIRONMENTS) {
        for (const project of ENVIRONMENTS) {
            systemIs('sandbox');
            projectIs('sandbox');
            const other = (await servers.patient('Wen')).mrn;
            const record = servers.command('add', 'study', PROJECT, patient.mrn).trim();
            systemIs(system);
            projectIs(project);
            const before = await kept();
            const refused = project === 'production' && system !== 'production';
            const results = called(other, record);
            const denied = `denied: ${reason(system)}`;
            assert.deepEqual(results, refused
                ? { add: denied, preview: 'environment_mismatch', lookUp: 'environment_mismatch', fetch: 'environment_mismatch', fetchBySystem: 'environment_mismatch', save: denied }
                : { add: 'done', preview: 'grant_not_found', lookUp: 'grant_not_found', fetch: 'grant_not_found', fetchBySystem: 'done', save: 'row_not_found' },
            `system ${system}, project ${project}`);
            if (refused) {
                assert.deepEqual(await kept(), before, `system ${system}, project ${project}`);
            }
        }
    }
});

test('cli.php refuses to add a patient and prints the reason', async () => {
    projectIs('production');
    const before = await kept();
    const [program, ...words] = [...servers.cli, 'add', 'study', PROJECT, patient.mrn];
    const run = spawnSync(program, words, { encoding: 'utf8' });
    assert.equal(run.status, 1);
    assert.equal(run.stderr.trim(), reason('sandbox'));
    assert.deepEqual(await kept(), before);
});

inFreshBrowser('a launch from a sandbox or test system shows a production project with the reason and without a button', async (page, context) => {
    projectIs('production');
    const frame = await launchFirst(page, servers, patient, 'portal');
    const before = await kept();
    for (const system of ['sandbox', 'test']) {
        systemIs(system);
        await frame.evaluate(() => location.reload());
        await row(frame).getByText(reason(system)).waitFor();
        assert.equal(await row(frame).getByRole('button').count(), 0);
        await assertAccessible(frame, 'a project that may not use the system');
        const view = new URL(frame.url()).searchParams.get('view');
        const answer = await post(context, frame, '/view.php', { view, project: PROJECT });
        assert.equal(answer.status, 403);
        assert.ok(answer.text.includes(reason(system)), answer.text);
        assert.deepEqual(await kept(), before, 'nothing was written');
    }
});

inFreshBrowser('a launch offers the project for every other pair of environments', async (page) => {
    const frame = await launchLinked(page, servers, patient);
    for (const [system, project] of [['sandbox', 'sandbox'], ['sandbox', 'test'], ['test', 'sandbox'], ['production', 'sandbox'], ['production', 'production']]) {
        systemIs(system);
        projectIs(project);
        await frame.evaluate(() => location.reload());
        await row(frame).getByRole('button', { name: /Add Patient to Project/ }).waitFor();
    }
    await row(frame).getByRole('button').click();
    await frame.getByRole('heading', { name: 'Record 1' }).waitFor();
});

inFreshBrowser('outside the EHR, a production project refuses look-up, preview and creation of a record for a sandbox patient', async (page, context) => {
    projectIs('production');
    await open(page, `/project.php?project=${PROJECT}`);
    const before = await kept();
    await page.getByText(reason('sandbox')).waitFor();
    assert.equal(await page.getByLabel('Medical record number').count(), 0);
    await assertAccessible(page, 'a project that may not use any system');
    for (const act of ['preview', 'create', 'sign-in', 'back']) {
        const answer = await post(context, page, '/project.php', { project: PROJECT, mrn: patient.mrn, do: act });
        assert.equal(answer.status, 403, act);
        assert.ok(answer.text.includes(reason('sandbox')), act);
        assert.ok(!answer.text.includes(patient.mrn), act);
    }
    assert.deepEqual(await kept(), before);
});

inFreshBrowser('outside the EHR, a production project uses the production system even if a sandbox is listed first', async (page, context) => {
    const changed = configuredAs('sandbox');
    const [registration] = changed.registrations;
    changed.registrations.push({ ...registration, id: 'hospital-user', environments: ['production'] });
    changed.sources.push({ id: 'hospital', iss: 'https://ehr.example.org/fhir', environment: 'production', fhir_version: 'r4', registration: 'hospital-user',
        authorization_endpoint: 'https://ehr.example.org/authorize', token_endpoint: 'https://ehr.example.org/token' });
    configure(changed);
    projectIs('production');
    await open(page, `/project.php?project=${PROJECT}`);
    await page.getByLabel('Medical record number').waitFor();
    const signingIn = (project, more = {}) => post(context, page, '/project.php', { project, mrn: '1', do: 'sign-in', ...more });
    const originOf = ({ headers }) => new URL(headers.location).origin;
    for (const system of [{}, { system: 'sim' }]) {
        assert.equal(originOf(await signingIn(PROJECT, system)), 'https://ehr.example.org');
    }
    // A sandbox project may use both systems, so the user has to choose one.
    assert.match((await signingIn('demo-default')).text, /Choose the EHR system of the patient/);
    assert.equal(originOf(await signingIn('demo-default', { system: 'sim' })), new URL(servers.ehr).origin);
    assert.equal(originOf(await signingIn('demo-default', { system: 'hospital' })), 'https://ehr.example.org');
});

inFreshBrowser('a record of a sandbox patient gets no more data from the sandbox after the project moves to production', async (page, context) => {
    const record = servers.command('add', 'study', PROJECT, patient.mrn).trim();
    servers.command('fetch', 'study', PROJECT, record);
    projectIs('production');
    const here = { project: PROJECT, record };
    await open(page, `/record.php?${new URLSearchParams(here)}`);
    const before = await kept();
    await page.getByText(reason('sandbox')).waitFor();
    await page.getByRole('button', { name: 'Save record', exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: /fetch data/ }).count(), 0);
    await assertAccessible(page, 'a record whose system the project may not use');

    // The form is saved, but nothing is fetched.
    const form = await post(context, page, '/record.php', { ...here, shown: '{}', all: '1', then: 'pull' });
    assert.equal(form.status, 303);
    assert.ok(!form.headers.location.includes('pull'), form.headers.location);

    // The page that pulls also refuses, although its permission is valid.
    const asked = await post(context, page, '/adjudicate.php', { ...here, do: 'fetch' });
    assert.equal(asked.status, 303);
    await page.goto(new URL(asked.headers.location, servers.application).href);
    assert.equal(await page.getByRole('alert').textContent(), reason('sandbox'));

    // Earlier pending values can no longer be accepted, but they can be rejected.
    const decision = await page.locator('input[value^="accept:"]').first().getAttribute('value');
    const accepted = await post(context, page, '/adjudicate.php', { ...here, save: '1', all: '1', 'decision[0]': decision });
    assert.equal(accepted.status, 403);
    assert.ok(accepted.text.includes(reason('sandbox')));
    assert.deepEqual(await kept(), before);
    const rejected = await post(context, page, '/adjudicate.php', { ...here, save: '1', all: '1', 'decision[0]': decision.replace('accept', 'reject') });
    assert.match(rejected.text, /0 values saved/);
    assert.deepEqual((await kept()).rows.slice(0, 3), before.rows.slice(0, 3));
});
