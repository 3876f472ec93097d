// Web security: framing, forged forms, redirects, cookies, caches.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { freshContext, startBrowser } from './browser.mjs';
import { approve, launchFirst, launchLinked, openInChart, openInWindow, projectList, signIn, signInToEhr } from './person.mjs';
import { startServers } from './servers.mjs';

let servers, browser;

before(async () => {
    servers = await startServers();
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

const at = (address) => new URL(address, servers.application).href;
const policyOf = (headers) => headers['content-security-policy'];

const request = (...given) => servers.request(...given);
const cookieOf = async (context) => (await context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');

async function launchQuery() {
    const { launch, iss } = await servers.ehrControl('launch', { patient: (await servers.patient('Maeve')).id });
    return new URLSearchParams({ iss, launch }).toString();
}

test('the redirect URI is the configured one, whatever the Host header says', async () => {
    const forged = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', forwarded: 'host=evil.example' };
    const cookie = (await request('/login.php')).headers['set-cookie'][0].split(';')[0];
    const answer = await request(`/ehr.php?${await launchQuery()}`, { headers: { ...forged, cookie } });
    assert.equal(answer.status, 303);
    const sent = new URL(answer.headers.location);
    assert.equal(sent.origin, new URL(servers.ehr).origin);
    assert.equal(sent.searchParams.get('redirect_uri'), `${servers.application}/ehr.php`);
    assert.ok(!answer.headers.location.includes('evil'));
});

test('a URL from a request is never used for a redirect', async () => {
    for (const query of ['iss=https://evil.example/fhir&launch=x', 'next=https://evil.example/', 'redirect=//evil.example', 'error=x&error_uri=https://evil.example',
        'code=x&state=y&redirect_uri=https://evil.example']) {
        for (const page of ['ehr.php', 'login.php', 'index.php', 'view.php']) {
            const cookie = (await request('/login.php')).headers['set-cookie'][0].split(';')[0];
            const answer = await request(`/${page}?${query}`, { headers: { cookie } });
            const to = answer.headers.location;
            assert.ok(to === undefined || new URL(to, servers.application).origin === servers.application, `${page}?${query} leads to ${to}`);
        }
    }
});

test('an unknown iss is refused before any request is sent', async () => {
    const cookie = (await request('/login.php')).headers['set-cookie'][0].split(';')[0];
    const answer = await request('/ehr.php?iss=https://evil.example/fhir&launch=x', { headers: { cookie } });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /source_not_found/);
});

test('every page refuses a form without the CSRF token of the session', async () => {
    const context = await freshContext(browser);
    const page = await context.newPage();
    await page.goto(servers.application);
    await signIn(page);
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
    const cookie = await cookieOf(context);
    const before = await servers.sql('SELECT name, module, mapping FROM project ORDER BY name');
    const forms = { 'login.php': 'do=sign-out', 'project.php?project=demo-default': 'mrn=12345&do=create', 'mapping.php?project=demo-default': 'do=save',
        'record.php?project=demo-default&record=1': 'field[dob]=x', 'adjudicate.php?project=demo-default&record=1': 'save=1&all=1' };
    servers.command('add', 'study', 'demo-default', '12345');
    for (const [address, fields] of Object.entries(forms)) {
        for (const csrf of ['', '&csrf=', `&csrf=${'0'.repeat(64)}`]) {
            const answer = await request(`/${address}`, { method: 'POST', headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' }, body: fields + csrf });
            assert.equal(answer.status, 403, `${address} with "${csrf}"`);
        }
    }
    assert.deepEqual(await servers.sql('SELECT name, module, mapping FROM project ORDER BY name'), before);
    await page.reload();
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
    await context.close();
});

test('only the EHR view may be framed, and only by the origins of the source', async () => {
    const context = await freshContext(browser);
    const page = await context.newPage();
    const policies = [];
    page.on('response', (answer) => {
        if (answer.url().startsWith(servers.application) && answer.status() === 200 && answer.url().includes('.php')) {
            policies.push([new URL(answer.url()).pathname, policyOf(answer.headers())]);
        }
    });
    await launchFirst(page, servers, await servers.patient('Maeve'), 'portal');
    const ehr = new URL(servers.ehr).origin;
    assert.ok(policies.length >= 2);
    for (const [name, policy] of policies) {
        assert.match(policy, new RegExp(`frame-ancestors ${ehr}$`), name);
        assert.match(policy, /default-src 'none'/);
    }
    await page.goto(servers.application);
    await page.evaluate(() => null);
    for (const address of ['/index.php', '/login.php', '/project.php?project=demo-default', '/admin.php', '/mapping.php?project=demo-default']) {
        const answer = await page.goto(at(address));
        if (answer.status() === 200) {
            assert.match(policyOf(answer.headers()), /frame-ancestors 'none'/, address);
        }
    }
    // The browser enforces it: the EHR's page cannot show the full application.
    const frame = await openInChart(page, servers, await servers.patient('Maeve'));
    const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
    await frame.evaluate((address) => { location.href = address; }, at('/login.php')).catch(() => {});
    await refused;
    await context.close();
});

test('responses forbid caching, sniffing and referrers, and the cookie is not readable by scripts', async () => {
    for (const address of ['/login.php', '/ehr.php?iss=x', '/view.php?view=none']) {
        const { headers } = await request(address);
        assert.equal(headers['cache-control'], 'no-store', address);
        assert.equal(headers['referrer-policy'], 'no-referrer', address);
        assert.equal(headers['x-content-type-options'], 'nosniff', address);
        assert.match(headers['set-cookie'][0], /^__Host-research=[0-9a-f]{64}; Path=\/; HttpOnly; Secure; SameSite=None; Partitioned$/);
    }
});

test('a state of another browser is refused, and the launch remains usable', async () => {
    const newCookie = async () => (await request('/login.php')).headers['set-cookie'][0].split(';')[0];
    const [mine, other] = [await newCookie(), await newCookie()];
    const started = await request(`/ehr.php?${await launchQuery()}`, { headers: { cookie: mine } });
    const state = new URL(started.headers.location).searchParams.get('state');
    const answer = await request(`/ehr.php?code=stolen&state=${state}`, { headers: { cookie: other } });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /state_foreign/);
    const denied = await request(`/ehr.php?error=access_denied&state=${state}`, { headers: { cookie: mine } });
    assert.match(denied.text, /authorization_denied/, 'the launch is still valid in its own browser');
    const again = await request(`/ehr.php?error=access_denied&state=${state}`, { headers: { cookie: mine } });
    assert.match(again.text, /state_unknown/, 'the state is valid once');
});

test('an old session cookie is invalid after signing out', async () => {
    const context = await freshContext(browser);
    const page = await context.newPage();
    await page.goto(servers.application);
    const before = (await context.cookies())[0].value;
    await signIn(page);
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
    const during = (await context.cookies())[0].value;
    assert.notEqual(before, during, 'the session has a new id after the login');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    for (const old of [before, during]) {
        const answer = await request('/index.php', { headers: { cookie: `__Host-research=${old}` } });
        assert.equal(answer.headers.location, 'login.php');
    }
    await context.close();
});

test('only pages are served, and no source or settings files', async () => {
    for (const address of ['/../src/App.php', '/src/App.php', '/cli.php', '/bootstrap.php', '/settings.json', '/.git/config', '/style.css/x.php', '/record.php/x', '/jwks.php/x',
        '/ehr.php/x/y', '/ehr.php/']) {
        assert.equal((await request(address)).status, 404, address);
    }
    // What follows ehr.php is the name of an organization, and never a file.
    for (const name of ['x', 'x.php', '..%2findex.php%00']) {
        const { status, headers } = await request(`/ehr.php/${name}?iss=https://ehr.example.org`);
        assert.ok([303, 400, 404].includes(status), `${name}: ${status}`);
        assert.match(headers.location ?? '../ehr.php?', /^\.\.\/ehr\.php\?/, name);
    }
});

test('a URL alone pulls nothing, from a link on another site or by a reload', async () => {
    const context = await freshContext(browser);
    const page = await context.newPage();
    const frame = await launchLinked(page, servers, await servers.patient('Anselmo'), 'portal');
    await frame.getByRole('row', { name: '14 digits' }).getByRole('button').click();
    await frame.getByLabel('Medical record number').waitFor();
    const here = new URL(frame.url());
    const asked = async () => (await servers.ehrControl('requests')).length;
    const before = await asked();
    here.pathname = '/adjudicate.php';
    await frame.goto(`${here.href}&pull=1`);
    await frame.getByText('No data was fetched, because the page was only reloaded').waitFor();
    assert.equal(await asked(), before);
    await frame.getByRole('button', { name: 'Fetch data from the EHR' }).click();
    await frame.getByRole('button', { name: 'Save', exact: true }).waitFor();
    const after = await asked();
    assert.ok(after > before);
    await frame.evaluate(() => location.reload());
    await frame.getByText('No data was fetched, because the page was only reloaded').waitFor();
    assert.equal(await asked(), after);
    await context.close();
});

test('a session cookie that a host of the same domain has set is not accepted', async () => {
    const planted = (await request('/login.php')).headers['set-cookie'][0].split('; ')[0].split('=')[1];
    const attributes = 'Domain=app.localhost; Path=/; Secure; SameSite=None; Partitioned';
    const otherHost = http.createServer((_, answer) => {
        answer.setHeader('Set-Cookie', ['research', '__Host-research'].map((name) => `${name}=${planted}; ${attributes}`));
        answer.end('planted');
    });
    await new Promise((resolve) => { otherHost.listen(0, '127.0.0.1', resolve); });
    const context = await freshContext(browser);
    const page = await context.newPage();
    await page.goto(`http://evil.app.localhost:${otherHost.address().port}/`);
    assert.ok((await context.cookies()).some((one) => one.value === planted), 'the other host can set cookies');
    const address = new URL('/login.php', servers.application);
    address.hostname = 'app.localhost';
    await page.goto(address.href);
    const [{ csrf }] = servers.sql('SELECT csrf FROM session WHERE id_hash = ?', createHash('sha256').update(planted).digest('hex'));
    assert.notEqual(await page.locator('input[name=csrf]').inputValue(), csrf);
    await context.close();
    otherHost.close();
});

test('an error without a normal page is not cached, and its log entry contains no value', async () => {
    servers.sql('ALTER TABLE configuration RENAME TO configuration_gone');
    const { status, headers } = await request('/login.php?launch=gone');
    servers.sql('ALTER TABLE configuration_gone RENAME TO configuration');
    assert.equal(status, 410);
    assert.equal(headers['cache-control'], 'no-store');
    assert.match(policyOf(headers), /default-src 'none'/);
    servers.sql('ALTER TABLE history RENAME TO history_gone');
    // PHP's default without a php.ini.
    const [program, ...words] = servers.cli.toSpliced(-1, 0, '-d', 'zend.exception_ignore_args=0');
    const { stderr } = spawnSync(program, [...words, 'add', 'study', 'demo-default', 'number-7'], { encoding: 'utf8' });
    servers.sql('ALTER TABLE history_gone RENAME TO history');
    assert.match(stderr, /history/);
    assert.ok(!stderr.includes('number-7'), stderr);
});

test('an error page cannot be framed, except by the EHR of a launch', async () => {
    for (const address of ['/login.php?launch=gone', '/project.php?project=none', '/ehr.php?state=x&code=y', '/admin.php']) {
        const { status, headers } = await request(address);
        assert.ok(status >= 300, address);
        if (status >= 400) {
            assert.match(policyOf(headers), /frame-ancestors 'none'/, address);
        }
    }
    servers.sql('ALTER TABLE configuration RENAME TO configuration_gone');
    const { status, headers } = await request('/login.php?launch=gone');
    servers.sql('ALTER TABLE configuration_gone RENAME TO configuration');
    assert.equal(status, 410);
    assert.match(policyOf(headers), /frame-ancestors 'none'/, 'even without a configuration');
});

test('login attempts are limited for each account and for each address', async () => {
    const context = await freshContext(browser);
    const page = await context.newPage();
    const attempt = async (user, password) => {
        await page.goto(at('/login.php'));
        await page.getByLabel('User name').fill(user);
        await page.getByLabel('Password').fill(password);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        return page.getByRole('alert').textContent();
    };
    const counted = () => servers.sql('SELECT COUNT(*) AS n FROM sign_in_attempt')[0].n;
    servers.sql('DELETE FROM sign_in_attempt');
    for (let count = 0; count < 10; count++) {
        assert.match(await attempt('unknown', `wrong ${count}`), /is incorrect/);
    }
    assert.match(await attempt('UNKNOWN', 'wrong'), /too many attempts.*15 minutes/is);
    // Another account is not blocked, and a correct password resets the count of its account.
    assert.match(await attempt('study', 'wrong'), /is incorrect/);
    const before = counted();
    await signIn(await page.goto(at('/login.php')).then(() => page));
    await page.getByRole('heading', { name: 'My projects' }).waitFor();
    assert.ok(counted() < before, 'failed attempts before a correct password do not count');
    // A correct password is not checked while the account is blocked.
    for (let count = 0; count < 11; count++) {
        servers.sql('INSERT INTO sign_in_attempt (name, at) VALUES (?, ?)', `account ${createHash('sha256').update('admin').digest('hex')}`, Math.floor(Date.now() / 1000));
    }
    await context.clearCookies();
    assert.match(await attempt('admin', 'admin'), /too many attempts/);
    // Many accounts from one address.
    const [{ name }] = servers.sql("SELECT name FROM sign_in_attempt WHERE name LIKE 'address %'");
    for (let count = 0; count < 60; count++) {
        servers.sql('INSERT INTO sign_in_attempt (name, at) VALUES (?, ?)', name, Math.floor(Date.now() / 1000));
    }
    assert.match(await attempt('study', 'study'), /too many attempts/);
    servers.sql('DELETE FROM sign_in_attempt');
    await context.close();
});

test('the back button shows no patient after signing out or leaving the EHR view', async () => {
    // Playwright disables the back-forward cache of real browsers.
    const real = await startBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    const page = await (await freshContext(real)).newPage();
    const ends = { 'Sign out': ['/project.php?project=demo-default', 'Sign in to Research'], 'Leave EHR view': [null, 'The EHR view has ended'] };
    for (const [button, [address, heading]] of Object.entries(ends)) {
        await openInWindow(page, servers, await servers.patient('Maeve'), { banner: '1' });
        await signInToEhr(page);
        await approve(page);
        await projectList(page).waitFor();
        if (address !== null) {
            await page.goto(at(address));
        }
        await page.getByRole('button', { name: button }).click();
        await page.getByRole('button', { name: button }).waitFor({ state: 'detached' });
        await page.evaluate(() => history.back());
        await page.getByRole('heading', { name: heading }).waitFor();
        assert.ok(!(await page.content()).includes('12345'), button);
    }
    await real.close();
});
