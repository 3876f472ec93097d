<?php

// The adjudication screen: what the EHR has for a record, pulled when asked to; each value is accepted, rejected, or left.

declare(strict_types=1);

use App\App;
use App\Ehr\SignInToEhr;
use App\Study\AdjudicationTable;
use App\Study\ClearPending;
use App\Study\Decisions;
use App\Study\Place;
use App\Study\Project;
use App\Study\PullOnce;
use App\Study\PullReport;
use App\Study\RecordRequest;
use App\Study\SavedValues;
use App\Web\Http;
use App\Web\Inputs;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\Exception\StagingException;
use FhirEhr\StagedRow;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
[$user, $view, $project, $record, $source, $mrn] = RecordRequest::checked($app, 'adjudicate');
$here = ['project' => $project->name, 'record' => $record, 'view' => $view?->id];
$signIn = $view !== null ? null : new SignInToEhr($app, $source);
$clearing = new ClearPending($app, $project, $record, $view?->id);

/**
 * What waits, next to what the record holds.
 *
 * @return list<Place>
 */
$waiting = static fn(): array
    => Place::of($project, $app->ehr()->waiting($user, $project, $record), $app->records()->values($project, $record));

$told = match (true) {
    Http::parameter('cleared') !== '' => ClearPending::notice(Http::parameter('cleared')),
    Http::parameter('removed') === '1' => Page::notice('The entry was removed from the record.'),
    default => '',
};
$offer = null;
$decisions = null;
/** Whether the values that wait were found to be of another patient. */
$foreign = false;
if (Http::isPost()) {
    $app->session()->checkCsrf();
    if (Http::parameter('do') === 'sign-in' && $signIn !== null) {
        $signIn->begin('adjudicate.php', [...$here, ...PullOnce::query($app)]);
    }
    if (Http::parameter('do') === 'fetch') {
        Http::redirect('adjudicate.php', [...$here, ...PullOnce::query($app)]);
    }
    if (Http::parameter('do') === 'clear') {
        $clearing->clear($user);
    }
    if (Http::parameter('do') === 'remove') {
        $told = remove_entry($app, $user, $project, $here);
    }
}
if (Http::isPost() && Http::parameter('do') === '') {
    Http::demandWholeForm();
    $decisions = Decisions::posted();
    $shown = $waiting();
    try {
        $saved = $app->adjudication()->save($user, $project, $record, $decisions->accept, $decisions->reject);
        saved_page($app, $project, $here, $shown, $decisions, $saved);
        exit;
    } catch (StagingException) {
        $told = already_decided($decisions, $waiting())
            ? Page::notice('All of this has been decided already, by your first click or by somebody else. Nothing was saved twice.')
            : Page::alert('Values have changed meanwhile, or somebody else has decided. Nothing was saved: look at the values again, then save.');
    }
} elseif (Http::parameter('pull') === '1' && !PullOnce::isAllowed($app)) {
    $told = Page::notice('Nothing was fetched just now: this page was only loaded again.');
} elseif (Http::parameter('pull') === '1') {
    try {
        $told = pull($app, $user, $source, $project, $record, $mrn, $view?->patientId);
    } catch (EhrException $thrown) {
        $told = (Http::parameter('saved') === '1' ? Page::notice('The record is saved. Nothing was fetched:') : '')
            . (ClearPending::mends($thrown) ? $clearing->html($thrown) : SignInToEhr::told($thrown, $view));
        $foreign = ClearPending::mends($thrown);
        $offer = $signIn !== null && SignInToEhr::mends($thrown) ? $signIn : null;
    }
}

/** Pulls the record's values in real time, and says what there is to say about it. */
function pull(App $app, string $user, string $source, Project $project, string $record, string $mrn, ?string $launchPatient): string
{
    $why = $app->ehr()->obstacleToPull($source, $project);
    if ($why !== null) {
        return Page::alert($why);
    }
    $dates = $app->records()->dates($project, $record);
    $pulled = $app->ehr()->fetch($user, $source, $project, $record, $mrn, $dates, $launchPatient);
    return PullReport::html($project, $pulled, $dates);
}

/**
 * Removes the entry of a list that the form names, and shows the page again.
 *
 * @param array{project: string, record: string, view: ?string} $here
 * @return string what there is to say when it was not removed
 */
function remove_entry(App $app, string $user, Project $project, array $here): string
{
    try {
        $app->adjudication()->remove($user, $project, $here['record'], [Http::parameter('entry')]);
    } catch (StagingException) {
        return Page::alert('Nothing was removed: the entry was removed already, or the record has changed since. Look at the entries again.');
    }
    Http::redirect('adjudicate.php', [...$here, 'removed' => '1']);
}

/**
 * Whether none of what the form has decided waits any more: it was sent twice.
 *
 * @param list<Place> $places that wait
 */
function already_decided(Decisions $decisions, array $places): bool
{
    $waiting = array_column(array_merge(...array_column($places, 'rows')), 'decision');
    return array_intersect([...$decisions->accept, ...$decisions->reject], $waiting) === [];
}

/** @param array<string, ?string> $here */
function fetch_button(App $app, array $here, string $before): string
{
    return '<form method="post" action="adjudicate.php" class="actions">' . $app->session()->csrfField() . Page::hidden($here)
        . "$before<button name=\"do\" value=\"fetch\">Fetch data from the EHR</button></form>";
}

/**
 * Who adjudicates need not be one who enters data.
 *
 * @param array<string, ?string> $here
 * @return array{string, string} address and text
 */
function way_back(App $app, Project $project, array $here): array
{
    return $app->rights()->has($app->user(), $project->name, 'data')
        ? [Http::to('record.php', $here), 'To the record']
        : [Http::to('project.php', ['project' => $project->name]), 'To the records'];
}

/**
 * @param array{project: string, record: string, view: ?string} $here
 * @param list<Place> $places as they were before
 */
function saved_page(App $app, Project $project, array $here, array $places, Decisions $decisions, int $saved): void
{
    $page = new Page($app, "Record {$here['record']}: saved", $app->view(), $project, 'records');
    $page->begin();
    [$back, $backTo] = way_back($app, $project, $here);
    $left = count($app->ehr()->waiting($app->user(), $project, $here['record']));
    $more = '<a href="' . h(Http::to('adjudicate.php', $here)) . "\">New items from the EHR: $left</a>";
    echo '<p class="notice" role="status" id="saved">', $saved, $saved === 1 ? ' value' : ' values', ' saved.</p>',
        '<p>', $left === 0 ? 'Nothing waits any more.' : $more, '</p>',
        '<p><a class="button primary" href="', h($back), "\">$backTo</a></p>";
    $rows = '';
    foreach ($places as $place) {
        foreach ($place->rows as $row) {
            $rows .= '<tr><td>' . h($place->label) . '</td><td>' . AdjudicationTable::valueOf($row) . '</td><td>'
                . AdjudicationTable::time($row->timestamp) . '</td><td>' . $decisions->on($row) . '</td></tr>';
        }
    }
    echo Inputs::table('decided', 'What was decided', ['Field', 'Value', 'Time', 'Decision'], $rows);
    $page->end();
}

try {
    $places = $waiting();
    $fromEhr = new SavedValues($project, $app->ehr()->decided($user, $project, $record), $app->records()->values($project, $record));
} catch (StagingException $thrown) {
    if (!ClearPending::mends($thrown)) {
        throw $thrown;
    }
    [$places, $fromEhr, $foreign, $told] = [[], null, true, $clearing->html($thrown)];
}
if ($foreign) {
    $places = []; // what waits is of another patient than the record's: nothing to accept
}
$rows = array_merge(...array_column($places, 'rows'));
$events = count(array_unique(array_column($places, 'event'))) > 1;
$targets = $offer?->formTargets() ?? [];
$page = new Page($app, "StoredRecord $record: values from the EHR", $view, $project, 'records', formTargets: $targets);
$page->begin();
echo $told, $offer?->button('adjudicate.php', $here);
[$back] = way_back($app, $project, $here);
if ($foreign) {
    echo '<p class="actions"><a class="button" href="', h($back), '">Back</a></p>';
} elseif ($places === []) {
    $link = '<a class="button" href="' . h($back) . '">Back</a>';
    echo '<p>No values wait for a decision.</p>',
        $app->ehr()->obstacleToPull($source, $project) === null && $offer === null ? fetch_button($app, $here, $link) : "<p class=\"actions\">$link</p>";
} else {
    $marked = count(array_filter($rows, static fn(StagedRow $row): bool => $row->preselected));
    echo '<p>', count($rows) === 1 ? '1 value waits' : count($rows) . ' values wait', " for a decision; the project's rules mark ",
        $marked === 0 ? 'none' : $marked, ' of them for acceptance. Only what you accept is written into the record. ',
        'What you leave for later stays here.</p>',
        '<form method="post" action="adjudicate.php">', $app->session()->csrfField(), Page::hidden($here),
        (new AdjudicationTable($decisions ?? Decisions::preselected($places), $events, $fromEhr))->html($places),
        '<div class="actions sticky"><button name="save" value="1" class="primary">Save</button>',
        '<a class="button" href="', h($back), '">Cancel</a></div>',
        Http::END_OF_FORM, '</form>';
}
echo $fromEhr?->html($app->session()->csrfField() . Page::hidden($here), $places);
$page->end();
