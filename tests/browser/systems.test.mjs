// Several EHR systems: two hospitals, launch URLs of organizations, the systems of a project, the system account, and private_key_jwt.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { assertAccessible, inFreshContext, startBrowser } from './browser.mjs';
import { approve, openInWindow, projectList, signIn, signInToEhr } from './person.mjs';
import { ROOT, startServers } from './servers.mjs';

const PROJECT = 'demo-default';
const TITLE = 'Heart and metabolism cohort';

let servers, browser;

before(async () => {
    servers = await startServers('--personality', 'epic', '--tenant', 'north', '--tenant', 'south', '--login', 'ward:ward', '--login', 'key:key');
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

const inFreshBrowser = (name, work) => test(name, () => inFreshContext(browser, work));

const at = (address) => new URL(address, servers.application).href;
const field = (page, label) => page.getByLabel(label, { exact: true });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const issOf = (tenant) => new URL(`/${tenant}/r4`, servers.ehr).href;
const row = (page, title) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: title, exact: true }) });
const sourcesOf = (mrn) => servers.sql('SELECT source FROM record WHERE project = ? AND mrn = ? ORDER BY source', PROJECT, mrn).map(({ source }) => source);

async function patientAt(tenant, name) {
    const all = await servers.ehrControl(`patients?${new URLSearchParams({ iss: issOf(tenant) })}`);
    return all.find((one) => one.name.includes(name));
}

/** Opens the launch URL of an organization, as the chart of a tenant does. */
async function launchAt(page, organization, tenant, name) {
    const patient = await patientAt(tenant, name);
    const { launch, iss } = await servers.ehrControl('launch', { patient: patient.id, user: 'ward', iss: issOf(tenant) });
    const answer = await page.goto(at(`/ehr.php/${organization}?${new URLSearchParams({ iss, launch })}`));
    return { patient, answer };
}

async function enter(page, user) {
    await page.goto(at('/login.php'));
    await signIn(page, user);
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
}

/** Sets what a project may use on the administrator's page. `systems`: ids; null: every system of its environment. */
async function setSystems(page, systems, account) {
    await page.goto(at('/admin.php'));
    await row(page, TITLE).getByRole('link').click();
    await field(page, systems === null ? 'every system that the environment of the project allows' : 'only these systems:').check();
    for (const box of await page.locator('input[name="sources[]"]').all()) {
        await box.setChecked(systems?.includes(await box.inputValue()) ?? false);
    }
    await page.getByLabel('Allow pulls with the system account of an EHR, for example at night').setChecked(account);
    await assertAccessible(page, 'the systems of a project');
    await press(page, 'Save');
    await page.getByText('The EHR systems of the project were saved').waitFor();
}

inFreshBrowser('patients of two hospitals with the same MRN are two records of two systems', async (page) => {
    for (const [tenant, record] of [['north', 'Record 1'], ['south', 'Record 2']]) {
        await launchAt(page, tenant, tenant, 'Maeve');
        await signInToEhr(page, 'ward');
        await approve(page);
        // Each hospital has its own user "ward": the application asks for its own user the first time.
        await page.getByRole('heading', { name: /Sign in to Research|Link your EHR user name/ }).waitFor();
        if (tenant === 'north') {
            await signIn(page);
        } else {
            await field(page, 'Password for study').fill('study');
            await press(page, 'Yes, link my accounts');
        }
        await projectList(page).waitFor();
        await row(page, TITLE).getByRole('button', { name: /Add Patient to Project/ }).click();
        await page.getByRole('heading', { name: record }).waitFor();
    }
    const [north, south] = [await patientAt('north', 'Maeve'), await patientAt('south', 'Maeve')];
    assert.equal(north.mrn, south.mrn);
    assert.deepEqual(sourcesOf(north.mrn), ['north-r4', 'south-r4']);

    // The view of the south opens no record of the north.
    const foreign = new URL(page.url());
    foreign.searchParams.set('record', '1');
    assert.equal((await page.goto(foreign.href)).status(), 403);
    await page.getByText("does not belong to the patient in the EHR's chart").waitFor();

    await page.goto(at(`/project.php?project=${PROJECT}`));
    await row(page, '1').getByText('Simulated EHR, north (north-r4)').waitFor();
    await row(page, '2').getByText('Simulated EHR, south (south-r4)').waitFor();

    // Each record is pulled from its own system.
    await servers.ehrControl('reset-requests', {});
    for (const record of ['1', '2']) {
        await page.goto(at(`/record.php?project=${PROJECT}&record=${record}`));
        await press(page, 'Save record and fetch data');
        await page.getByText(/values are pending/).waitFor();
    }
    const fhir = (await servers.ehrControl('requests')).filter(({ path }) => /\/r4\/\w+/.test(path)).map(({ path }) => path.split('/')[1]);
    assert.deepEqual([...new Set(fhir)], ['north', 'south']);
});

inFreshBrowser('the launch URL of an organization refuses the EHR of another one, with a readable page', async (page) => {
    const { answer } = await launchAt(page, 'north', 'south', 'Maeve');
    assert.equal(answer.status(), 400);
    await page.getByRole('heading', { name: 'The launch failed' }).waitFor();
    await page.getByText('The EHR of this launch belongs to another organization than the launch URL').waitFor();
    await assertAccessible(page, 'a launch from another organization');
    assert.equal(await page.evaluate(() => document.styleSheets.length), 1, 'the page has its style sheet');
});

inFreshBrowser('outside the EHR, a user chooses one of several systems, and the page keeps the choice', async (page, context) => {
    await enter(page, 'study');
    await page.goto(at(`/project.php?project=${PROJECT}`));
    const system = field(page, 'EHR system');
    assert.equal(await system.inputValue(), '', 'the application does not choose');
    await assertAccessible(page, 'the choice of an EHR system');
    const patient = await patientAt('south', 'Wen');
    const before = sourcesOf(patient.mrn);
    const cookie = (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
    const csrf = await page.locator('main input[name=csrf]').first().inputValue();
    for (const chosen of ['', 'elsewhere']) {
        const forged = await servers.request('/project.php', { fields: { csrf, project: PROJECT, mrn: patient.mrn, do: 'create', system: chosen }, headers: { cookie } });
        assert.match(forged.text, /Choose the EHR system of the patient/);
    }
    assert.deepEqual(sourcesOf(patient.mrn), before, 'no record was created');
    await system.selectOption('south-r4');
    await field(page, 'Medical record number').fill(patient.mrn);
    await press(page, 'Look up in the EHR');
    await page.getByText('Simulated EHR, south (south-r4) has this patient').waitFor();
    await press(page, 'Yes, create the record');
    await page.getByRole('heading', { name: /^Record / }).waitFor();
    assert.deepEqual(sourcesOf(patient.mrn), ['south-r4']);
    await page.goto(at(`/project.php?project=${PROJECT}`));
    assert.equal(await system.inputValue(), 'south-r4');

    // A wrong system is corrected like a wrong number.
    await page.goto(at(`/mrn.php?project=${PROJECT}&record=${servers.sql('SELECT record FROM record WHERE mrn = ?', patient.mrn)[0].record}`));
    assert.equal(await system.inputValue(), 'south-r4');
    await assertAccessible(page, 'the correction of a number with several systems');
    await system.selectOption('north-r4');
    await field(page, 'Correct medical record number').fill(patient.mrn);
    await press(page, 'Look up in the EHR');
    await page.getByText('Simulated EHR, north (north-r4) has this patient').waitFor();
    await press(page, 'Yes, correct the number');
    await page.getByText('The medical record number was corrected').waitFor();
    assert.deepEqual(sourcesOf(patient.mrn), ['north-r4']);
});

inFreshBrowser('a project uses only the systems that the administrator has allowed', async (page) => {
    await enter(page, 'admin');
    await setSystems(page, ['north-r4'], false);
    await press(page, 'Sign out');
    await enter(page, 'study');
    await page.goto(at(`/project.php?project=${PROJECT}`));
    await field(page, 'Medical record number').waitFor();
    assert.equal(await field(page, 'EHR system').count(), 0, 'there is nothing to choose');
    await page.goto(at(`/record.php?project=${PROJECT}&record=2`));
    await page.getByText('This project may not use Simulated EHR, south.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Save record and fetch data' }).count(), 0);
    // The library refuses it, too.
    const refused = servers.php(`
        putenv("APP_SETTINGS=$argv[2]");
        require $argv[1] . '/examples/redcap-like/src/bootstrap.php';
        $project = $app->projects()->named('${PROJECT}');
        try {
            $app->ehr()->preview('study', 'south-r4', $project, '1');
        } catch (FhirEhr\\Exception\\Exception $thrown) {
            echo $thrown->getName();
        }`, ROOT, servers.settings);
    assert.equal(refused, 'source_not_of_project');
    await press(page, 'Sign out');
    await enter(page, 'admin');
    await setSystems(page, null, false);
});

inFreshBrowser('only an administrator sees and changes the systems of a project and the signing keys', async (page, context) => {
    await enter(page, 'study');
    const cookie = (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
    const csrf = await page.locator('input[name=csrf]').first().inputValue();
    for (const [address, fields] of [['/keys.php', { do: 'add', kid: 'k', algorithm: 'ES384', key: 'x' }],
        ['/project-ehr.php', { project: PROJECT, which: 'all', system_account: '1', all: '1' }]]) {
        assert.equal((await page.goto(at(address))).status(), 403, address);
        assert.equal((await servers.request(address, { fields: { csrf, ...fields }, headers: { cookie } })).status, 403, address);
    }
    assert.deepEqual(servers.sql('SELECT system_account FROM project_ehr WHERE project = ?', PROJECT), [{ system_account: 0 }]);
});

inFreshBrowser('the system account is used only if the project allows it, and its values are marked', async (page) => {
    const fetchRecord = () => {
        const [program, ...words] = [...servers.cli, 'fetch', 'study', PROJECT, record];
        return spawnSync(program, words, { encoding: 'utf8' });
    };
    const { mrn } = await patientAt('north', 'Anselmo');
    const [program, ...words] = [...servers.cli, 'add', 'study', PROJECT, mrn];
    const unnamed = spawnSync(program, words, { encoding: 'utf8' });
    assert.match(unnamed.stderr, /Name one with --system: .*north-r4/);
    const record = servers.command('add', 'study', PROJECT, mrn, '--system', 'north-r4').trim();
    const refused = fetchRecord();
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /may not use the system account/);
    await enter(page, 'admin');
    await setSystems(page, null, true);
    assert.equal(fetchRecord().status, 0);
    await press(page, 'Sign out');
    await enter(page, 'study');
    await page.goto(at(`/adjudicate.php?project=${PROJECT}&record=${record}`));
    const values = page.locator('td[data-name=Source]');
    await values.first().waitFor();
    assert.equal(await page.getByText('pulled by the system account').count(), await values.count());
    await assertAccessible(page, 'values that the system account pulled');
});

inFreshBrowser('the application signs in with a key whose public part the EHR fetches from the JWKS URL', async (page) => {
    await enter(page, 'admin');
    await page.goto(at('/admin.php'));
    await page.getByRole('link', { name: 'Signing keys' }).click();
    await page.getByText('No key has been added yet').waitFor();
    await assertAccessible(page, 'the signing keys');
    const add = async (kid, curve) => {
        await field(page, 'Key ID').fill(kid);
        await field(page, 'Private key').fill(generateKeyPairSync('ec', { namedCurve: curve }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
        await press(page, 'Add key');
    };
    await add('wrong', 'P-256');
    await page.getByRole('alert').waitFor();
    assert.equal(await field(page, 'Private key').inputValue(), '', 'the key is not sent back');
    assert.deepEqual(servers.sql("SELECT name FROM secret WHERE name LIKE 'key:%'"), [], 'nothing was stored');
    await add('2026', 'P-384');
    await page.getByText('The key was added. It signs.').waitFor();
    await add('2027', 'P-384');
    await page.getByText('The key was added and published. It does not sign yet.').waitFor();
    assert.ok(!JSON.stringify(servers.sql('SELECT * FROM secret')).includes('PRIVATE KEY'), 'keys are encrypted in the database');
    await assertAccessible(page, 'two signing keys');
    const jwksUrl = await field(page, 'JWKS URL').inputValue();
    const published = await fetch(jwksUrl);
    assert.deepEqual((await published.json()).keys.map(({ kid, d }) => [kid, d]), [['2026', undefined], ['2027', undefined]]);
    assert.match(published.headers.get('cache-control'), /max-age=\d+/);
    assert.equal(published.headers.get('set-cookie'), null);

    // The registration in the vendor's console, and on the administrator's page.
    await servers.ehrControl('registration', { client_id: 'study-with-key', redirect_uris: [at('/ehr.php')], jwks_url: jwksUrl, auth_methods: ['private_key_jwt'] });
    await page.goto(at('/admin.php'));
    await page.getByRole('link', { name: 'Simulated EHR', exact: true }).click();
    await field(page, 'Client ID').fill('study-with-key');
    await field(page, 'Authentication').selectOption('private_key_jwt');
    await press(page, 'Save system');
    await page.getByText('The system was saved').waitFor();
    assert.equal(await field(page, 'Authentication').inputValue(), 'private_key_jwt');
    assert.equal(await field(page, 'JWK Set URL (JKU)').inputValue(), jwksUrl, 'in the words of the vendor');
    await assertAccessible(page, 'a system with a key');
    await press(page, 'Test the connection');
    await page.getByText('No step failed').waitFor();
    // Another hospital uses the same registration, and has its own launch URL.
    await page.goto(at('/admin.php?source=north-r4'));
    assert.equal(await field(page, 'Client ID').inputValue(), 'study-with-key');
    assert.equal(await field(page, 'Launch URL').inputValue(), at('/ehr.php/north'));
    assert.equal(await field(page, 'Redirect URIs').inputValue(), at('/ehr.php'));
    await press(page, 'Sign out');

    const signInOnce = async () => {
        await servers.ehrControl('reset-requests', {});
        await openInWindow(page, servers, await servers.patient('Maeve'));
        await signInToEhr(page, 'key');
        await approve(page);
        await page.getByRole('heading', { name: /Sign in to Research|Choose a project/ }).waitFor();
        const tokens = (await servers.ehrControl('requests')).filter(({ grant_type: grant }) => grant === 'authorization_code');
        assert.deepEqual(tokens.map(({ status, client, has_authorization: secret }) => [status, client, secret]), [[200, 'study-with-key', false]]);
    };
    await signInOnce();
    await signIn(page);
    await projectList(page).waitFor();

    // Rotation: the next key, which the EHR already knows, signs, and the old one is removed.
    await press(page, 'Leave EHR view');
    await press(page, 'Sign out');
    await enter(page, 'admin');
    await page.goto(at('/keys.php'));
    await page.getByRole('button', { name: /^Sign with it.*2027$/ }).click();
    await page.getByText('The key signs now').waitFor();
    await page.getByRole('button', { name: /^Remove.*2027$/ }).click();
    assert.match(await page.getByRole('alert').textContent(), /An EHR system uses this key/);
    await page.getByRole('button', { name: /^Remove.*2026$/ }).click();
    await page.getByText('The key was removed').waitFor();
    await signInOnce();
    assert.deepEqual(servers.sql("SELECT name FROM secret WHERE name LIKE 'key:%'"), [{ name: 'key:2027' }], 'the removed key was deleted');
});
