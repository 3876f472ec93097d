<?php

// The form of one record, with the button that fetches values from the EHR.

declare(strict_types=1);

use App\App;
use App\Ehr\SignInToEhr;
use App\Study\ClearPending;
use App\Study\Project;
use App\Study\PullOnce;
use App\Study\PullReport;
use App\Study\RecordForm;
use App\Study\RecordRequest;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\Exception\StagingException;
use FhirEhr\RowState;
use FhirEhr\StagedRow;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
[$user, $view, $project, $record, $source, $mrn] = RecordRequest::checked($app, 'data');
$records = $app->records();
$here = ['project' => $project->name, 'record' => $record, 'view' => $view?->id];
$signIn = $view !== null ? null : new SignInToEhr($app, $source);
$whyNot = $project->mrnField === null ? null : $app->ehr()->obstacleToPull($source, $project);
$mayPull = $project->mrnField !== null && $whyNot === null;
$mayDecide = $app->rights()->has($user, $project->name, 'adjudicate');
$clearing = new ClearPending($app, $project, $record, $view?->id);

$values = $records->values($project, $record);
$form = new RecordForm($project, $values[$project->event] ?? [], $mrn);
$message = match (true) {
    Http::parameter('saved') === '1' => Page::notice('Saved.'),
    Http::parameter('corrected') === '1' => Page::notice('The medical record number was corrected, and the pending values were deleted.'),
    Http::parameter('signed_in') === '1' => Page::notice('You are signed in to the EHR. Press "Save record and fetch data" again.'),
    default => '',
};
$signInOffer = null;
if (Http::isPost()) {
    $app->session()->checkCsrf();
    if (Http::parameter('do') === 'sign-in' && $signIn !== null) {
        $signIn->begin('record.php', [...$here, 'signed_in' => '1']);
    }
    Http::requireCompleteForm();
    // The comparison runs while the record is locked. If two users save at the same time, the second one sees the first one's value.
    $records->change($user, $project, $record, $project->event, static function (array $current) use ($project, $mrn, &$form): array {
        $form = new RecordForm($project, $current, $mrn);
        $form->read();
        return $form->errors === [] ? $form->changes : [];
    });
    if ($form->errors === []) {
        if (Http::parameter('then') !== 'pull' || !$mayPull) {
            Http::redirect('record.php', [...$here, 'saved' => '1']);
        }
        if ($mayDecide) {
            Http::redirect('adjudicate.php', [...$here, ...PullOnce::query($app), 'saved' => '1']);
        }
        // A user without the right to adjudicate sees only the number of new values.
        $values = $records->values($project, $record);
        $form = new RecordForm($project, $values[$project->event] ?? [], $mrn);
        try {
            $dates = $records->dates($project, $record);
            $result = $app->ehr()->fetch($user, $source, $project, $record, $mrn, $dates, $view?->patientId);
            $new = count(array_filter($result->rows, static fn(StagedRow $row): bool => $row->state === RowState::Pending));
            $message = Page::notice('Saved. ' . ($new === 1 ? '1 new item needs' : "$new new items need") . ' a decision by a user with the right to adjudicate.')
                . PullReport::html($project, $result, $dates);
        } catch (EhrException $thrown) {
            $message = Page::notice('The record was saved, but no data was fetched:') . (ClearPending::handles($thrown) ? $clearing->html($thrown) : SignInToEhr::message($thrown, $view));
            $signInOffer = $signIn !== null && SignInToEhr::canFix($thrown) ? $signIn : null;
        }
    } else {
        $count = count($form->errors);
        $message = Page::alert('Nothing was saved. ' . ($count === 1 ? 'Correct the field' : "Correct the $count fields") . ' with an error, then save again.');
    }
}

/**
 * The values of an event other than the form's.
 *
 * @param array<string, string> $values
 */
function other_event(Project $project, string $event, array $values): string
{
    $rows = '';
    foreach ($values as $name => $value) {
        $label = $project->fields[$name]->label ?? (string) $name;
        $rows .= '<tr><th scope="row">' . h($label) . '</th><td><span class="value">' . h($value) . '</span></td></tr>';
    }
    $caption = $event === '' ? 'Without an event' : 'Event ' . h($event);
    return "<table><caption>$caption</caption><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Value</th></tr></thead>"
        . "<tbody>$rows</tbody></table>";
}

$page = new Page($app, "Record $record", $view, $project, 'records', formTargets: $signInOffer?->formTargets() ?? []);
$page->begin();
echo $message, $signInOffer?->button('record.php', $here);
try {
    $pending = $mayDecide ? count($app->ehr()->pending($user, $project, $record)) : 0;
} catch (StagingException $thrown) {
    if (!ClearPending::handles($thrown)) {
        throw $thrown;
    }
    $pending = 0;
    echo $clearing->html($thrown);
}
if ($pending > 0) {
    echo '<p class="waiting"><a href="', h(Http::to('adjudicate.php', $here)), '">New items from the EHR: ', $pending, '</a></p>';
}
echo '<form method="post" action="record.php" class="record">', $app->session()->csrfField(), Page::hidden($here), $form->html(),
    '<div class="actions sticky"><button class="primary">Save record</button>',
    $mayPull ? '<button name="then" value="pull">Save record and fetch data</button>' : '',
    $whyNot === null ? '' : '<span class="hint">' . h($whyNot) . '</span>', '</div>', Http::END_OF_FORM, '</form>';
if ($mayPull && $mayDecide && $view === null) {
    echo '<p><a href="', h(Http::to('mrn.php', $here)), '">Correct the medical record number</a></p>';
}
foreach (array_diff_key($values, [$project->event => true]) as $event => $others) {
    echo other_event($project, (string) $event, $others);
}
$page->end();
