// Copy buttons beside texts that are there to be copied. Without this script they are selected and copied by hand.
'use strict';

for (const text of navigator.clipboard ? document.querySelectorAll('.copy textarea') : []) {
    const label = document.querySelector(`label[for="${text.id}"]`).textContent;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy: ${label}`);
    const said = document.createElement('span');
    said.setAttribute('role', 'status');
    button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(text.value);
        said.textContent = 'Copied';
        setTimeout(() => { said.textContent = ''; }, 3000);
    });
    text.after(button, said);
}
