// The daily work of a study: from the launch button to the saved record, work outside the EHR, corrections, rights.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, inFreshContext, startBrowser } from './browser.mjs';
import { approve, deny, launchFirst, launchLinked, projectList, signIn, signInToEhr } from './person.mjs';
import { picture } from './pictures.mjs';
import { ROOT, startServers } from './servers.mjs';

const PROJECT = 'Heart and metabolism cohort';

let servers, browser, visits;

before(async () => {
    servers = await startServers('--login', 'outside:outside', '--login', 'correcting:correcting');
    browser = await startBrowser();
    visits = JSON.parse(expected('visits', '--data', DATA, '--fhir', 'r4'));
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

const inFreshBrowser = (name, work) => test(name, () => inFreshContext(browser, work));

const project = (frame) => frame.getByRole('row').filter({ has: frame.getByRole('rowheader', { name: PROJECT, exact: true }) });
const addPatient = (frame) => project(frame).getByRole('button').click();
const fetchData = (frame) => frame.getByRole('button', { name: 'Save record and fetch data' }).click();
const save = (frame) => frame.getByRole('button', { name: 'Save', exact: true }).click();
/** The row of one field on the adjudication screen. */
const place = (frame, label) => frame.getByRole('row').filter({ has: frame.getByRole('rowheader', { name: label }) });
const saved = (frame) => frame.locator('#saved');

const DATA = path.join(ROOT, 'crates/ehr-sim/data/r4');

/** The output of demo/expected.py, which reads only the FHIR files. */
function expected(...words) {
    const run = spawnSync('python3', [path.join(ROOT, 'demo/expected.py'), ...words], { encoding: 'utf8' });
    assert.ok(run.status < 2, run.stderr);
    return run.stdout;
}

/** A day for which the EHR has values of this patient. */
const visitOf = (patient) => visits.find((one) => one.id === patient.id).visit_date;

/** The differences between the saved record and the result of expected.py. */
function differences(patient, record) {
    const folder = mkdtempSync(path.join(tmpdir(), 'fhir-ehr-browser-'));
    try {
        const [expectedFile, foundFile] = ['expected.json', 'found.json'].map((name) => path.join(folder, name));
        writeFileSync(expectedFile, expected('record', '--data', DATA, '--mapping', path.join(ROOT, 'demo/mapping.csv'), '--mrn', patient.mrn, '--visit-date', visitOf(patient)));
        writeFileSync(foundFile, JSON.stringify(servers.saved('demo-default', record)));
        // The study's own field, which is not pulled.
        return expected('compare', '--expected', expectedFile, '--saved', foundFile, '--ignore', 'visit_date');
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

const recordOf = (frame) => new URL(frame.url()).searchParams.get('record');

inFreshBrowser('a user goes from the launch button to the saved record within the chart', async (page) => {
    const patient = await servers.patient('Maeve');
    const frame = await launchFirst(page, servers, patient, 'portal', 'study', { banner: '1' });
    await picture(page, 'ehr-view');
    await addPatient(frame);
    await frame.getByLabel('Visit date').fill(visitOf(patient));
    await assertAccessible(frame, 'the record form');
    const record = recordOf(frame);
    await fetchData(frame);
    await frame.getByText('2106-3', { exact: true }).waitFor();
    await assertAccessible(frame, 'the adjudication screen');
    await place(frame, 'Marital status').evaluate((row) => row.scrollIntoView());
    await picture(page, 'adjudication');
    assert.deepEqual(servers.saved('demo-default', record), { event_1_arm_1: { mrn: patient.mrn, visit_date: visitOf(patient) } }, 'nothing is saved before a decision');
    await save(frame);
    await saved(frame).waitFor();
    assert.match(await saved(frame).textContent(), /^\d+ values saved/);
    await assertAccessible(frame, 'the page after saving');
    assert.equal(differences(patient, record), '');
    await frame.getByRole('link', { name: 'Back to the record' }).click();
    await frame.getByLabel('First name').waitFor();
    assert.equal(await frame.getByLabel('First name').inputValue(), 'Maeve Lucía');
});

inFreshBrowser('a launch finds the existing record of a patient and does not create a second one', async (page) => {
    const patient = await servers.patient('Maeve');
    const frame = await launchLinked(page, servers, patient);
    assert.match(await project(frame).textContent(), /Record 1.*Open record/s);
    await addPatient(frame);
    await frame.getByLabel('Medical record number').waitFor();
    assert.equal(recordOf(frame), '1');
    assert.equal(Number(servers.sql("SELECT COUNT(*) AS n FROM record WHERE project = 'demo-default' AND mrn = ?", patient.mrn)[0].n), 1);
});

inFreshBrowser('outside the EHR, a user signs in, enters an MRN, checks the preview, and decides some values and leaves others', async (page) => {
    const patient = await servers.patient('<script>');
    await page.goto(servers.application);
    await assertAccessible(page, 'the login');
    await signIn(page, 'judge');
    await page.getByRole('link', { name: PROJECT, exact: true }).click();
    await page.getByLabel('Medical record number').fill(patient.mrn);
    await page.getByRole('button', { name: 'Look up in the EHR' }).click();
    await page.getByRole('button', { name: 'Sign in to the EHR' }).click();
    await signInToEhr(page, 'outside');
    await approve(page);
    await page.getByText('You are signed in to the EHR').waitFor();
    assert.equal(new URL(page.url()).host, new URL(servers.application).host);
    assert.ok(!page.url().includes(patient.mrn), 'the MRN is not in the URL');
    await page.getByLabel('Medical record number').fill('no-such-number');
    await page.getByRole('button', { name: 'Look up in the EHR' }).click();
    await page.getByRole('alert').waitFor();
    await assertAccessible(page, 'an unknown MRN');
    await page.getByLabel('Medical record number').fill(patient.mrn);
    await page.getByRole('button', { name: 'Look up in the EHR' }).click();
    await page.getByRole('heading', { name: 'Are the values below correct?' }).waitFor();
    assert.equal(await page.getByText('Phone (home)').count(), 1);
    assert.equal(servers.sql('SELECT COUNT(*) AS n FROM record WHERE mrn = ?', patient.mrn)[0].n.toString(), '0', 'the preview creates no record');
    await assertAccessible(page, 'the preview');
    await picture(page, 'preview');
    await page.getByRole('button', { name: 'Yes, create the record' }).click();
    await page.getByLabel('Visit date').fill(visitOf(patient));
    const record = recordOf(page);
    await fetchData(page);
    await page.getByRole('button', { name: 'Save', exact: true }).waitFor();
    // One value is rejected, one is left for later, the others keep their preselection.
    await page.getByLabel('Later: First name').check();
    await page.getByLabel('Reject: Last name').check();
    await save(page);
    await saved(page).waitFor();
    const values = servers.saved('demo-default', record).event_1_arm_1;
    assert.equal(values.first_name, undefined);
    assert.equal(values.last_name, undefined);
    assert.ok(values.dob);
    await page.getByRole('link', { name: 'Records' }).click();
    const row = page.getByRole('row').filter({ hasText: patient.mrn });
    await row.getByRole('link', { name: /^\d+ for record/ }).waitFor();
    await assertAccessible(page, 'the list of records');
    await picture(page, 'records');
    await row.getByRole('link', { name: /for record/ }).click();
    await place(page, 'First name').waitFor();
    assert.equal(await place(page, 'Last name').count(), 0, 'a rejected value is not pending again');
});

inFreshBrowser('a sign-in from the application that the EHR refuses leads back to the page where it started', async (page) => {
    await page.goto(servers.application);
    await signIn(page, 'mapper');
    await page.getByRole('link', { name: PROJECT, exact: true }).click();
    await page.getByLabel('Medical record number').fill('12345');
    await page.getByRole('button', { name: 'Look up in the EHR' }).click();
    const here = new URL(page.url());
    await page.getByText('This patient is already in the project').waitFor();
    await page.getByLabel('Medical record number').fill('55501');
    await page.getByRole('button', { name: 'Look up in the EHR' }).click();
    await page.getByRole('button', { name: 'Sign in to the EHR' }).click();
    await signInToEhr(page, 'outside');
    await deny(page);
    await page.getByRole('heading', { name: 'You are not signed in to the EHR' }).waitFor();
    await assertAccessible(page, 'a refused sign-in');
    await page.getByRole('link', { name: 'Back to the previous page' }).click();
    await page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
    assert.equal(new URL(page.url()).pathname, here.pathname);
    assert.equal(await page.getByLabel('Medical record number').inputValue(), '55501');
});

inFreshBrowser('a value that changes in the EHR after saving is shown as changed, next to the saved value', async (page) => {
    const patient = await servers.patient('Wen');
    const frame = await launchFirst(page, servers, patient, 'correcting');
    await addPatient(frame);
    const record = recordOf(frame) ?? await frame.getByLabel('Visit date').waitFor().then(() => recordOf(frame));
    await frame.getByLabel('Visit date').fill(visitOf(patient));
    await fetchData(frame);
    await save(frame);
    await saved(frame).waitFor();
    const before = servers.saved('demo-default', record).event_1_arm_1;
    const resource = await (await fetch(`${servers.iss}/Patient/${patient.id}`, { headers: { authorization: `Bearer ${await systemToken()}`, accept: 'application/fhir+json' } })).json();
    resource.birthDate = '2015-11-01';
    delete resource.meta;
    await servers.ehrControl('resource', resource);
    await frame.getByRole('link', { name: 'Back to the record' }).click();
    await fetchData(frame);
    const changed = place(frame, 'Date of birth');
    await changed.waitFor();
    assert.match(await changed.textContent(), new RegExp(`${before.dob}.*2015-11-01.*changed`, 's'));
    assert.equal(await place(frame, 'First name').count(), 0, 'an unchanged value is not pending again');
    await picture(page, 'changed');
    await assertAccessible(frame, 'a changed value');
    await changed.getByLabel('Accept: Date of birth').check();
    await save(frame);
    await saved(frame).waitFor();
    assert.equal(servers.saved('demo-default', record).event_1_arm_1.dob, '2015-11-01');
});

/** A token of the simulator's system account, to read a resource that a test then changes. */
async function systemToken() {
    const { registrations, sources } = await servers.ehrControl('config');
    const system = registrations.find((one) => one.id === sources[0].system_registration);
    const answer = await fetch(sources[0].token_endpoint, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${system.client_id}:${system.client_secret}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/Patient.read' }),
    });
    return (await answer.json()).access_token;
}

inFreshBrowser('each page refuses users without the right to adjudicate, to map, or to see the project', async (page) => {
    const status = async (address) => (await page.goto(new URL(address, servers.application).href)).status();
    const pages = {
        records: '/project.php?project=demo-default',
        form: '/record.php?project=demo-default&record=1',
        adjudicate: '/adjudicate.php?project=demo-default&record=1',
        mapping: '/mapping.php?project=demo-default',
        admin: '/admin.php',
        foreign: '/project.php?project=oncology-biobank',
    };
    const may = {
        nurse: ['records', 'form'],
        mapper: ['records', 'form', 'mapping'],
        judge: ['records', 'form', 'adjudicate', 'foreign'],
        admin: ['admin'],
        study: ['records', 'form', 'adjudicate', 'mapping', 'foreign'],
    };
    for (const [user, allowed] of Object.entries(may)) {
        await page.goto(new URL('/login.php', servers.application).href);
        await signIn(page, user);
        await page.getByRole('heading', { name: 'My projects' }).waitFor();
        for (const [name, address] of Object.entries(pages)) {
            const got = await status(address);
            assert.equal(got === 200, allowed.includes(name), `${user} at ${name}: ${got}`);
            assert.ok([200, 403, 404].includes(got), `${user} at ${name}: ${got}`);
        }
        await assertAccessible(page, 'a refusal');
        await page.goto(servers.application);
        await page.getByRole('button', { name: 'Sign out' }).click();
    }
    for (const address of Object.values(pages)) {
        assert.equal(await status(address), 200);
        assert.equal(new URL(page.url()).pathname, '/login.php', 'signed out');
    }
});

inFreshBrowser('a user without the right to adjudicate can fetch data and sees only the number of pending values', async (page) => {
    const patient = await servers.patient('Anselmo');
    await page.goto(servers.application);
    await signIn(page, 'nurse');
    await page.getByRole('link', { name: PROJECT, exact: true }).click();
    await page.getByLabel('Medical record number').fill(patient.mrn);
    await page.getByRole('button', { name: 'Look up in the EHR' }).click();
    await page.getByRole('button', { name: 'Sign in to the EHR' }).click();
    await signInToEhr(page, 'outside');
    await approve(page);
    await page.getByRole('button', { name: 'Look up in the EHR' }).click();
    await page.getByRole('button', { name: 'Yes, create the record' }).click();
    await page.getByLabel('Visit date').fill(visitOf(patient));
    await fetchData(page);
    await page.getByText(/\d+ new items need a decision by a user with the right to adjudicate/).waitFor();
    assert.ok(!(await page.content()).includes('Reyes'), 'no value is shown');
});
