<?php

// A project's records. To add one, the user enters a medical record number and checks the patient first.

declare(strict_types=1);

use App\App;
use App\Ehr\SignInToEhr;
use App\Study\PatientPreview;
use App\Study\Project;
use App\Study\SystemChoice;
use App\Study\TypedMrn;
use App\Web\Denied;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\Patient;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
if (Http::parameter('view') !== '') {
    throw new Denied(403, 'Not available in the EHR view', 'Leave the EHR view to see all records of a project.');
}
$user = $app->user();
$project = $app->projects()->ofMember($user, Http::parameter('project'));
$systems = $app->ehr()->systemsOf($project);
$source = SystemChoice::of($app, $project, $systems);
$obstacle = $project->obstacle($app->rights(), $user) ?? $app->ehr()->obstacleToAll($project);
$mrn = TypedMrn::posted();
$message = '';
$signInOffer = null;

if (Http::isPost()) {
    $app->session()->checkCsrf();
    if ($obstacle !== null) {
        throw new Denied(403, 'The record cannot be added', $obstacle);
    }
    $known = $source === null ? null : $app->records()->of($project, $source, $mrn);
    $do = Http::parameter('do');
    if ($source === null) {
        $message = Page::alert(SystemChoice::MISSING);
    } elseif ($do === 'sign-in') {
        // The MRN is kept on the server, because it must not be in a URL.
        $typed = $app->tickets()->keep('typed', $app->session()->browser(), ['mrn' => $mrn, 'system' => $source], time() + 600);
        (new SignInToEhr($app, $source))->begin('project.php', ['project' => $project->name, 'typed' => $typed]);
    } elseif ($do === 'back') {
        // Show the form again with the number.
    } elseif (!TypedMrn::isValid($mrn)) {
        $message = Page::alert(TypedMrn::INVALID);
    } elseif ($known !== null) {
        $message = in_project($project, $known);
    } elseif ($do === 'create') {
        [$record] = $app->records()->add($project, $source, $mrn, $user);
        Http::redirect('record.php', ['project' => $project->name, 'record' => $record]);
    } else {
        try {
            $patient = $app->ehr()->preview($user, $source, $project, $mrn);
            // The EHR can display a number in a different form than it stores it, and have several for a patient. Records use the
            // one that launches give.
            $known = $app->records()->of($project, $source, $patient->mrns[0]);
            if ($known === null) {
                preview_page($app, $project, $source, $systems, $mrn, $patient);
                exit;
            }
            $message = in_project($project, $known);
        } catch (EhrException $thrown) {
            $message = SignInToEhr::message($thrown);
            $signInOffer = SignInToEhr::canFix($thrown) ? new SignInToEhr($app, $source) : null;
        }
    }
} elseif (Http::parameter('typed') !== '') {
    /** @var array{mrn: string, system: string}|null $note */
    $note = $app->tickets()->read('typed', $app->session()->browser(), Http::parameter('typed'));
    $mrn = $note['mrn'] ?? '';
    $source = $note !== null && isset($systems[$note['system']]) ? $note['system'] : $source;
    $message = Page::notice('You are signed in to the EHR. Look up the patient again.');
}

function record_page(Project $project, string $record): string
{
    return Http::to('record.php', ['project' => $project->name, 'record' => $record]);
}

function in_project(Project $project, string $record): string
{
    return '<p class="notice" role="status">This patient is already in the project: <a href="' . h(record_page($project, $record))
        . '">record ' . h($record) . '</a>.</p>';
}

/**
 * Shows the preview of the patient before a record is created.
 *
 * @param array<string, string> $systems
 */
function preview_page(App $app, Project $project, string $source, array $systems, string $mrn, Patient $patient): void
{
    $page = new Page($app, 'Are the values below correct?', project: $project, menu: 'records');
    $page->begin();
    echo '<p>', count($systems) === 1 ? 'The EHR' : h($systems[$source]), ' has this patient for the medical record number that you entered. No record has been created yet.</p>',
        PatientPreview::html($project, $mrn, $patient), '<form method="post" action="project.php" class="actions">', $app->session()->csrfField(),
        Page::hidden(['project' => $project->name, 'mrn' => $patient->mrns[0], 'system' => $source]),
        '<button name="do" value="create" class="primary">Yes, create the record</button>',
        '<button name="do" value="back">No, go back</button></form>';
    $page->end();
}

/** @param list<array{record: string, source: string, mrn: string}> $records */
function records_table(App $app, Project $project, array $records): string
{
    $names = $app->ehr()->names();
    $several = count(array_unique(array_column($records, 'source'))) > 1;
    $rights = $app->rights();
    $decides = $rights->has($app->user(), $project->name, 'adjudicate');
    $opens = $rights->has($app->user(), $project->name, 'data');
    $new = $decides ? $app->ehr()->newItems($app->user(), $project) : [];
    $rows = '';
    foreach ($records as ['record' => $record, 'source' => $source, 'mrn' => $mrn]) {
        $name = $opens ? '<a href="' . h(record_page($project, $record)) . '">' . h($record) . '</a>' : h($record);
        $rows .= "<tr><th scope=\"row\">$name</th><td>" . h($mrn) . '</td>' . ($several ? '<td>' . h($names[$source] ?? $source) . '</td>' : '');
        if ($decides) {
            $count = $new[$record] ?? 0;
            $address = Http::to('adjudicate.php', ['project' => $project->name, 'record' => $record]);
            $rows .= '<td>' . ($count === 0 ? '0' : '<a href="' . h($address) . "\">$count<span class=\"hidden\"> for record " . h($record) . '</span></a>') . '</td>';
        }
        $rows .= '</tr>';
    }
    return '<table class="list"><caption class="hidden">Records</caption><thead><tr><th scope="col">Record</th>'
        . '<th scope="col">Medical record number</th>' . ($several ? '<th scope="col">EHR system</th>' : '') . ($decides ? '<th scope="col">New items from EHR</th>' : '') . "</tr></thead><tbody>$rows</tbody></table>";
}

$page = new Page($app, 'Records', project: $project, menu: 'records', formTargets: $signInOffer?->formTargets() ?? []);
$page->begin();
echo $message, $signInOffer?->button('project.php', ['project' => $project->name, 'mrn' => $mrn, 'system' => $source]);
$records = $app->records()->all($project);
echo $records === [] ? '<p>The project has no records yet.</p>' : records_table($app, $project, $records), '<h2>Add a record</h2>';
if ($obstacle !== null) {
    echo '<p>', h($obstacle), '</p>';
} else {
    echo '<form method="post" action="project.php" class="panel narrow">',
        $app->session()->csrfField(), Page::hidden(['project' => $project->name]), SystemChoice::html($systems, $source), '<p><label for="mrn">Medical record number</label>',
        '<input id="mrn" name="mrn" required maxlength="100" autocomplete="off" value="', h($mrn), '"></p>',
        '<p><button name="do" value="preview" class="primary">Look up in the EHR</button></p></form>';
}
$page->end();
