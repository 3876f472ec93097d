<?php

// The one address that the EHR launches and that its authorization server sends browsers back to.

declare(strict_types=1);

use App\App;
use App\Web\ErrorPage;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\LaunchResultKind;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\SignIn;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';

/** Marks the second try, after which a browser without our cookie is known to keep none. */
const TRIED = 'cookie-tried=1';

$query = $_SERVER['QUERY_STRING'] ?? '';
$tried = str_ends_with($query, '&' . TRIED);
$query = $tried ? substr($query, 0, -strlen('&' . TRIED)) : $query;
$session = $app->session();

// A launch is bound to the browser by the cookie; so it does not begin before the cookie has come back.
if (isset($_GET['launch']) && !$session->known) {
    if (!$tried) {
        Http::send('ehr.php?' . $query . '&' . TRIED);
    }
    $page = new Page($app, 'Your browser keeps no cookie here', framable: true);
    $page->begin();
    if (Http::isFramed()) {
        echo "<p>Your browser does not let this application keep a cookie within the EHR's page. In a window of its own it may.</p>",
            '<p><a class="button" href="ehr.php?', h($query), '" target="_blank" rel="noopener">Open in a window of its own</a></p>';
    } else {
        echo Page::alert('Your browser keeps no cookies of this application, so nobody can be signed in. Allow cookies for this address, then open the application from the EHR again.');
    }
    $page->end();
    exit;
}

// A sign-in that began in the application goes on where it began; the EHR answers with the state it was given.
/** @var array{page: string, query: array<string, ?string>}|null $begun */
$begun = $app->tickets()->read('sign-in', $session->browser(), hash('sha256', Http::parameter('state')));
try {
    $arrival = $app->ehr()->launch($query, $session->browser());
} catch (EhrException $thrown) {
    if ($begun === null) {
        throw $thrown;
    }
    $page = new Page($app, 'You are not signed in to the EHR');
    $page->begin();
    echo ErrorPage::told($thrown), '<p><a class="button" href="', h(Http::to($begun['page'], $begun['query'])), '">Back to where you were</a></p>';
    $page->end();
    exit;
}
if ($arrival->kind === LaunchResultKind::Redirect) {
    Http::send((string) $arrival->url);
}
if ($arrival->kind === LaunchResultKind::LoginRequired) {
    // The hand-over stays on this side; what the browser gets is a name for it.
    $note = ['handover' => $arrival->handover, 'ehrUser' => $arrival->ehrUser];
    Http::redirect('login.php', ['launch' => $app->tickets()->keep('launch', $session->browser(), $note, time() + 600)]);
}
// Nothing else is left: somebody has signed in.
if ($begun !== null) {
    Http::redirect($begun['page'], $begun['query']);
}
/** @var SignIn $signIn */
$signIn = $arrival->signIn;
if ($session->user() !== $signIn->user) {
    $session->renew($signIn->user);
}
Http::redirect('view.php', ['view' => $app->views()->begin($session, $signIn)]);
