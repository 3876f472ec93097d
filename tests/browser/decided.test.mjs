// After saving: the state of saved values in the EHR, removing entries, and records of the wrong patient.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, inFreshContext, startBrowser } from './browser.mjs';
import { approve, launchFirst, launchLinked, openInWindow, projectList, signIn, signInToEhr } from './person.mjs';
import { startServers } from './servers.mjs';

const PROJECT = 'Heart and metabolism cohort';
const EVENT = 'event_1_arm_1';

let servers, browser;

before(async () => {
    servers = await startServers(...['ward', 'clinic', 'desk', 'night'].flatMap((user) => ['--login', `${user}:${user}`]));
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

const inFreshBrowser = (name, work) => test(name, () => inFreshContext(browser, work));

/** The URL of a page about a record, in an EHR view or outside. */
const at = (page, record, view) => new URL(`/${page}?project=demo-default&record=${record}${view ? `&view=${view}` : ''}`, servers.application).href;
const viewOf = (frame) => new URL(frame.url()).searchParams.get('view');
const project = (frame) => frame.getByRole('row').filter({ has: frame.getByRole('rowheader', { name: PROJECT, exact: true }) });
const button = (frame, name) => frame.getByRole('button', { name, exact: true });
const recordOf = (frame) => new URL(frame.url()).searchParams.get('record');
/** The row of one value in the section "Saved from the EHR". */
const savedRow = (frame, value) => frame.locator('.saved-values').getByRole('row').filter({ hasText: value });
const history = (record) => servers.sql("SELECT what FROM history WHERE project = 'demo-default' AND record = ? ORDER BY id", record).map((row) => row.what);
const problems = (record) => servers.saved('demo-default', record)[EVENT].problems.split('\n').sort();

/** Adds a problem of a patient to the EHR, or changes it. */
function putProblem(patient, id, text, { status = 'active', verification = 'confirmed' } = {}) {
    const coded = (system, code) => ({ coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] });
    return servers.ehrControl('resource', {
        resourceType: 'Condition', id, subject: { reference: `Patient/${patient.id}` }, code: { text }, recordedDate: '2020-01-01',
        clinicalStatus: coded('condition-clinical', status), verificationStatus: coded('condition-ver-status', verification),
        category: [coded('condition-category', 'problem-list-item')],
    });
}

/** Fetches the record's values with the record form. */
async function fetchData(frame, record, view) {
    await frame.goto(at('record.php', record, view));
    await button(frame, 'Save record and fetch data').click();
    await frame.waitForURL(/adjudicate\.php/);
}

inFreshBrowser('saved values show their state in the EHR, and a list entry leaves the record only when a user removes it', async (page) => {
    const patient = await servers.patient('Wen');
    for (const [id, text] of [['m1', 'Gone asthma'], ['m2', 'Resolved gout'], ['m3', 'Wrong flu'], ['m4', 'Old name'], ['m5', 'Kept migraine']]) {
        await putProblem(patient, id, text);
    }
    const frame = await launchFirst(page, servers, patient, 'ward');
    await project(frame).getByRole('button').click();
    await frame.getByLabel('Visit date').fill('2020-01-01');
    const [record, view] = [recordOf(frame), viewOf(frame)];
    await button(frame, 'Save record and fetch data').click();
    await button(frame, 'Save').click();
    await frame.locator('#saved').waitFor();
    const saved = problems(record);
    assert.deepEqual(saved, ['Gone asthma', 'Kept migraine', 'Old name', 'Resolved gout', 'Wrong flu']);

    await servers.ehrControl('remove', { resourceType: 'Condition', id: 'm1' });
    await putProblem(patient, 'm2', 'Resolved gout', { status: 'resolved' });
    await putProblem(patient, 'm3', 'Wrong flu', { verification: 'entered-in-error' });
    await putProblem(patient, 'm4', 'New name');
    await fetchData(frame, record, view);
    for (const [value, mark] of [['Gone asthma', 'no longer in the EHR'], ['Resolved gout', 'no longer matches this field'],
        ['Wrong flu', 'entered in error'], ['Old name', 'corrected in the EHR'], ['Kept migraine', 'unchanged']]) {
        assert.match(await savedRow(frame, value).textContent(), new RegExp(`${value}\\s*${mark}`), value);
    }
    await frame.getByLabel('Accept: Problem').waitFor();
    assert.match(await frame.locator('.adjudication').getByRole('row').filter({ hasText: 'New name' }).textContent(), /since it was decided/);
    await assertAccessible(frame, 'the states of saved values');
    assert.deepEqual(problems(record), saved, 'the record does not change automatically');

    const remove = button(frame, 'Remove Gone asthma');
    await remove.focus();
    await page.keyboard.press('Enter');
    await frame.getByText('The entry was removed from the record.').waitFor();
    assert.deepEqual(problems(record), saved.filter((one) => one !== 'Gone asthma'));
    assert.equal(await savedRow(frame, 'Gone asthma').count(), 0);
    assert.equal(history(record).filter((what) => what === 'Remove from record (EHR): 1 value').length, 1);
    await assertAccessible(frame, 'the page after a removal');

    await frame.getByLabel('Accept: Problem').check();
    await button(frame, 'Save').click();
    await frame.locator('#saved').waitFor();
    assert.deepEqual(problems(record), ['Kept migraine', 'New name', 'Resolved gout', 'Wrong flu']);

    // A removed entry is not pending again when the EHR has it again.
    await putProblem(patient, 'm1', 'Gone asthma');
    await fetchData(frame, record, view);
    await frame.getByText('There are no pending values.').waitFor();
    assert.equal(await savedRow(frame, 'Gone asthma').count(), 0);
    await savedRow(frame, 'New name').waitFor();
});

inFreshBrowser('an entry can be removed only once, by a form of this session, and with the right to adjudicate', async (page, context) => {
    const patient = await servers.patient('Wen');
    const frame = await launchLinked(page, servers, patient, 'ward');
    await project(frame).getByRole('button').click();
    await frame.getByLabel('Visit date').waitFor();
    const record = recordOf(frame);
    await frame.goto(at('adjudicate.php', record, viewOf(frame)));
    const form = frame.locator('form', { has: button(frame, 'Remove Kept migraine') });
    const fields = { ...Object.fromEntries(await form.evaluate((one) => [...new FormData(one)])), do: 'remove' };
    const cookie = async () => (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
    const post = async (changed) => servers.request('/adjudicate.php', { headers: { cookie: await cookie() }, fields: { ...fields, ...changed } });
    assert.ok((await post({ csrf: 'x' })).status >= 400);
    assert.ok((await post({ do: 'clear', csrf: 'x' })).status >= 400);
    assert.ok(problems(record).includes('Kept migraine'));
    const answers = await Promise.all([post({}), post({})]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 303]);
    assert.match(answers.find(({ status }) => status === 200).text, /Nothing was removed/);
    assert.ok(!problems(record).includes('Kept migraine'));
    servers.sql("DELETE FROM project_right WHERE member = 'study' AND project = 'demo-default' AND what = 'adjudicate'");
    try {
        assert.equal((await post({ do: 'clear' })).status, 403);
        assert.equal((await post({})).status, 403);
    } finally {
        servers.sql("INSERT INTO project_right (member, project, what) VALUES ('study', 'demo-default', 'adjudicate')");
    }
});

/** Signs a user in with a launch of the patient's chart, then creates the patient's record with pending values outside the EHR view. */
async function recordWithValues(page, patient, user) {
    await openInWindow(page, servers, patient);
    await signInToEhr(page, user);
    await approve(page);
    await signIn(page);
    await projectList(page).waitFor();
    await page.goto(new URL('/project.php?project=demo-default', servers.application).href);
    await page.getByLabel('Medical record number').fill(patient.mrn);
    await button(page, 'Look up in the EHR').click();
    await button(page, 'Yes, create the record').click();
    await page.getByLabel('Visit date').waitFor();
    const record = recordOf(page);
    await button(page, 'Save record and fetch data').click();
    await button(page, 'Save').waitFor();
    return record;
}

const setMrn = (record, mrn) => servers.sql("UPDATE record SET mrn = ? WHERE project = 'demo-default' AND record = ?", mrn, record);
/** The keys of all pending values of all records. */
const waiting = () => servers.sql("SELECT HEX(record_key) AS name FROM fhir_ehr_staged_row WHERE kind = 'staged_row' AND state = 'pending' ORDER BY name")
    .map(({ name }) => name);

inFreshBrowser('a record with pending values of another patient shows an error until they are deleted', async (page) => {
    const [wrong, right] = [await servers.patient('Maeve'), await servers.patient('Anselm')];
    const others = waiting();
    const record = await recordWithValues(page, wrong, 'clinic');
    // An import changes the record's MRN to that of another patient.
    setMrn(record, right.mrn);
    await fetchData(page, record);
    await page.getByRole('alert').filter({ hasText: 'belong to a different patient than its medical record number' }).waitFor();
    assert.equal(await page.locator('.adjudication').count(), 0, 'values of the wrong patient cannot be accepted');
    await assertAccessible(page, 'a record of another patient');
    assert.ok(waiting().length > others.length);
    const clear = button(page, 'Delete pending values');
    await clear.focus();
    await page.keyboard.press('Enter');
    await page.getByText(/\d+ pending values were deleted\./).waitFor();
    assert.deepEqual(waiting(), others);
    assert.match(history(record).at(-1), /^Clear pending values \(EHR\): \d+ values$/);
    await assertAccessible(page, 'the page after clearing');
    await button(page, 'Fetch data from the EHR').click();
    await page.locator('.adjudication').getByText('Reyes').first().waitFor();
    await button(page, 'Save').click();
    await page.locator('#saved').waitFor();
    // Saved values bind the record permanently, so there is nothing to delete.
    setMrn(record, wrong.mrn);
    await fetchData(page, record);
    await page.getByRole('alert').filter({ hasText: 'Values of a different patient are already saved in this record' }).waitFor();
    assert.equal(await button(page, 'Delete pending values').count(), 0);
    await page.getByRole('link', { name: 'Correct the medical record number' }).waitFor();
    setMrn(record, right.mrn);
});

inFreshBrowser('a wrong MRN is corrected after a preview of the patient, and pending values are deleted', async (page) => {
    const [wrong, right] = [await servers.patient('Maeve'), await servers.patient('<script>')];
    const others = waiting();
    const record = await recordWithValues(page, wrong, 'desk');
    await page.goto(at('record.php', record));
    await page.getByRole('link', { name: 'Correct the medical record number' }).click();
    await assertAccessible(page, 'the form for the correct number');
    const number = page.getByLabel('Correct medical record number');
    await number.fill((await servers.patient('Anselm')).mrn);
    await button(page, 'Look up in the EHR').click();
    await page.getByRole('alert').filter({ hasText: 'This number is already used by record' }).waitFor();
    await number.fill(right.mrn);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Are the values below correct?' }).waitFor();
    await assertAccessible(page, 'the patient with the correct number');
    assert.ok(waiting().length > others.length, 'the preview changes nothing');
    await button(page, 'Yes, correct the number').click();
    await page.getByText('The medical record number was corrected').waitFor();
    assert.equal(await page.getByLabel('Medical record number').inputValue(), right.mrn);
    assert.deepEqual(waiting(), others);
    assert.ok(history(record).includes('Correct medical record number'));
    await button(page, 'Save record and fetch data').click();
    await page.locator('.adjudication').waitFor();
    assert.ok((await page.locator('.adjudication').textContent()).includes('<script>'));
});

inFreshBrowser('a record with values of two patients shows none of them, and its pending values can be deleted', async (page) => {
    const [first, second] = [await servers.patient('Maeve'), await servers.patient('Anselm')];
    servers.sql("UPDATE record SET mrn = 'not used any more' WHERE project = 'demo-default' AND mrn = ?", second.mrn);
    const others = waiting();
    const record = await recordWithValues(page, first, 'night');
    const names = waiting().filter((name) => !others.includes(name));
    servers.sql(`CREATE TABLE backup_row AS SELECT * FROM fhir_ehr_staged_row WHERE HEX(record_key) IN (${names.map(() => '?')})`, ...names);
    await page.goto(at('mrn.php', record));
    await page.getByLabel('Correct medical record number').fill(second.mrn);
    await button(page, 'Look up in the EHR').click();
    await button(page, 'Yes, correct the number').click();
    await fetchData(page, record);
    await page.locator('.adjudication').waitFor();
    // A restored backup brings back the deleted values.
    servers.sql('INSERT INTO fhir_ehr_staged_row SELECT * FROM backup_row');
    servers.sql('DROP TABLE backup_row');
    for (const name of ['adjudicate.php', 'record.php']) {
        await page.goto(at(name, record));
        await page.getByRole('alert').filter({ hasText: 'This record has values of more than one patient' }).waitFor();
        assert.equal(await page.locator('.adjudication, .saved-values').count(), 0);
        assert.ok(!(await page.content()).includes('Quillon'), name);
        await assertAccessible(page, `${name} of a mixed record`);
    }
    await page.goto(at('project.php', '').replace('&record=', ''));
    await page.getByRole('heading', { name: 'Records', exact: true }).waitFor();
    await page.goto(at('record.php', record));
    await button(page, 'Save record and fetch data').click();
    await page.getByRole('alert').filter({ hasText: 'This record has values of more than one patient' }).waitFor();
    await button(page, 'Delete pending values').click();
    await page.getByText(/\d+ pending values were deleted\./).waitFor();
    assert.deepEqual(waiting(), others);
    await button(page, 'Fetch data from the EHR').click();
    await page.locator('.adjudication').getByText('Reyes').first().waitFor();
});
