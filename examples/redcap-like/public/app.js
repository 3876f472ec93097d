// Conveniences. Everything works without this script; the server ends the EHR view by itself.
'use strict';

// Browsers keep pages for the back button, even with Cache-Control: no-store. After a user signs out or leaves the EHR view, the
// back button must not show a patient. So a restored page stays hidden until it is reloaded from the server.
addEventListener('pagehide', () => { document.documentElement.hidden = true; });
addEventListener('pageshow', (event) => {
    if (event.persisted) {
        location.reload();
    }
});

// After an error, the focus moves to the first invalid field or to the message, for keyboard and screen reader users.
const invalidField = document.querySelector('[aria-invalid=true]');
const errorMessage = document.querySelector('[role=alert]');

if (errorMessage) {
    document.title = `Error: ${document.title}`;
    errorMessage.tabIndex = -1;
    (invalidField ?? errorMessage).focus();
}

// A form that only sends the browser on to the EHR.
document.querySelector('form[data-submit-now]')?.submit();

// The timer of the EHR view: shows the time left, warns before the access ends, and leaves the page when it has ended.

const clock = document.getElementById('view-ends');

if (clock) {
    const warning = document.getElementById('view-warning');
    const ends = performance.now() + 1000 * Number(clock.dataset.seconds);
    const text = (seconds) => seconds > 60 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
    const show = () => {
        const seconds = Math.ceil((ends - performance.now()) / 1000);
        if (seconds <= 0) {
            // The server shows that the view has ended. The patient's data is no longer on the screen.
            location.replace('view.php?' + new URLSearchParams({ view: document.forms[0].elements.view.value }));
            return;
        }
        clock.textContent = `Access ends in ${text(seconds)}`;
        if (seconds <= 120 && warning.hidden) {
            warning.hidden = false;
            warning.textContent = "The EHR's access to this patient ends in less than two minutes. Save your decisions now. Then open the application from the chart again.";
        }
    };
    show();
    setInterval(show, 1000);
    // A background tab may not run timers, so the time is updated when the tab becomes visible.
    document.addEventListener('visibilitychange', show);
}
