// Accessibility: keyboard only, narrow screens and large text, errors.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, inFreshContext, startBrowser } from './browser.mjs';
import { launchFirst, launchLinked, openInChart, projectList, signIn, signInToEhr, approve } from './person.mjs';
import { startServers } from './servers.mjs';

const PROJECT = 'Heart and metabolism cohort';

let servers, browser;

before(async () => {
    servers = await startServers('--login', 'keys:keys', '--login', 'narrow:narrow', '--login', 'mistaken:mistaken', '--login', 'leaving:leaving');
    browser = await startBrowser();
});
after(async () => {
    await browser?.close();
    await servers?.stop();
});

const inFreshBrowser = (name, work) => test(name, () => inFreshContext(browser, work));

const project = (frame) => frame.getByRole('row').filter({ has: frame.getByRole('rowheader', { name: PROJECT, exact: true }) });
const button = (frame, name) => frame.getByRole('button', { name, exact: true });

/** Presses Tab until the element has the focus, and checks that the focus is visible. */
async function tabTo(page, element) {
    await element.waitFor();
    for (let pressed = 0; pressed < 150; ++pressed) {
        if (await element.evaluate((one) => one === document.activeElement)) {
            const visible = await element.evaluate((one) => {
                const { outlineStyle, outlineWidth } = getComputedStyle(one);
                const { top, bottom, left, right } = one.getBoundingClientRect();
                const on = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
                return { outline: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2, uncovered: one.contains(on) || on?.contains(one) };
            });
            assert.deepEqual(visible, { outline: true, uncovered: true }, `the focus is visible on ${element}`);
            return;
        }
        await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${element}`);
}

async function type(page, field, text) {
    await tabTo(page, field);
    await page.keyboard.type(text);
}

async function press(page, element) {
    await tabTo(page, element);
    await page.keyboard.press('Enter');
}

inFreshBrowser('a user can go from the launch button to the saved record with the keyboard only', async (page) => {
    const patient = await servers.patient('Maeve');
    await page.setViewportSize({ width: 900, height: 600 });
    await page.goto(new URL('?user=keys', servers.ehr).href);
    await press(page, page.locator(`form:has(input[name=patient][value="${patient.id}"])`).getByRole('button', { name: /in chart/ }));
    const frame = await page.frameLocator('iframe').owner().elementHandle().then((element) => element.contentFrame());
    await type(page, frame.getByLabel('User name'), 'keys');
    await type(page, frame.getByLabel('Password'), 'keys');
    await page.keyboard.press('Enter');
    await frame.locator('#second-factor').waitFor();
    await type(page, frame.getByLabel('Code'), await frame.locator('#second-factor').textContent());
    await page.keyboard.press('Enter');
    await press(page, button(frame, 'Approve'));
    await frame.getByText('Your EHR user name is keys').waitFor();
    await type(page, frame.getByLabel('User name'), 'study');
    await type(page, frame.getByLabel('Password'), 'study');
    await page.keyboard.press('Enter');
    await projectList(frame).waitFor();
    await press(page, project(frame).getByRole('button'));
    await frame.getByLabel('Visit date').waitFor();
    const record = new URL(frame.url()).searchParams.get('record');
    await press(page, button(frame, 'Save record and fetch data'));
    // The arrow keys move between the choices that are decided together.
    const named = (decision) => frame.getByRole('radio', { name: new RegExp(`^${decision} ?: First name`) });
    await tabTo(page, named('Accept'));
    await page.keyboard.press('ArrowDown');
    assert.ok(await named('Reject').isChecked());
    await page.keyboard.press('ArrowDown');
    assert.ok(await named('Later').isChecked());
    await press(page, button(frame, 'Save'));
    await frame.locator('#saved').waitFor();
    const saved = servers.saved('demo-default', record).event_1_arm_1;
    assert.equal(saved.first_name, undefined, 'left for later');
    assert.equal(saved.last_name, "O'Brádaigh-Núñez");
});

inFreshBrowser('no page needs horizontal scrolling at a width of 320 pixels, as on a phone or at 400% zoom', async (page) => {
    const patient = await servers.patient('Maeve');
    const frame = await launchFirst(page, servers, patient, 'narrow', 'study', { banner: '1' });
    const fits = async (what) => {
        await page.setViewportSize({ width: 320, height: 640 });
        const wide = await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${what} is ${wide} pixels too wide`);
        await assertAccessible(frame, `${what}, narrow`);
    };
    await fits('the list of projects');
    await project(frame).getByRole('button').click();
    await frame.getByLabel('Visit date').waitFor();
    await fits('the record form');
    await button(frame, 'Save record and fetch data').click();
    await button(frame, 'Save').waitFor();
    await fits('the adjudication screen');
    assert.equal(await frame.locator('.adjudication').getByRole('columnheader').count(), 6, 'it is still a table for screen readers');
    await button(frame, 'Save').click();
    await frame.locator('#saved').waitFor();
    await fits('the page after saving');
});

inFreshBrowser('every choice for a value is visible in the frame of an EHR', async (page) => {
    await page.setViewportSize({ width: 900, height: 600 });
    const frame = await launchLinked(page, servers, await servers.patient('Wen'), 'narrow');
    await project(frame).getByRole('button').click();
    await button(frame, 'Save record and fetch data').click();
    await button(frame, 'Save').waitFor();
    for (const choice of await frame.locator('.choice label').all()) {
        const { x, width } = await choice.boundingBox();
        assert.ok(x + width <= 900, 'a choice is outside the frame');
    }
});

inFreshBrowser('after an error, the title says so and the focus is on the field with the error', async (page) => {
    const frame = await openInChart(page, servers, await servers.patient('Maeve'));
    await signInToEhr(frame, 'mistaken');
    await approve(frame);
    await frame.getByLabel('User name').fill('study');
    await frame.getByLabel('Password').fill('wrong');
    await button(frame, 'Sign in').click();
    await frame.getByRole('alert').waitFor();
    assert.match(await frame.title(), /^Error: /);
    assert.ok(await frame.getByRole('alert').evaluate((element) => element === document.activeElement));
    await signIn(frame);
    await projectList(frame).waitFor();
    await project(frame).getByRole('button').click();
    const date = frame.getByLabel('Visit date');
    // A browser without date inputs sends the typed text.
    await date.evaluate((element) => { element.type = 'text'; });
    await date.fill('31.12.2024');
    await button(frame, 'Save record').click();
    await frame.getByRole('alert').waitFor();
    assert.ok(await date.evaluate((element) => element === document.activeElement));
    assert.match(await date.getAttribute('aria-describedby'), /-error$/);
});

inFreshBrowser('signing out in the frame of the EHR shows a page there', async (page) => {
    const frame = await launchFirst(page, servers, await servers.patient('Maeve'), 'leaving');
    await button(frame, 'Leave EHR view').click();
    await button(frame, 'Sign out').click();
    await frame.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await assertAccessible(frame, 'the page after signing out within the EHR');
});
