<?php

// "Connection to the EHR": the EHR systems, the values for their registrations, the projects that may fetch data, who is signed in, and
// which EHR user is which user. For administrators only, and not in an EHR view.

declare(strict_types=1);

use App\App;
use App\Ehr\Configuration;
use App\Ehr\SignIns;
use App\Ehr\SourceForm;
use App\Ehr\SourcePage;
use App\Ehr\TypedSecrets;
use App\Web\Denied;
use App\Web\ErrorPage;
use App\Web\Http;
use App\Web\Inputs;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
$session = $app->session();
$user = $app->user();
$app->rights()->requireAdministrator($user);

const NOTICES = ['saved' => 'The system was saved. New launches use it immediately.', 'removed' => 'The system and its secrets were removed.',
    'on' => 'Fetching data was turned on for the project.', 'off' => 'Fetching data was turned off for the project.', 'systems' => 'The EHR systems of the project were saved.', ...SignIns::NOTICES];

$stored = $app->configuration()->stored();
$id = Http::parameter('source') === '' ? null : Http::parameter('source');
$form = $id === null ? SourceForm::empty() : SourceForm::stored($stored, $id);
if ($form === null) {
    throw new Denied(404, 'System not found', 'This system does not exist. Another administrator may have removed it.');
}
$name = $form->text('name');
[$message, $steps, $status, $typed, $typedName] = ['', null, 200, [], null];

if (Http::isPost()) {
    $session->checkCsrf();
    $secrets = new TypedSecrets($app);
    try {
        $do = Http::parameter('do');
        if ($do === 'module') {
            switch_module($app, $user);
        }
        if ($do === 'remove') {
            remove_system($app, $user, $form);
        }
        if ($do === 'sign-out' || $do === 'unlink') {
            change_sign_in($app, $user, $do);
        }
        if ($do === 'test') {
            $steps = $app->client()->checkSource($user, (string) $id);
        } else {
            [$form, $typed] = [SourceForm::posted($id), $secrets->read()];
            if ($do !== 'find') {
                save_system($app, $user, $form, $secrets);
            }
            if ($form->text('iss') === '') {
                throw new Denied(422, 'URL is missing', "Enter the FHIR base URL first. Your EHR team or the EHR vendor's console has it.");
            }
            $found = $app->client()->discover($user, $form->text('iss'));
            $form = $form->with($found);
            $message = Page::notice("The settings were found in the server's $found->foundIn. Check the URLs and the version below, then save."
                . ($found->fhirVersion === null ? ' The server does not give its FHIR version. Choose it below.' : ''));
        }
    } catch (EhrException $refused) {
        [$status, $message] = [422, ErrorPage::details($refused)];
    } catch (Denied $refused) {
        [$status, $message] = [$refused->status, Page::alert($refused->getMessage())];
    }
    $typedName = $secrets->keep($typed);
}

/** Saves the system of the form if the library accepts the configuration. Otherwise nothing changes. */
function save_system(App $app, string $user, SourceForm $form, TypedSecrets $secrets): never
{
    $missing = $form->firstMissing();
    if ($missing !== null) {
        throw new Denied(422, 'Not saved', $missing);
    }
    $stored = $app->configuration()->stored();
    if ($form->secretsToTypeAgain($stored, $secrets->read()) !== []) {
        throw new Denied(422, 'Not saved', 'Nothing was saved. You changed the FHIR base URL or the token URL, and the client secret is sent to that URL. '
            . 'Check the URL with your EHR team, then enter the client secret again.');
    }
    [$document, $id, $new] = $form->into($stored, $app->configuration()->redirectUris(), $secrets->read());
    if (in_array('private_key_jwt', [$form->text('authentication'), $form->text('system_authentication')], true) && $app->signingKeys()->all() === []) {
        throw new Denied(422, 'Not saved', 'Nothing was saved. Authentication with a key needs a signing key. Add one at "Signing keys" first.');
    }
    $app->clientFor(Configuration::complete($document));
    $app->configuration()->store($document, $new);
    $app->configuration()->note($user, ($form->id === null ? 'Add' : 'Change') . " EHR system $id" . ($new === [] ? '' : ', new secret'));
    $secrets->drop();
    Http::redirect('admin.php', ['source' => $id, 'done' => 'saved']);
}

function remove_system(App $app, string $user, SourceForm $form): never
{
    if ($form->id === null || Http::parameter('sure') === '') {
        throw new Denied(422, 'Not removed', 'To remove the system, select the "Yes, remove" checkbox.');
    }
    $app->configuration()->store(SourceForm::without($app->configuration()->stored(), $form->id));
    $app->configuration()->note($user, "Remove EHR system $form->id");
    Http::redirect('admin.php', ['done' => 'removed']);
}

function switch_module(App $app, string $user): never
{
    $project = $app->projects()->named(Http::parameter('project'));
    $on = Http::parameter('on') === '1';
    $app->projects()->switchModule($project->name, $on);
    $app->records()->note($user, $project, '', $on ? 'Turn on fetching data from the EHR' : 'Turn off fetching data from the EHR');
    Http::redirect('admin.php', ['done' => $on ? 'on' : 'off']);
}

function change_sign_in(App $app, string $administrator, string $do): never
{
    $signIns = new SignIns($app, $administrator, []);
    $done = $do === 'unlink' ? $signIns->unlink(Http::parameter('link')) : $signIns->signOut(Http::parameter('user'), Http::parameter('system'));
    Http::redirect('admin.php', ['done' => $done]);
}

/** The sign-ins and the EHR users, or an error: without a configured system there is no store for them. */
function sign_ins(App $app, string $administrator): string
{
    try {
        $signIns = new SignIns($app, $administrator, $app->ehr()->names());
        return '<h2>Sign-ins to the EHR</h2><p>With a sign-in, the application fetches data from an EHR system for its user.</p>'
            . $signIns->grants(Http::parameter('after'))
            . '<h2>EHR users</h2><p>A launch from the EHR signs these EHR users in without the login of the application. '
            . 'Unlink an EHR user who belongs to another person now.</p>' . $signIns->links();
    } catch (EhrException $refused) {
        return ErrorPage::details($refused);
    }
}

function systems(App $app): string
{
    $sources = $app->configuration()->stored()['sources'];
    if ($sources === []) {
        return '<p>No EHR system has been added yet. Add one, then copy the URLs from its page into the registration in the EHR.</p>';
    }
    $rows = '';
    foreach ($sources as $source) {
        $address = h(Http::to('admin.php', ['source' => $source['id']]));
        $name = $source['name'] ?? '';
        $name = h($name === '' ? $source['id'] : $name);
        $rows .= "<tr><th scope=\"row\"><a href=\"$address\">$name</a></th><td><code>" . h($source['iss']) . '</code></td><td>'
            . h(strtoupper($source['fhir_version'])) . '</td><td>' . h($source['environment']) . '</td></tr>';
    }
    return Inputs::table('systems', 'Systems', ['Name', 'FHIR Base URL', 'FHIR version', 'Environment'], $rows, captionHidden: true);
}

function projects(App $app): string
{
    $rows = '';
    $names = $app->ehr()->names();
    foreach ($app->projects()->all() as $project) {
        $systems = match ($project->sources) {
            null => 'all of its environment',
            [] => 'none',
            default => implode(', ', array_map(static fn(string $id): string => $names[$id] ?? $id, $project->sources)),
        };
        $systems .= $project->systemAccount ? '; system account' : '';
        $address = h(Http::to('project-ehr.php', ['project' => $project->name]));
        [$state, $button] = $project->module ? ['on', 'Turn off'] : ['off', 'Turn on'];
        $field = $project->mrnField === null ? 'none (no data can be fetched)' : '<code>' . h($project->mrnField) . '</code>';
        $hidden = $app->session()->csrfField() . Page::hidden(['project' => $project->name, 'on' => $project->module ? '0' : '1']);
        $rows .= '<tr><th scope="row">' . h($project->title) . "</th><td>$field</td><td>" . h($project->environment->value) . "</td><td><a href=\"$address\">" . h($systems)
            . '<span class="hidden">: EHR systems of ' . h($project->title) . "</span></a></td><td>$state</td>"
            . "<td><form method=\"post\" action=\"admin.php\">$hidden<button name=\"do\" value=\"module\">$button"
            . '<span class="hidden">: fetching data from the EHR in ' . h($project->title) . '</span></button></form></td></tr>';
    }
    $columns = ['Project', 'MRN field', 'Environment', 'EHR systems', 'Fetching data', 'Action'];
    return Inputs::table('projects', 'Projects', $columns, $rows, captionHidden: true);
}

/** The values for the vendor's console, or an error: the library may not accept the stored configuration. */
function sheet(SourcePage $page, string $id): string
{
    try {
        return $page->sheet($id);
    } catch (EhrException $refused) {
        return ErrorPage::details($refused);
    }
}

$one = $id !== null || isset($_GET['add']) || $typed !== [] || ($_POST['do'] ?? '') === 'find' || ($_POST['do'] ?? '') === 'save';
$title = match (true) {
    !$one => 'Connection to the EHR',
    $id === null => 'Connection to the EHR: new system',
    default => 'Connection to the EHR: ' . $name,
};
$page = new Page($app, $title, menu: 'admin', status: $status);
$page->begin();
$done = NOTICES[Http::parameter('done')] ?? null;
echo $message, $done === null || Http::isPost() ? '' : Page::notice($done);
if ($one) {
    $system = new SourcePage($app, $form, $stored, $typed, $typedName);
    echo $id === null ? '<p>Enter <a href="#copy">these URLs</a> in the EHR vendor\'s console to get a client ID.</p>' : '', $system->form(),
        $id === null ? '' : $system->test($steps), '<section id="copy"><h2>Values for the registration in the EHR</h2>',
        $id === null ? $system->addresses() . '<p>Save the system to see the exact scopes here.</p>' : sheet($system, $id), '</section>',
        $id === null ? '' : $system->removal();
} else {
    echo '<h2>Systems</h2>', systems($app), '<p><a class="button" href="admin.php?add=1">Add a system</a> <a class="button" href="keys.php">Signing keys</a></p>',
        '<h2>Projects</h2>', projects($app), sign_ins($app, $user);
}
echo '<script src="copy.js" defer></script>';
$page->end();
