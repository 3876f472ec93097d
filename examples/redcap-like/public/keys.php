<?php

// "Signing keys": the private keys with which the application authenticates at EHRs (private_key_jwt). For administrators only.

declare(strict_types=1);

use App\App;
use App\Ehr\SigningKeys;
use App\Web\Denied;
use App\Web\ErrorPage;
use App\Web\Http;
use App\Web\Inputs;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
$user = $app->user();
$app->rights()->requireAdministrator($user);
$keys = $app->signingKeys();

const DONE = ['current' => 'The key was added. It signs.', 'next' => 'The key was added and published. It does not sign yet.',
    'signs' => 'The key signs now. The key before it is retired.', 'removed' => 'The key was removed.'];
const STATES = ['next' => 'published, does not sign yet', 'current' => 'signs', 'retired' => 'retired: published, does not sign any longer'];
[$message, $status] = ['', 200];
if (Http::isPost()) {
    $app->session()->checkCsrf();
    try {
        $kid = Http::parameter('kid');
        $done = match (Http::parameter('do')) {
            'sign' => sign($keys, $user, $kid),
            'remove' => remove($keys, $user, $kid),
            default => $keys->add($user, $kid, Http::parameter('algorithm'), Http::parameter('key')),
        };
        Http::redirect('keys.php', ['done' => $done]);
    } catch (EhrException $refused) {
        [$status, $message] = [422, ErrorPage::details($refused)];
    } catch (Denied $refused) {
        [$status, $message] = [$refused->status, Page::alert($refused->getMessage())];
    }
}

function sign(SigningKeys $keys, string $user, string $kid): string
{
    $keys->makeCurrent($user, $kid);
    return 'signs';
}

function remove(SigningKeys $keys, string $user, string $kid): string
{
    $keys->remove($user, $kid);
    return 'removed';
}

function table(App $app, SigningKeys $keys): string
{
    $rows = '';
    foreach ($keys->all() as $key) {
        $name = '<span class="hidden">: key ' . h($key['kid']) . '</span>';
        $rows .= '<tr><th scope="row"><code>' . h($key['kid']) . '</code></th><td>' . h($key['algorithm']) . '</td><td>' . h(STATES[$key['state']] ?? $key['state'])
            . '</td><td><form method="post" action="keys.php" class="actions">' . $app->session()->csrfField() . Page::hidden(['kid' => $key['kid']])
            . ($key['state'] === 'next' ? "<button name=\"do\" value=\"sign\">Sign with it$name</button>" : '')
            . "<button name=\"do\" value=\"remove\">Remove$name</button></form></td></tr>";
    }
    return Inputs::table('keys', 'Signing keys', ['Key ID', 'Algorithm', 'State', 'Action'], $rows, captionHidden: true);
}

$page = new Page($app, 'Signing keys', menu: 'admin', status: $status);
$page->begin();
$done = DONE[Http::parameter('done')] ?? null;
echo $message, $done === null || Http::isPost() ? '' : Page::notice($done),
    '<p>With these keys, the application authenticates at EHR systems that use private_key_jwt. The EHR fetches their public parts from the JWKS URL.</p>',
    Inputs::toCopy('copy-jwks', 'JWKS URL', $app->settings()->jwksAddress()),
    $keys->all() === [] ? '<p>No key has been added yet.</p>' : table($app, $keys),
    '<p class="hint">To rotate a key, add a new one, wait for more than one hour so that no EHR has an older JWKS document, and press "Sign with it". '
    . 'Remove the old key one day later.</p>',
    '<h2>Add a key</h2><p>Create it outside of this application: <code>fhir-ehr keys generate --out key.pem --kid 2026</code>. Delete the file after you have '
    . 'added the key.</p>',
    '<form method="post" action="keys.php" class="settings" autocomplete="off">', $app->session()->csrfField(),
    Inputs::text('kid', 'Key ID', Http::isPost() ? Http::parameter('kid') : '', 'Such as the year. A new key needs a new ID.', ['required' => true, 'maxlength' => '80', 'spellcheck' => 'false']),
    Inputs::choice('algorithm', 'Algorithm', SigningKeys::ALGORITHMS, 'ES384'),
    '<div class="setting"><label for="key">Private key</label><textarea id="key" name="key" rows="6" required autocomplete="off" spellcheck="false" aria-describedby="key-hint"></textarea>',
    '<p class="hint" id="key-hint">PKCS#8 PEM without a password, or a private JWK. It is stored encrypted and never shown.</p></div>',
    '<p class="actions"><button name="do" value="add" class="primary">Add key</button><a class="button" href="admin.php">Back</a></p></form>',
    '<script src="copy.js" defer></script>';
$page->end();
