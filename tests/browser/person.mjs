// User actions: opening a chart, signing in to the EHR, signing in to the application. Functions that open a page return its page or
// frame.

/** Presses a patient's launch button. The application opens in a frame of the chart. Returns the frame. */
export async function openInChart(page, servers, patient, options = {}) {
    await page.goto(new URL('?' + new URLSearchParams(options), servers.ehr).href);
    await page.locator(`form:has(input[name=patient][value="${patient.id}"])`).getByRole('button', { name: /in chart/ }).click();
    return page.frameLocator('iframe').owner().elementHandle().then((element) => element.contentFrame());
}

/** Presses the other launch button. The application opens in the whole window. */
export async function openInWindow(page, servers, patient, options = {}) {
    await page.goto(new URL('?' + new URLSearchParams(options), servers.ehr).href);
    await page.locator(`form:has(input[name=patient][value="${patient.id}"])`).getByRole('button', { name: /in a window/ }).click();
    return page;
}

/** Signs in with user name, password and the second factor that the simulator shows. */
export async function signInToEhr(frame, user = 'portal') {
    await frame.getByLabel('User name').fill(user);
    await frame.getByLabel('Password').fill(user);
    await frame.getByRole('button', { name: 'Sign in' }).click();
    const code = await frame.locator('#second-factor').textContent();
    await frame.getByLabel('Code').fill(code);
    await frame.getByRole('button', { name: 'Continue' }).click();
    await consent(frame).waitFor();
}

const consent = (frame) => frame.getByRole('button', { name: 'Approve' });

export async function approve(frame) {
    await consent(frame).click();
}

export async function deny(frame) {
    await frame.getByRole('button', { name: 'Deny' }).click();
}

/** Signs in to the application. */
export async function signIn(frame, user = 'study') {
    await frame.getByLabel('User name').fill(user);
    await frame.getByLabel('Password').fill(user);
    await frame.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export const projectList = (frame) => frame.getByRole('heading', { name: 'Choose a project for this patient' });

/** Goes from the launch button to the list of projects, for an EHR user who is already linked. */
export async function launchLinked(page, servers, patient, user = 'portal', options = {}) {
    const frame = await openInChart(page, servers, patient, options);
    await signInToEhr(frame, user);
    await approve(frame);
    await projectList(frame).waitFor();
    return frame;
}

/** The same with the application's own login. */
export async function launchFirst(page, servers, patient, user, member = 'study', options = {}) {
    const frame = await openInChart(page, servers, patient, options);
    await signInToEhr(frame, user);
    await approve(frame);
    await signIn(frame, member);
    await projectList(frame).waitFor();
    return frame;
}
