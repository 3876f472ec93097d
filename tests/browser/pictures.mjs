// Screenshots for the README. Every run takes them, but stores them only if FHIR_EHR_WRITE_SCREENSHOTS=1.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './servers.mjs';

const FOLDER = path.join(ROOT, 'docs/pictures');
const WRITE = process.env.FHIR_EHR_WRITE_SCREENSHOTS === '1';

/** Takes a screenshot of the window. */
export async function picture(page, name) {
    if (WRITE) {
        mkdirSync(FOLDER, { recursive: true });
    }
    await page.screenshot(WRITE ? { path: path.join(FOLDER, `${name}.png`) } : {});
}
