<?php

// The application's own login. Within a launch, it also links the EHR user to the application user.

declare(strict_types=1);

use App\App;
use App\Web\Denied;
use App\Web\Http;
use App\Web\Page;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
$session = $app->session();
$ticket = Http::parameter('launch');
/** @var array{handover: string, ehrUser: ?string}|null $launch */
$launch = $ticket === '' ? null : $app->tickets()->read('launch', $session->browser(), $ticket);
if ($ticket !== '' && $launch === null) {
    throw new Denied(410, 'The launch has expired', 'The launch took too long, or it is already finished. Open the application from the EHR again.');
}

[$error, $status] = [null, 200];
if (Http::isPost()) {
    $session->checkCsrf();
    $user = Http::parameter('user');
    if (Http::parameter('do') === 'sign-out') {
        $app->views()->endAll($session);
        $session->renew(null);
        Http::isFramed() ? signed_out($app) : Http::redirect('login.php');
    }
    $attempts = $app->signInAttempts();
    try {
        $attempts->begin($user);
        if ($app->rights()->passwordIsRight($user, is_string($_POST['password'] ?? null) ? $_POST['password'] : '')) {
            $attempts->succeed($user);
            enter($app, $user, $ticket, $launch);
        }
        $error = 'The user name or password is incorrect.';
    } catch (Denied $tooMany) {
        [$status, $error] = [$tooMany->status, $tooMany->getMessage()];
    }
}

/** The page after signing out in a frame. Inside the EHR, users can sign in only by a launch, so the login form is not shown. */
function signed_out(App $app): never
{
    $page = new Page($app, 'You are signed out', framable: true);
    $page->begin();
    echo "<p>To return, open the application from the patient's chart again.</p>";
    $page->end();
    exit;
}

/**
 * Signs the user in, finishes the launch if there is one, and redirects to the first page.
 *
 * @param array{handover: string, ehrUser: ?string}|null $launch
 */
function enter(App $app, string $user, string $ticket, ?array $launch): never
{
    $session = $app->session();
    if ($launch === null) {
        $session->renew($user);
        Http::redirect('index.php');
    }
    // The launch is bound to the browser's current session, so it must be finished before renew(), which can start a new one.
    $app->tickets()->drop('launch', $session->browser(), $ticket);
    $signIn = $app->ehr()->finishLaunch($launch['handover'], $session->browser(), $user);
    $session->renew($user);
    Http::redirect('view.php', ['view' => $app->views()->begin($session, $signIn)]);
}

$hidden = $session->csrfField() . Page::hidden(['launch' => $launch === null ? null : $ticket]);
$known = $launch !== null && $session->user() !== null;
$page = new Page($app, $known ? 'Link your EHR user name' : 'Sign in to Research', framable: $launch !== null, status: $status);
$page->begin();
if ($launch !== null) {
    echo $launch['ehrUser'] === null
        ? '<p>The EHR does not send your user name, so you must sign in to this application each time.</p>'
        : '<p>Your EHR user name is <strong>' . h($launch['ehrUser']) . '</strong>. ' . ($known ? 'Confirm your account' : 'Sign in to this application')
            . ' to link it to your EHR user name. After that, you do not have to sign in when you open this application from the EHR.</p>';
}
if ($error !== null) {
    echo Page::alert($error);
}
if ($known) {
    // The link is permanent. Without the password, another person at an open session could link their EHR user to its account.
    echo '<form method="post" action="login.php" class="panel narrow">', $hidden, Page::hidden(['user' => $session->user()]),
        '<p><strong>', h($session->user()), '</strong> is signed in to this application in this browser. Is this your account?</p>',
        '<p><label for="own">Password for ', h($session->user()), '</label>',
        '<input id="own" name="password" type="password" required autocomplete="current-password"></p>',
        '<p><button class="primary">Yes, link my accounts</button></p></form><h2>No, sign in with another account</h2>';
}
?>
<form method="post" action="login.php" class="panel narrow"><?= $hidden ?>
<p><label for="user">User name</label><input id="user" name="user" value="<?= h($error === null ? '' : Http::parameter('user')) ?>" required autocomplete="username" autocapitalize="none" spellcheck="false"></p>
<p><label for="password">Password</label><input id="password" name="password" type="password" required autocomplete="current-password"></p>
<p><button class="primary">Sign in</button></p>
</form>
<?php
$page->end();
