<?php

// "Connection to the EHR": the systems that may be launched from, what their registrations need to know, and the projects
// that may pull. For administrators only; never within an EHR view.

declare(strict_types=1);

use App\App;
use App\Ehr\Configuration;
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
$app->rights()->demandAdministrator($user);

const NOTICES = ['saved' => 'The system is saved. New launches use it at once.', 'removed' => 'The system and its secrets are removed.',
    'on' => 'Pulling is switched on for the project.', 'off' => 'Pulling is switched off for the project.'];

$stored = $app->configuration()->stored();
$id = Http::parameter('source') === '' ? null : Http::parameter('source');
$form = $id === null ? SourceForm::empty() : SourceForm::stored($stored, $id);
if ($form === null) {
    throw new Denied(404, 'No such system', 'There is no such system; somebody may have removed it.');
}
$name = $form->text('name');
[$said, $steps, $status, $typed, $typedName] = ['', null, 200, [], null];

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
        if ($do === 'test') {
            $steps = $app->client()->checkSource($user, (string) $id);
        } else {
            [$form, $typed] = [SourceForm::posted($id), $secrets->read()];
            if ($do !== 'find') {
                save_system($app, $user, $form, $secrets);
            }
            if ($form->text('iss') === '') {
                throw new Denied(422, 'Nothing to find', "Enter the FHIR base URL first: the EHR's team or the vendor's console has it.");
            }
            $found = $app->client()->discover($user, $form->text('iss'));
            $form = $form->with($found);
            $said = Page::notice("Found in the server's $found->foundIn: look at the addresses and the version below, then save."
                . ($found->fhirVersion === null ? ' It does not say which FHIR version it has: choose it.' : ''));
        }
    } catch (EhrException $refused) {
        [$status, $said] = [422, ErrorPage::told($refused)];
    } catch (Denied $refused) {
        [$status, $said] = [$refused->status, Page::alert($refused->getMessage())];
    }
    $typedName = $secrets->keep($typed);
}

/** Stores the form's system, if the library takes the configuration with it; else all stays as it was. */
function save_system(App $app, string $user, SourceForm $form, TypedSecrets $secrets): never
{
    $lacking = $form->lacking();
    if ($lacking !== null) {
        throw new Denied(422, 'Not saved', $lacking);
    }
    $stored = $app->configuration()->stored();
    if ($form->secretsToTypeAgain($stored, $secrets->read()) !== []) {
        throw new Denied(422, 'Not saved', 'The FHIR base URL or the token URL is another one now, and the client secret is sent there. '
            . 'Nothing was saved. Check the address with the EHR team, then type the client secret again.');
    }
    [$document, $id, $new] = $form->into($stored, $app->configuration()->redirectUris(), $secrets->read());
    $app->clientFor(Configuration::complete($document));
    $app->configuration()->store($document, $new);
    $app->configuration()->note($user, ($form->id === null ? 'Add' : 'Change') . " EHR system $id" . ($new === [] ? '' : ', new secret'));
    $secrets->drop();
    Http::redirect('admin.php', ['source' => $id, 'done' => 'saved']);
}

function remove_system(App $app, string $user, SourceForm $form): never
{
    if ($form->id === null || Http::parameter('sure') === '') {
        throw new Denied(422, 'Not removed', 'Tick the box beside "Yes, remove" to remove the system.');
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
    $app->records()->note($user, $project, '', $on ? 'Switch pulling from the EHR on' : 'Switch pulling from the EHR off');
    Http::redirect('admin.php', ['done' => $on ? 'on' : 'off']);
}

function systems(App $app): string
{
    $sources = $app->configuration()->stored()['sources'];
    if ($sources === []) {
        return '<p>There is no system yet. Add the EHR, then copy the addresses it shows into the EHR\'s registration.</p>';
    }
    $rows = '';
    foreach ($sources as $source) {
        $address = h(Http::to('admin.php', ['source' => $source['id']]));
        $name = $source['name'] ?? '';
        $name = h($name === '' ? $source['id'] : $name);
        $rows .= "<tr><th scope=\"row\"><a href=\"$address\">$name</a></th><td><code>" . h($source['iss']) . '</code></td><td>'
            . h(strtoupper($source['fhir_version'])) . '</td><td>' . h($source['environment']) . '</td></tr>';
    }
    return Inputs::table('systems', 'Systems', ['Name', 'FHIR Base URL', 'Version', 'Environment'], $rows, captionHidden: true);
}

function projects(App $app): string
{
    $rows = '';
    foreach ($app->projects()->all() as $project) {
        [$state, $button] = $project->module ? ['on', 'Switch off'] : ['off', 'Switch on'];
        $field = $project->mrnField === null ? 'none: nothing can be pulled' : '<code>' . h($project->mrnField) . '</code>';
        $hidden = $app->session()->csrfField() . Page::hidden(['project' => $project->name, 'on' => $project->module ? '0' : '1']);
        $rows .= '<tr><th scope="row">' . h($project->title) . "</th><td>$field</td><td>" . h($project->environment->value) . "</td><td>$state</td>"
            . "<td><form method=\"post\" action=\"admin.php\">$hidden<button name=\"do\" value=\"module\">$button"
            . '<span class="hidden">: pulling from the EHR in ' . h($project->title) . '</span></button></form></td></tr>';
    }
    $columns = ['Project', 'Field for the MRN', 'Environment', 'Pulling', 'Change'];
    return Inputs::table('projects', 'Projects', $columns, $rows, captionHidden: true);
}

/** The scopes need a client, and the stored configuration may be one that the library does not take. */
function scopes(App $app, SourcePage $page, string $id): string
{
    try {
        return $page->scopes($app->client()->scopes($id));
    } catch (EhrException $refused) {
        return ErrorPage::told($refused);
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
echo $said, $done === null || Http::isPost() ? '' : Page::notice($done);
if ($one) {
    $system = new SourcePage($app, $form, $stored, $typed, $typedName);
    echo $id === null ? '<p>The vendor\'s console gives a client ID for <a href="#copy">these addresses</a>.</p>' : '', $system->form(),
        $id === null ? '' : $system->test($steps), '<section id="copy"><h2>To copy into the EHR\'s registration</h2>', $system->addresses(),
        $id === null ? '<p>The exact scopes are shown here when the system is saved.</p>' : scopes($app, $system, $id), '</section>',
        $id === null ? '' : $system->removal();
} else {
    echo '<h2>Systems</h2>', systems($app), '<p><a class="button" href="admin.php?add=1">Add a system</a></p>',
        '<h2>Projects</h2>', projects($app);
}
echo '<script src="copy.js" defer></script>';
$page->end();
