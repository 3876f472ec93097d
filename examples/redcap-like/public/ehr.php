<?php

// The launch URL and redirect URI: the EHR launches this page, and the authorization server redirects browsers back to it. The launch URL
// "ehr.php/ORGANIZATION" accepts launches from the EHR systems of this organization only.

declare(strict_types=1);

use App\App;
use App\Ehr\AuthorizeForm;
use App\Web\ErrorPage;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\LaunchResultKind;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\SignIn;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';

/** Marks the second request. A browser that still sends no cookie then is blocking cookies. */
const TRIED = 'cookie-tried=1';

/** The organization of the launch URL "ehr.php/ORGANIZATION", in the query of the next request. */
const ORGANIZATION = '&launch-organization=';

$query = $_SERVER['QUERY_STRING'] ?? '';
$path = ltrim((string) ($_SERVER['PATH_INFO'] ?? ''), '/');
if ($path !== '') {
    // All links of the application are relative to its folder, so the pages of a launch must not be below "ehr.php/".
    Http::send('../ehr.php?' . $query . ORGANIZATION . rawurlencode($path));
}
$tried = str_ends_with($query, '&' . TRIED);
$query = $tried ? substr($query, 0, -strlen('&' . TRIED)) : $query;
// The last one counts: the application has added it after what the EHR sent.
$at = strrpos($query, ORGANIZATION);
$organization = $at === false ? null : rawurldecode(substr($query, $at + strlen(ORGANIZATION)));
$forLibrary = $at === false ? $query : substr($query, 0, $at);
$session = $app->session();

// The cookie binds a launch to the browser, so the launch starts only after the browser has sent the cookie back.
if (isset($_GET['launch']) && !$session->known) {
    if (!$tried) {
        Http::send('ehr.php?' . $query . '&' . TRIED);
    }
    $page = new Page($app, 'Your browser blocks cookies', framable: true);
    $page->begin();
    if (Http::isFramed()) {
        echo "<p>Your browser does not allow this application to set a cookie inside the EHR. Open the application in a separate window.</p>",
            '<p><a class="button" href="ehr.php?', h($query), '" target="_blank" rel="noopener">Open in a new window</a></p>';
    } else {
        echo Page::alert('Your browser blocks cookies from this application, so you cannot sign in. Allow cookies for this site, then open the application from the EHR again.');
    }
    $page->end();
    exit;
}

// A sign-in that was started in the application returns to the page where it started. The state identifies it.
/** @var array{page: string, query: array<string, ?string>}|null $origin */
$origin = $app->tickets()->read('sign-in', $session->browser(), hash('sha256', Http::parameter('state')));
try {
    $result = $app->ehr()->launch($forLibrary, $session->browser(), $organization);
} catch (EhrException $thrown) {
    if ($origin === null) {
        throw $thrown;
    }
    $page = new Page($app, 'You are not signed in to the EHR');
    $page->begin();
    echo ErrorPage::details($thrown), '<p><a class="button" href="', h(Http::to($origin['page'], $origin['query'])), '">Back to the previous page</a></p>';
    $page->end();
    exit;
}
if ($result->kind === LaunchResultKind::Redirect) {
    Http::send((string) $result->url);
}
if ($result->kind === LaunchResultKind::Form) {
    AuthorizeForm::show($app, $result);
}
if ($result->kind === LaunchResultKind::LoginRequired) {
    // The handover stays on the server. The browser gets only the name of its ticket.
    $note = ['handover' => $result->handover, 'ehrUser' => $result->ehrUser];
    Http::redirect('login.php', ['launch' => $app->tickets()->keep('launch', $session->browser(), $note, time() + 600)]);
}
// The remaining kind is SignedIn.
if ($origin !== null) {
    Http::redirect($origin['page'], $origin['query']);
}
/** @var SignIn $signIn */
$signIn = $result->signIn;
if ($session->user() !== $signIn->user) {
    $session->renew($signIn->user);
}
Http::redirect('view.php', ['view' => $app->views()->begin($session, $signIn)]);
