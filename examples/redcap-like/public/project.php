<?php

// A project's records, and the way to a new one: a record number is typed, and the EHR's patient is looked at first.

declare(strict_types=1);

use App\App;
use App\Ehr\SignInToEhr;
use App\Study\PatientPreview;
use App\Study\Project;
use App\Study\TypedMrn;
use App\Web\Denied;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\Patient;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
if (Http::parameter('view') !== '') {
    throw new Denied(403, 'Not in the EHR view', 'Leave the EHR view to see all records of a project.');
}
$user = $app->user();
$project = $app->projects()->ofMember($user, Http::parameter('project'));
$source = $app->ehr()->sourceFor($project);
$obstacle = $project->obstacle($app->rights(), $user)
    ?? ($source === null ? 'No EHR is connected to this application yet.' : $app->ehr()->obstacle($source, $project));
$mrn = TypedMrn::posted();
$told = '';
$offer = null;

if (Http::isPost()) {
    $app->session()->checkCsrf();
    if ($obstacle !== null || $source === null) {
        throw new Denied(403, 'No record can be added', (string) $obstacle);
    }
    $known = $app->records()->of($project, $source, $mrn);
    $do = Http::parameter('do');
    if ($do === 'sign-in') {
        // The number that was typed waits on this offsetDirection: it does not stand in addresses.
        $typed = $app->tickets()->keep('typed', $app->session()->browser(), ['mrn' => $mrn], time() + 600);
        (new SignInToEhr($app, $source))->begin('project.php', ['project' => $project->name, 'typed' => $typed]);
    } elseif ($do === 'back') {
        // The form once more, with the number in it.
    } elseif (!TypedMrn::isOne($mrn)) {
        $told = Page::alert(TypedMrn::MISTAKE);
    } elseif ($known !== null) {
        $told = in_project($project, $known);
    } elseif ($do === 'create') {
        [$record] = $app->records()->add($project, $source, $mrn, $user);
        Http::redirect('record.php', ['project' => $project->name, 'record' => $record]);
    } else {
        try {
            $patient = $app->ehr()->preview($user, $source, $project, $mrn);
            // The EHR may display another number than it stores, and have several for a patient: records have the one that
            // launches bring.
            $known = $app->records()->of($project, $source, $patient->mrns[0]);
            if ($known === null) {
                preview_page($app, $project, $mrn, $patient);
                exit;
            }
            $told = in_project($project, $known);
        } catch (EhrException $thrown) {
            $told = SignInToEhr::told($thrown);
            $offer = SignInToEhr::mends($thrown) ? new SignInToEhr($app, $source) : null;
        }
    }
} elseif (Http::parameter('typed') !== '') {
    /** @var array{mrn: string}|null $note */
    $note = $app->tickets()->read('typed', $app->session()->browser(), Http::parameter('typed'));
    $mrn = $note['mrn'] ?? '';
    $told = Page::notice('You are signed in to the EHR. Look the patient up once more.');
}

function record_page(Project $project, string $record): string
{
    return Http::to('record.php', ['project' => $project->name, 'record' => $record]);
}

function in_project(Project $project, string $record): string
{
    return '<p class="notice" role="status">This patient is in the project already: <a href="' . h(record_page($project, $record))
        . '">record ' . h($record) . '</a>.</p>';
}

/** "Are the values below correct?" */
function preview_page(App $app, Project $project, string $mrn, Patient $patient): void
{
    $page = new Page($app, 'Are the values below correct?', project: $project, menu: 'records');
    $page->begin();
    echo '<p>This is what the EHR has for the medical record number you typed. No record was made yet.</p>',
        PatientPreview::html($project, $mrn, $patient), '<form method="post" action="project.php" class="actions">', $app->session()->csrfField(),
        Page::hidden(['project' => $project->name, 'mrn' => $patient->mrns[0]]),
        '<button name="do" value="create" class="primary">Yes, create the record</button>',
        '<button name="do" value="back">No, go back</button></form>';
    $page->end();
}

/** @param list<array{record: string, mrn: string}> $records */
function records_table(App $app, Project $project, array $records): string
{
    $rights = $app->rights();
    $decides = $rights->has($app->user(), $project->name, 'adjudicate');
    $opens = $rights->has($app->user(), $project->name, 'data');
    $new = $decides ? $app->ehr()->newItems($app->user(), $project) : [];
    $rows = '';
    foreach ($records as ['record' => $record, 'mrn' => $mrn]) {
        $name = $opens ? '<a href="' . h(record_page($project, $record)) . '">' . h($record) . '</a>' : h($record);
        $rows .= "<tr><th scope=\"row\">$name</th><td>" . h($mrn) . '</td>';
        if ($decides) {
            $count = $new[$record] ?? 0;
            $address = Http::to('adjudicate.php', ['project' => $project->name, 'record' => $record]);
            $rows .= '<td>' . ($count === 0 ? '0' : '<a href="' . h($address) . "\">$count<span class=\"hidden\"> for record " . h($record) . '</span></a>') . '</td>';
        }
        $rows .= '</tr>';
    }
    return '<table class="list"><caption class="hidden">Records</caption><thead><tr><th scope="col">Record</th>'
        . '<th scope="col">Medical record number</th>' . ($decides ? '<th scope="col">New items from EHR</th>' : '') . "</tr></thead><tbody>$rows</tbody></table>";
}

$page = new Page($app, 'Records', project: $project, menu: 'records', formTargets: $offer?->formTargets() ?? []);
$page->begin();
echo $told, $offer?->button('project.php', ['project' => $project->name, 'mrn' => $mrn]);
$records = $app->records()->all($project);
echo $records === [] ? '<p>The project has no records yet.</p>' : records_table($app, $project, $records), '<h2>Add a record</h2>';
if ($obstacle !== null) {
    echo '<p>', h($obstacle), '</p>';
} else {
    echo '<form method="post" action="project.php" class="panel narrow">',
        $app->session()->csrfField(), Page::hidden(['project' => $project->name]), '<p><label for="mrn">Medical record number</label>',
        '<input id="mrn" name="mrn" required maxlength="100" autocomplete="off" value="', h($mrn), '"></p>',
        '<p><button name="do" value="preview" class="primary">Look up in the EHR</button></p></form>';
}
$page->end();
