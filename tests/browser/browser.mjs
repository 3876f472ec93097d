// The browser of a test: Debian's chromium, and axe-core for what WCAG 2.2 AA lets a program check.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
// As root it has no sandbox; the others keep it from asking for hosts that a test machine cannot reach.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'];
const WINDOW = { width: 1200, height: 850 };

/** A browser whose windows end with the test file. */
export function startBrowser(more = {}) {
    return chromium.launch({ executablePath: PROGRAM, args: FLAGS, ...more });
}

/** A new person at a new browser: no cookies of before. */
export async function freshContext(browser) {
    const context = await browser.newContext({ viewport: WINDOW, locale: 'en-GB' });
    context.setDefaultTimeout(20_000);
    return context;
}

/** One person at a browser without cookies, which is closed whatever happens; a script out of the EHR's data fails the test. */
export async function inFreshContext(browser, work) {
    const context = await freshContext(browser);
    try {
        const page = await context.newPage();
        page.on('dialog', () => assert.fail('a script of the EHR ran'));
        await work(page, context);
    } finally {
        await context.close();
    }
}

/** A browser of its own with these preferences: what an administrator of a hospital's computers sets. */
export async function contextWithPreferences(folder, preferences) {
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync(`${folder}/Default`, { recursive: true });
    writeFileSync(`${folder}/Default/Preferences`, JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(folder, { executablePath: PROGRAM, args: FLAGS, viewport: WINDOW, locale: 'en-GB' });
    context.setDefaultTimeout(20_000);
    return context;
}

/** Fails when axe-core finds something in a page or a frame that breaks WCAG 2.2 A or AA. */
export async function assertAccessible(frame, what) {
    await frame.evaluate(AXE);
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const found = await frame.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ['violations'], iframes: false }), tags);
    const told = found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
    assert.deepEqual(told, [], `${what} breaks WCAG 2.2 AA`);
}
