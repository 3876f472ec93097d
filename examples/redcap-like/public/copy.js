// Adds copy buttons to read-only fields. Without this script, users can select and copy the text.
'use strict';

for (const text of navigator.clipboard ? document.querySelectorAll('.copy textarea') : []) {
    const label = document.querySelector(`label[for="${text.id}"]`).textContent;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy: ${label}`);
    const status = document.createElement('span');
    status.setAttribute('role', 'status');
    button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(text.value);
        status.textContent = 'Copied';
        setTimeout(() => { status.textContent = ''; }, 3000);
    });
    text.after(button, status);
}
