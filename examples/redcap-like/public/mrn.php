<?php

// Corrects the medical record number of a record: the new number is typed, and the EHR's patient is looked at first.

declare(strict_types=1);

use App\App;
use App\Ehr\SignInToEhr;
use App\Study\PatientPreview;
use App\Study\RecordRequest;
use App\Study\TypedMrn;
use App\Web\Denied;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\Patient;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
[$user, $view, $project, $record, $source, $mrn] = RecordRequest::checked($app, 'data');
// Who corrects the number clears the values that wait.
$app->rights()->demand($user, $project->name, 'adjudicate');
if ($view !== null) {
    throw new Denied(403, 'Not in the EHR view', 'Leave the EHR view to correct the medical record number of a record.');
}
$obstacle = $app->ehr()->obstacleToPull($source, $project);
if ($obstacle !== null || $project->mrnField === null) {
    throw new Denied(403, 'The number cannot be corrected', $obstacle ?? 'The project has no field for the medical record number.');
}
$here = ['project' => $project->name, 'record' => $record];
$signIn = new SignInToEhr($app, $source);
$typed = TypedMrn::posted();
$told = Http::parameter('signed_in') === '1' ? Page::notice('You are signed in to the EHR. Write the number once more.') : '';
$offer = null;
$found = null;

/** @return string the notice, with a link to the other record */
$in_project = static function (string $other) use ($project): string {
    $address = Http::to('record.php', ['project' => $project->name, 'record' => $other]);
    return '<p class="alert" role="alert">This number is the one of <a href="' . h($address) . '">record ' . h($other) . '</a>. Nothing was changed.</p>';
};

if (Http::isPost()) {
    $app->session()->checkCsrf();
    $known = $app->records()->of($project, $source, $typed);
    $do = Http::parameter('do');
    if ($do === 'sign-in') {
        $signIn->begin('mrn.php', [...$here, 'signed_in' => '1']);
    } elseif ($do === 'back') {
        // The form once more, with the number in it.
    } elseif (!TypedMrn::isOne($typed)) {
        $told = Page::alert(TypedMrn::MISTAKE);
    } elseif ($known !== null) {
        $told = $in_project($known);
    } elseif ($do === 'correct') {
        if ($app->adjudication()->correctMrn($user, $project, $record, $typed)) {
            Http::redirect('record.php', [...$here, 'corrected' => '1']);
        }
        $told = $in_project((string) $app->records()->of($project, $source, $typed));
    } else {
        try {
            $found = $app->ehr()->preview($user, $source, $project, $typed);
            // The EHR may display another number than it stores.
            $known = $app->records()->of($project, $source, $found->mrns[0]);
            [$told, $found] = $known === null ? ['', $found] : [$in_project($known), null];
        } catch (EhrException $thrown) {
            $told = SignInToEhr::told($thrown);
            $offer = SignInToEhr::mends($thrown) ? $signIn : null;
        }
    }
}

$page = new Page($app, "StoredRecord $record: medical record number", project: $project, menu: 'records', formTargets: $offer?->formTargets() ?? []);
$page->begin();
echo $told, $offer?->button('mrn.php', $here);
if ($found instanceof Patient) {
    echo '<h2>Are the values below correct?</h2><p>This is what the EHR has for the medical record number you typed. The record was not changed yet.</p>',
        PatientPreview::html($project, $typed, $found),
        '<form method="post" action="mrn.php" class="actions">', $app->session()->csrfField(), Page::hidden([...$here, 'mrn' => $found->mrns[0]]),
        '<button name="do" value="correct" class="primary">Yes, correct the number</button>',
        '<button name="do" value="back">No, go back</button></form>';
} else {
    echo '<p>The record has the number <strong>', h($mrn), '</strong>. When you correct it, the values from the EHR that wait for a decision are deleted: they are of the patient with the old number. ',
        'Saved values stay in the record.</p>',
        '<form method="post" action="mrn.php" class="panel narrow">', $app->session()->csrfField(), Page::hidden($here),
        '<p><label for="mrn">Right medical record number</label>',
        '<input id="mrn" name="mrn" required maxlength="100" autocomplete="off" value="', h($typed), '"></p>',
        '<p><button name="do" value="preview" class="primary">Look up in the EHR</button></p></form>',
        '<p class="actions"><a class="button" href="', h(Http::to('record.php', $here)), '">Back</a></p>';
}
$page->end();
