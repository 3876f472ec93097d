// The browser of the tests: Debian's Chromium, and axe-core for the WCAG 2.2 AA rules that a program can check.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
// --no-sandbox is needed for root. The other flags keep Chromium from contacting hosts that a test machine cannot reach.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];
const WINDOW = { width: 1200, height: 850 };

/** Starts a browser. */
export function startBrowser(more = {}) {
    return chromium.launch({ executablePath: PROGRAM, args: FLAGS, ...more });
}

/** A new browser context without cookies. */
export async function freshContext(browser) {
    const context = await browser.newContext({ viewport: WINDOW, locale: 'en-GB' });
    context.setDefaultTimeout(20_000);
    return context;
}

/** Runs `work` in a new browser context, which is always closed. A script from the EHR's data that opens a dialog fails the test. */
export async function inFreshContext(browser, work) {
    const context = await freshContext(browser);
    try {
        const page = await context.newPage();
        page.on('dialog', () => assert.fail('a script from the EHR data was executed'));
        await work(page, context);
    } finally {
        await context.close();
    }
}

/** A separate browser with these preferences, such as a hospital's IT department sets. */
export async function contextWithPreferences(folder, preferences) {
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync(`${folder}/Default`, { recursive: true });
    writeFileSync(`${folder}/Default/Preferences`, JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(folder, { executablePath: PROGRAM, args: FLAGS, viewport: WINDOW, locale: 'en-GB' });
    context.setDefaultTimeout(20_000);
    return context;
}

/** Fails if axe-core finds a violation of WCAG 2.2 A or AA in a page or frame. */
export async function assertAccessible(frame, what) {
    await frame.evaluate(AXE);
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const found = await frame.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ['violations'], iframes: false }), tags);
    const violations = found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
    assert.deepEqual(violations, [], `${what} violates WCAG 2.2 AA`);
}
