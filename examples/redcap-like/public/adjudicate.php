<?php

// The adjudication page: fetches a record's values from the EHR. The user accepts or rejects each value, or leaves it for later.

declare(strict_types=1);

use App\App;
use App\Ehr\SignInToEhr;
use App\Study\AdjudicationTable;
use App\Study\ClearPending;
use App\Study\Decisions;
use App\Study\EhrMark;
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
 * The pending values, with the record's current values.
 *
 * @return list<Place>
 */
$pending = static fn(): array
    => Place::of($project, $app->ehr()->pending($user, $project, $record), $app->records()->values($project, $record));

$message = match (true) {
    Http::parameter('cleared') !== '' => ClearPending::notice(Http::parameter('cleared')),
    Http::parameter('removed') === '1' => Page::notice('The entry was removed from the record.'),
    default => '',
};
$signInOffer = null;
$decisions = null;
/** Whether the pending values belong to another patient. */
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
        $message = remove_entry($app, $user, $project, $here);
    }
}
if (Http::isPost() && Http::parameter('do') === '') {
    Http::requireCompleteForm();
    $decisions = Decisions::posted();
    $shown = $pending();
    try {
        $saved = $app->adjudication()->save($user, $project, $record, $decisions->accept, $decisions->reject);
        saved_page($app, $project, $here, $shown, $decisions, $saved);
        exit;
    } catch (StagingException) {
        $message = already_decided($decisions, $pending())
            ? Page::notice('These values were already decided, by you or by another user. Nothing was saved twice.')
            : Page::alert('Nothing was saved, because the values have changed or another user has decided some of them. Check the values, then save again.');
    }
} elseif (Http::parameter('pull') === '1' && !PullOnce::isAllowed($app)) {
    $message = Page::notice('No data was fetched, because the page was only reloaded.');
} elseif (Http::parameter('pull') === '1') {
    try {
        $message = pull($app, $user, $source, $project, $record, $mrn, $view?->patientId);
    } catch (EhrException $thrown) {
        $message = (Http::parameter('saved') === '1' ? Page::notice('The record was saved, but no data was fetched:') : '')
            . (ClearPending::handles($thrown) ? $clearing->html($thrown) : SignInToEhr::message($thrown, $view));
        $foreign = ClearPending::handles($thrown);
        $signInOffer = $signIn !== null && SignInToEhr::canFix($thrown) ? $signIn : null;
    }
}

/** Pulls the record's values and returns the report as HTML. */
function pull(App $app, string $user, string $source, Project $project, string $record, string $mrn, ?string $launchPatient): string
{
    $why = $app->ehr()->obstacleToPull($source, $project);
    if ($why !== null) {
        return Page::alert($why);
    }
    $dates = $app->records()->dates($project, $record);
    $result = $app->ehr()->fetch($user, $source, $project, $record, $mrn, $dates, $launchPatient);
    return PullReport::html($project, $result, $dates);
}

/**
 * Removes the list entry that the form names, and shows the page again.
 *
 * @param array{project: string, record: string, view: ?string} $here
 * @return string the message if it was not removed
 */
function remove_entry(App $app, string $user, Project $project, array $here): string
{
    try {
        $app->adjudication()->remove($user, $project, $here['record'], [Http::parameter('entry')]);
    } catch (StagingException) {
        return Page::alert('Nothing was removed. The entry was already removed, or the record has changed. Check the entries again.');
    }
    Http::redirect('adjudicate.php', [...$here, 'removed' => '1']);
}

/**
 * Whether none of the values in the form is pending any more, because the form was submitted twice.
 *
 * @param list<Place> $places the fields with pending values
 */
function already_decided(Decisions $decisions, array $places): bool
{
    $pending = array_column(array_merge(...array_column($places, 'rows')), 'decision');
    return array_intersect([...$decisions->accept, ...$decisions->reject], $pending) === [];
}

/** @param array<string, ?string> $here */
function fetch_button(App $app, array $here, string $before): string
{
    return '<form method="post" action="adjudicate.php" class="actions">' . $app->session()->csrfField() . Page::hidden($here)
        . "$before<button name=\"do\" value=\"fetch\">Fetch data from the EHR</button></form>";
}

/**
 * The link back. A user who can adjudicate may not be able to open the record form.
 *
 * @param array<string, ?string> $here
 * @return array{string, string} URL and text
 */
function way_back(App $app, Project $project, array $here): array
{
    return $app->rights()->has($app->user(), $project->name, 'data')
        ? [Http::to('record.php', $here), 'Back to the record']
        : [Http::to('project.php', ['project' => $project->name]), 'Back to the records'];
}

/**
 * @param array{project: string, record: string, view: ?string} $here
 * @param list<Place> $places the fields before saving
 */
function saved_page(App $app, Project $project, array $here, array $places, Decisions $decisions, int $saved): void
{
    $page = new Page($app, "Record {$here['record']}: saved", $app->view(), $project, 'records');
    $page->begin();
    [$back, $backTo] = way_back($app, $project, $here);
    $left = count($app->ehr()->pending($app->user(), $project, $here['record']));
    $more = '<a href="' . h(Http::to('adjudicate.php', $here)) . "\">New items from the EHR: $left</a>";
    echo '<p class="notice" role="status" id="saved">', $saved, $saved === 1 ? ' value' : ' values', ' saved.</p>',
        '<p>', $left === 0 ? 'No pending values are left.' : $more, '</p>',
        '<p><a class="button primary" href="', h($back), "\">$backTo</a></p>";
    $rows = '';
    foreach ($places as $place) {
        foreach ($place->rows as $row) {
            $rows .= '<tr><td>' . h($place->label) . '</td><td>' . AdjudicationTable::valueOf($row) . EhrMark::account($row) . '</td><td>'
                . AdjudicationTable::time($row->timestamp) . '</td><td>' . $decisions->on($row) . '</td></tr>';
        }
    }
    echo Inputs::table('decided', 'Your decisions', ['Field', 'Value', 'Time', 'Decision'], $rows);
    $page->end();
}

try {
    $places = $pending();
    $fromEhr = new SavedValues($project, $app->ehr()->decided($user, $project, $record), $app->records()->values($project, $record));
} catch (StagingException $thrown) {
    if (!ClearPending::handles($thrown)) {
        throw $thrown;
    }
    [$places, $fromEhr, $foreign, $message] = [[], null, true, $clearing->html($thrown)];
}
if ($foreign) {
    $places = []; // the pending values belong to another patient and must not be accepted
}
$rows = array_merge(...array_column($places, 'rows'));
$events = count(array_unique(array_column($places, 'event'))) > 1;
$targets = $signInOffer?->formTargets() ?? [];
$page = new Page($app, "Record $record: values from the EHR", $view, $project, 'records', formTargets: $targets);
$page->begin();
echo $message, $signInOffer?->button('adjudicate.php', $here);
[$back] = way_back($app, $project, $here);
if ($foreign) {
    echo '<p class="actions"><a class="button" href="', h($back), '">Back</a></p>';
} elseif ($places === []) {
    $link = '<a class="button" href="' . h($back) . '">Back</a>';
    echo '<p>There are no pending values.</p>',
        $app->ehr()->obstacleToPull($source, $project) === null && $signInOffer === null ? fetch_button($app, $here, $link) : "<p class=\"actions\">$link</p>";
} else {
    $preselected = count(array_filter($rows, static fn(StagedRow $row): bool => $row->preselected));
    echo '<p>', count($rows) === 1 ? '1 value is' : count($rows) . ' values are', " pending. The project's rules preselected ",
        $preselected === 0 ? 'none' : $preselected, ' of them. Only accepted values are saved in the record. ',
        'Values that you leave for later stay on this page.</p>',
        '<form method="post" action="adjudicate.php">', $app->session()->csrfField(), Page::hidden($here),
        (new AdjudicationTable($decisions ?? Decisions::preselected($places), $events, $fromEhr))->html($places),
        '<div class="actions sticky"><button name="save" value="1" class="primary">Save</button>',
        '<a class="button" href="', h($back), '">Cancel</a></div>',
        Http::END_OF_FORM, '</form>';
}
echo $fromEhr?->html($app->session()->csrfField() . Page::hidden($here), $places);
$page->end();
