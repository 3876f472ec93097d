<?php

// The application's own login: by itself, or within a launch, where it links the EHR's user to the application's.

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
    throw new Denied(410, 'The launch has ended', 'It took too long, or it was finished already. Open the application from the EHR again.');
}

[$complaint, $status] = [null, 200];
if (Http::isPost()) {
    $session->checkCsrf();
    $user = Http::parameter('user');
    if (Http::parameter('do') === 'sign-out') {
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
        $complaint = 'User name or password is wrong.';
    } catch (Denied $tooMany) {
        [$status, $complaint] = [$tooMany->status, $tooMany->getMessage()];
    }
}

/** Within the EHR's page there is no way in but the launch: the login by itself is not shown there. */
function signed_out(App $app): never
{
    $page = new Page($app, 'You are signed out', framable: true);
    $page->begin();
    echo "<p>To come back, open the application from the patient's chart again.</p>";
    $page->end();
    exit;
}

/**
 * Finishes the launch, if there is one, and goes to the first page.
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
    // The launch is bound to the session as it is: what comes before goes with it when somebody else signs in.
    $app->tickets()->drop('launch', $session->browser(), $ticket);
    $signIn = $app->ehr()->finishLaunch($launch['handover'], $session->browser(), $user);
    $session->renew($user);
    Http::redirect('view.php', ['view' => $app->views()->begin($session, $signIn)]);
}

$hidden = $session->csrfField() . Page::hidden(['launch' => $launch === null ? null : $ticket]);
$known = $launch !== null && $session->user() !== null;
$page = new Page($app, $known ? 'Are you the same person?' : 'Sign in to Research', framable: $launch !== null, status: $status);
$page->begin();
if ($launch !== null) {
    echo $launch['ehrUser'] === null
        ? '<p>The EHR does not say who you are there, so this application asks each time.</p>'
        : '<p>In the EHR you are <strong>' . h($launch['ehrUser']) . '</strong>. ' . ($known ? 'Say' : 'Sign in to this application to say')
            . ' once who you are here: the two are then linked, and the next time you come from the EHR you need not sign in.</p>';
}
if ($complaint !== null) {
    echo Page::alert($complaint);
}
if ($known) {
    // The link lasts: without the password, whoever comes to an open session could be its user for good.
    echo '<form method="post" action="login.php" class="panel narrow">', $hidden, Page::hidden(['user' => $session->user()]),
        '<p>In this browser <strong>', h($session->user()), '</strong> is signed in to the application. Is that you?</p>',
        '<p><label for="own">Password of ', h($session->user()), '</label>',
        '<input id="own" name="password" type="password" required autocomplete="current-password"></p>',
        '<p><button class="primary">Yes, link us and go on</button></p></form><h2>No, I am somebody else</h2>';
}
?>
<form method="post" action="login.php" class="panel narrow"><?= $hidden ?>
<p><label for="user">User name</label><input id="user" name="user" value="<?= h($complaint === null ? '' : Http::parameter('user')) ?>" required autocomplete="username" autocapitalize="none" spellcheck="false"></p>
<p><label for="password">Password</label><input id="password" name="password" type="password" required autocomplete="current-password"></p>
<p><button class="primary">Sign in</button></p>
</form>
<?php
$page->end();
