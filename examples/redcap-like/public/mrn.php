<?php

// Corrects the medical record number of a record. The user enters the new number and checks the patient before the change.

declare(strict_types=1);

use App\App;
use App\Ehr\SignInToEhr;
use App\Study\PatientPreview;
use App\Study\RecordRequest;
use App\Study\SystemChoice;
use App\Study\TypedMrn;
use App\Web\Denied;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\Patient;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';
[$user, $view, $project, $record, $source, $mrn] = RecordRequest::checked($app, 'data');
// Correcting the number deletes the pending values, which needs the right to adjudicate.
$app->rights()->requireRight($user, $project->name, 'adjudicate');
if ($view !== null) {
    throw new Denied(403, 'Not available in the EHR view', 'Leave the EHR view to correct the medical record number of a record.');
}
$obstacle = $app->ehr()->obstacleToPull($source, $project);
if ($obstacle !== null || $project->mrnField === null) {
    throw new Denied(403, 'The number cannot be corrected', $obstacle ?? 'The project has no field for the medical record number.');
}
// The number can belong to another system than before, if the project may use several.
$systems = $app->ehr()->systemsOf($project);
$source = isset($systems[Http::parameter('system')]) ? Http::parameter('system') : $source;
$here = ['project' => $project->name, 'record' => $record];
$signIn = new SignInToEhr($app, $source);
$typed = TypedMrn::posted();
$message = Http::parameter('signed_in') === '1' ? Page::notice('You are signed in to the EHR. Enter the number again.') : '';
$signInOffer = null;
$found = null;

/** @return string the notice, with a link to the other record */
$in_project = static function (string $other) use ($project): string {
    $address = Http::to('record.php', ['project' => $project->name, 'record' => $other]);
    return '<p class="alert" role="alert">This number is already used by <a href="' . h($address) . '">record ' . h($other) . '</a>. Nothing was changed.</p>';
};

if (Http::isPost()) {
    $app->session()->checkCsrf();
    $known = $app->records()->of($project, $source, $typed);
    $do = Http::parameter('do');
    if ($do === 'sign-in') {
        $signIn->begin('mrn.php', [...$here, 'signed_in' => '1', 'system' => $source]);
    } elseif ($do === 'back') {
        // Show the form again with the number.
    } elseif (!TypedMrn::isValid($typed)) {
        $message = Page::alert(TypedMrn::INVALID);
    } elseif ($known !== null) {
        $message = $in_project($known);
    } elseif ($do === 'correct') {
        if ($app->adjudication()->correctMrn($user, $project, $record, $source, $typed)) {
            Http::redirect('record.php', [...$here, 'corrected' => '1']);
        }
        $message = $in_project((string) $app->records()->of($project, $source, $typed));
    } else {
        try {
            $found = $app->ehr()->preview($user, $source, $project, $typed);
            // The EHR can display a number in a different form than it stores it.
            $known = $app->records()->of($project, $source, $found->mrns[0]);
            [$message, $found] = $known === null ? ['', $found] : [$in_project($known), null];
        } catch (EhrException $thrown) {
            $message = SignInToEhr::message($thrown);
            $signInOffer = SignInToEhr::canFix($thrown) ? $signIn : null;
        }
    }
}

$page = new Page($app, "Record $record: medical record number", project: $project, menu: 'records', formTargets: $signInOffer?->formTargets() ?? []);
$page->begin();
echo $message, $signInOffer?->button('mrn.php', [...$here, 'system' => $source]);
if ($found instanceof Patient) {
    echo '<h2>Are the values below correct?</h2><p>', count($systems) === 1 ? 'The EHR' : h($systems[$source]), ' has this patient for the medical record number that you entered. The record has not been changed yet.</p>',
        PatientPreview::html($project, $typed, $found),
        '<form method="post" action="mrn.php" class="actions">', $app->session()->csrfField(), Page::hidden([...$here, 'mrn' => $found->mrns[0], 'system' => $source]),
        '<button name="do" value="correct" class="primary">Yes, correct the number</button>',
        '<button name="do" value="back">No, go back</button></form>';
} else {
    echo '<p>The record has the number <strong>', h($mrn), '</strong>. If you correct it, the pending values from the EHR are deleted, because they belong to the patient with the old number. ',
        'Saved values stay in the record.</p>',
        '<form method="post" action="mrn.php" class="panel narrow">', $app->session()->csrfField(), Page::hidden($here),
        SystemChoice::html($systems, $source),
        '<p><label for="mrn">Correct medical record number</label>',
        '<input id="mrn" name="mrn" required maxlength="100" autocomplete="off" value="', h($typed), '"></p>',
        '<p><button name="do" value="preview" class="primary">Look up in the EHR</button></p></form>',
        '<p class="actions"><a class="button" href="', h(Http::to('record.php', $here)), '">Back</a></p>';
}
$page->end();
