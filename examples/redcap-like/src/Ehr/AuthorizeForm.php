<?php

// The page that sends the browser to an EHR by POST: the authorize_method of the source is "post".

declare(strict_types=1);

namespace App\Ehr;

use App\App;
use App\Web\Page;
use FhirEhr\LaunchResult;

final class AuthorizeForm
{
    /** Shows a form with a button. app.js submits it; without scripts, the user presses the button. */
    public static function show(App $app, LaunchResult $result): never
    {
        // The Content-Security-Policy must name the origin of the form's action.
        preg_match('~^https?://[^/?#;,\s]+~', (string) $result->url, $origin);
        $page = new Page($app, 'Sign in to the EHR', framable: true, formTargets: array_values($origin));
        $page->begin();
        echo '<form method="post" action="', h((string) $result->url), '" data-submit-now>', Page::hidden($result->formFields ?? []),
            '<button class="primary">Continue to the EHR</button></form>';
        $page->end();
        exit;
    }
}
