<?php

// "Field mapping": which EHR field is copied to which project field. For users with the right, and not in an EHR view.

declare(strict_types=1);

use App\App;
use App\Study\Mapping;
use App\Study\MappingForm;
use App\Study\MappingPage;
use App\Study\Project;
use App\Web\Denied;
use App\Web\ErrorPage;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\MappingException;
use FhirEhr\OffsetDirection;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
$session = $app->session();
$user = $app->user();
if (Http::parameter('view') !== '') {
    throw new Denied(403, 'Not available in the EHR view', 'You can change the mapping only in the full application. Leave the EHR view to open it.');
}
$project = $app->projects()->ofMember($user, Http::parameter('project'));
$app->rights()->requireRight($user, $project->name, 'map');

const NOTICES = ['saved' => 'The mapping was saved.', 'added' => 'The selected fields were added to the mapping.',
    'uploaded' => 'The mapping was replaced with the CSV.'];

if (isset($_GET['csv'])) {
    header('Content-Type: text/csv; charset=utf-8');
    header('Content-Disposition: attachment; filename="mapping.csv"');
    header('Cache-Control: no-store');
    header('X-Content-Type-Options: nosniff');
    echo $project->mapping->csv();
    exit;
}

[$mapping, $preview, $offsetDays, $offsetDirection, $message, $status] =
    [$project->mapping, $project->preview, (string) $project->offsetDays, $project->offsetDirection, '', 200];
if (Http::isPost()) {
    $session->checkCsrf();
    try {
        $do = Http::parameter('do');
        if ($do === 'add') {
            if (Http::parameters('chosen') === []) {
                throw new Denied(422, 'Not saved', 'Select the fields to add.');
            }
            save_mapping($app, $user, $project, MappingForm::added($project), 'added');
        }
        if ($do === 'upload') {
            $csv = MappingForm::csv();
            // The library must check the original text, because Mapping::read() accepts more than the library does.
            $app->client()->checkMapping($user, $project->name, $csv);
            save_mapping($app, $user, $project, Mapping::read($csv), 'uploaded');
        }
        $mapping = MappingForm::table();
        [$preview, $offsetDays, $offsetDirection] = [MappingForm::preview(), Http::parameter('offset_days'), MappingForm::offsetDirection()];
        save_mapping($app, $user, $project, $mapping, 'saved', $preview, MappingForm::offsetDays(), $offsetDirection);
    } catch (MappingException | Denied $refused) {
        $why = $refused instanceof Denied ? $refused->getMessage() : ErrorPage::sentence($refused);
        [$status, $message] = [422, Page::alert("Not saved. $why")];
        // The table on the page has the typed lines. The lines of an uploaded CSV are not on the page.
        if (Http::parameter('do') === 'save' && preg_match('/line (\d+)/i', $why, $line) === 1) {
            $message .= "<p><a href=\"#line-$line[1]\">Go to line $line[1]</a></p>";
        }
    }
} elseif ($mapping->lines !== []) {
    try {
        $warnings = $app->client()->checkMapping($user, $project->name, $mapping->csv());
        $message = $warnings === [] ? '' : '<p class="notice warning" role="status">The mapping is valid. Check these warnings: ' . h(implode('; ', $warnings)) . '.</p>';
    } catch (MappingException $refused) {
        $message = Page::alert('This mapping is not valid yet. ' . ErrorPage::sentence($refused));
    }
}

/**
 * Saves a mapping that is valid for the library and the project's data dictionary. Otherwise nothing changes.
 *
 * @param list<string>|null $preview null keeps the current value, as do $days and $offsetDirection
 */
function save_mapping(
    App $app,
    string $user,
    Project $project,
    Mapping $mapping,
    string $done,
    ?array $preview = null,
    ?int $days = null,
    ?OffsetDirection $offsetDirection = null,
): never {
    $problems = MappingForm::problems($mapping, $project);
    if ($problems !== []) {
        throw new Denied(422, 'Not saved', implode(' ', array_slice($problems, 0, 10)));
    }
    $app->client()->checkMapping($user, $project->name, $mapping->csv());
    [$preview, $days, $offsetDirection] = [$preview ?? $project->preview, $days ?? $project->offsetDays, $offsetDirection ?? $project->offsetDirection];
    $app->projects()->saveMapping($project->name, $mapping, $preview, $days, $offsetDirection);
    $app->records()->note($user, $project, '', 'Change field mapping: ' . count($mapping->lines) . ' lines');
    Http::redirect('mapping.php', ['project' => $project->name, 'done' => $done]);
}

$page = new Page($app, 'Field mapping', project: $project, menu: 'mapping', status: $status);
$page->begin();
$done = NOTICES[Http::parameter('done')] ?? null;
echo $done === null || Http::isPost() ? '' : Page::notice($done), $message;
$parts = new MappingPage($session, $project);
echo $parts->search(Http::parameter('q')), $parts->table($mapping, $preview, $offsetDays, $offsetDirection), $parts->csv(Http::parameter('text'));
$page->end();
