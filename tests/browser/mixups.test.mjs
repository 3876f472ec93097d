// Separation of patients, hospitals, and users of one computer, and concurrent actions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inFreshContext, startBrowser } from './browser.mjs';
import { approve, launchFirst, launchLinked, openInWindow, projectList, signIn, signInToEhr } from './person.mjs';
import { startServers } from './servers.mjs';

const PROJECT = 'Heart and metabolism cohort';

let servers, browser;

before(async () => {
    servers = await startServers(...['ward', 'visitor', 'night'].flatMap((user) => ['--login', `${user}:${user}`]));
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

const inFreshBrowser = (name, work) => test(name, () => inFreshContext(browser, work));

const at = (address) => new URL(address, servers.application).href;
const project = (frame) => frame.getByRole('row').filter({ has: frame.getByRole('rowheader', { name: PROJECT, exact: true }) });
const cookieOf = async (context) => (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
const csrfOf = (frame) => frame.locator('main input[name=csrf]').first().inputValue();
const records = (mrn) => servers.sql("SELECT record FROM record WHERE project = 'demo-default' AND mrn = ?", mrn).map((row) => row.record);
const note = (record, field, value) => servers.sql('REPLACE INTO record_value (project, record, event, field, value) VALUES (?, ?, ?, ?, ?)',
    'demo-default', record, 'event_1_arm_1', field, value);

async function enter(page, user) {
    await page.goto(at('/login.php'));
    await signIn(page, user);
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
}

async function lookUp(page, mrn) {
    await page.goto(at('/project.php?project=demo-default'));
    await page.getByLabel('Medical record number').fill(mrn);
    await page.getByRole('button', { name: 'Look up in the EHR' }).click();
}

inFreshBrowser('an MRN as the EHR displays it, or with white space around it, finds the same record', async (page) => {
    const patient = await servers.patient('Maeve');
    await openInWindow(page, servers, patient);
    await signInToEhr(page, 'ward');
    await approve(page);
    await signIn(page);
    await projectList(page).waitFor();
    // "12345" is displayed as "000012345".
    await lookUp(page, '\u00a0000012345\u3000');
    await page.getByRole('button', { name: 'Yes, create the record' }).click();
    await page.getByRole('heading', { name: 'Record 1' }).waitFor();
    assert.deepEqual([records('12345'), servers.sql('SELECT mrn FROM record').length], [['1'], 1]);
    for (const typed of ['12345', '000012345', '12345\u00a0']) {
        await lookUp(page, typed);
        await page.getByText('This patient is already in the project').waitFor();
    }
    const frame = await launchLinked(page, servers, patient, 'ward');
    assert.match(await project(frame).textContent(), /Record 1.*Open record/s);
});

inFreshBrowser('a patient of another hospital with the same MRN is another patient', async (page) => {
    const patient = await servers.patient('Anselmo');
    servers.sql("INSERT INTO record (project, record, source, mrn) VALUES ('demo-default', '50', 'other-hospital', ?)", patient.mrn);
    const frame = await launchLinked(page, servers, patient, 'ward');
    await project(frame).getByRole('button', { name: 'Add Patient to Project' }).click();
    await frame.getByRole('heading', { name: 'Record 51' }).waitFor();
    const foreign = new URL(frame.url());
    for (const name of ['record.php', 'adjudicate.php']) {
        foreign.pathname = `/${name}`;
        foreign.searchParams.set('record', '50');
        await frame.goto(foreign.href);
        assert.match(await frame.getByRole('alert').textContent(), /does not belong to the patient in the EHR's chart/, name);
    }
});

inFreshBrowser('a sign-in to the EHR that one user has started cannot be finished by the next user of the computer', async (page, context) => {
    await enter(page, 'mapper');
    const other = await context.newPage();
    await lookUp(other, '55501');
    await other.getByRole('button', { name: 'Sign in to the EHR' }).click();
    await other.getByLabel('User name').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await enter(page, 'nurse');
    await signInToEhr(other, 'visitor');
    await approve(other);
    await other.getByRole('heading', { name: 'The launch failed' }).waitFor();
    assert.ok(!(await other.content()).includes('55501'), 'the second user does not see what the first one typed');
    await page.goto(at('/index.php'));
    assert.match(await page.getByRole('banner').textContent(), /nurse/);
});

inFreshBrowser('a view that was open when the user signed out stays closed, even for the same user', async (page) => {
    await openInWindow(page, servers, await servers.patient('Wen'));
    await signInToEhr(page, 'ward');
    await approve(page);
    await projectList(page).waitFor();
    const view = page.url();
    await page.goto(at('/index.php'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await enter(page, 'study');
    assert.equal((await page.goto(view)).status(), 410);
});

inFreshBrowser('linking an EHR user to the user of an open session needs the password', async (page, context) => {
    await enter(page, 'judge');
    await openInWindow(page, servers, await servers.patient('Wen'));
    await signInToEhr(page, 'night');
    await approve(page);
    await page.getByText('judge is signed in to this application').waitFor();
    const launch = new URL(page.url()).searchParams.get('launch');
    const fields = { csrf: await csrfOf(page), launch, do: 'link', user: 'judge' };
    const answer = await servers.request('/login.php', { fields, headers: { cookie: await cookieOf(context) } });
    assert.match(answer.text, /password is incorrect/);
    await page.getByLabel('Password for judge').fill('night');
    await page.getByRole('button', { name: 'Yes, link my accounts' }).click();
    await page.getByText('password is incorrect').waitFor();
    // Another user signs in: the launch continues for that user, and the first session has ended.
    await page.getByLabel('User name').fill('study');
    await page.getByLabel('Password', { exact: true }).fill('study');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await projectList(page).waitFor();
    assert.match(await page.getByRole('banner').textContent(), /as study/);
});

inFreshBrowser('a value with characters that forms change is not changed when another field is saved', async (page) => {
    await enter(page, 'study');
    const kept = { address_line: '1 Main\rSt', address_city: 'a\u0000b', address_state: ' 1.10', phone_home: '\u{1F600}\u2028\u00a0', email: '\n\n two\n' };
    for (const [field, value] of Object.entries(kept)) {
        note('1', field, value);
    }
    await page.goto(at('/record.php?project=demo-default&record=1'));
    await page.getByLabel('First name').fill('Maeve');
    await page.getByRole('button', { name: 'Save record', exact: true }).click();
    await page.getByText('Saved.').waitFor();
    const { first_name: name, ...saved } = servers.saved('demo-default', '1').event_1_arm_1;
    assert.equal(name, 'Maeve');
    for (const [field, value] of Object.entries(kept)) {
        assert.equal(saved[field], value, field);
    }
});

inFreshBrowser('if several users save one field at the same time, one succeeds and the others see its value', async (page, context) => {
    await enter(page, 'study');
    await page.goto(at('/record.php?project=demo-default&record=1'));
    const headers = { cookie: await cookieOf(context) };
    const fields = { csrf: await csrfOf(page), project: 'demo-default', record: '1', shown: '{}', all: '1' };
    for (let round = 0; round < 5; ++round) {
        servers.sql("DELETE FROM record_value WHERE record = '1' AND field = 'last_name'");
        const answers = await Promise.all(['A', 'B', 'C'].map((name) => servers.request('/record.php', { headers, fields: { ...fields, 'field[last_name]': name } })));
        assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 303]);
        assert.equal(answers.filter(({ text }) => text.includes('Another user changed this value while you were editing')).length, 2);
    }
});

inFreshBrowser('pressing Save twice saves once, and the second response does not say that nothing was saved', async (page, context) => {
    const frame = await launchFirst(page, servers, await servers.patient('Wen'), 'visitor');
    await project(frame).getByRole('button').click();
    await frame.getByRole('button', { name: 'Save record and fetch data' }).click();
    await frame.getByRole('button', { name: 'Save', exact: true }).waitFor();
    const record = new URL(frame.url()).searchParams.get('record');
    const fields = await frame.locator('form:has([name=save])').evaluate((form) => [...new FormData(form)]);
    const headers = { cookie: await cookieOf(context) };
    const answers = await Promise.all([1, 2].map(() => servers.request('/adjudicate.php', { headers, fields })));
    assert.deepEqual(answers.map(({ text }) => /id="saved"/.test(text)).sort(), [false, true]);
    assert.match(answers.find(({ text }) => !/id="saved"/.test(text)).text, /already decided/);
    assert.equal(servers.sql("SELECT what FROM history WHERE project = 'demo-default' AND record = ? AND what LIKE 'Update record (EHR)%'", record).length, 1);
});

test('simultaneous requests wait for each other on SQLite too', async () => {
    const small = await startServers('--database', 'sqlite');
    try {
        const cookie = ({ headers }) => headers['set-cookie'][0].split(';')[0];
        const login = await small.request('/login.php');
        const fields = { csrf: login.text.match(/name="csrf" value="(\w+)"/)[1], user: 'study', password: 'study' };
        const headers = { cookie: cookie(await small.request('/login.php', { fields, headers: { cookie: cookie(login) } })) };
        for (let round = 0; round < 10; ++round) {
            const answers = await Promise.all(Array.from({ length: 8 }, () => small.request('/index.php', { headers })));
            assert.deepEqual(answers.map(({ status }) => status), Array(8).fill(200));
        }
    } finally {
        await small.stop();
    }
});
