// Pictures of the pages for the README: taken in each run, kept only when they are asked for.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './servers.mjs';

const FOLDER = path.join(ROOT, 'docs/pictures');
const KEPT = process.env.FHIR_EHR_WRITE_SCREENSHOTS === '1';

/** A picture of the window as it stands. */
export async function picture(page, name) {
    if (KEPT) {
        mkdirSync(FOLDER, { recursive: true });
    }
    await page.screenshot(KEPT ? { path: path.join(FOLDER, `${name}.png`) } : {});
}
