// Comforts; without this script everything works all the same, and the server ends the view.
'use strict';

// Browsers keep whole pages for their back button, whatever Cache-Control says. After signing out or leaving the EHR view
// nobody shall find patients there: a page that comes back is hidden until the server has sent it anew.
addEventListener('pagehide', () => { document.documentElement.hidden = true; });
addEventListener('pageshow', (event) => {
    if (event.persisted) {
        location.reload();
    }
});

// After an error the page begins where it is told: screen readers say it, and the keyboard is near what is to be mended.
const mistake = document.querySelector('[aria-invalid=true]');
const told = document.querySelector('[role=alert]');

if (told) {
    document.title = `Error: ${document.title}`;
    told.tabIndex = -1;
    (mistake ?? told).focus();
}

// The EHR view's clock: says how long the access lasts, warns before it ends, and leaves the page when it has ended.

const clock = document.getElementById('view-ends');

if (clock) {
    const warning = document.getElementById('view-warning');
    const ends = performance.now() + 1000 * Number(clock.dataset.seconds);
    const text = (seconds) => seconds > 60 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
    const show = () => {
        const seconds = Math.ceil((ends - performance.now()) / 1000);
        if (seconds <= 0) {
            // The server says that it has ended, and the patient leaves the screen.
            location.replace('view.php?' + new URLSearchParams({ view: document.forms[0].elements.view.value }));
            return;
        }
        clock.textContent = `Access ends in ${text(seconds)}`;
        if (seconds <= 120 && warning.hidden) {
            warning.hidden = false;
            warning.textContent = "The EHR's access to this patient ends in less than two minutes. Save what you have decided; then open the application from the chart again.";
        }
    };
    show();
    setInterval(show, 1000);
    // A tab that slept looks at the clock as soon as it is seen.
    document.addEventListener('visibilitychange', show);
}
