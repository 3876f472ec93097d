<?php

// Calls what lies below the pages with one project and one system, and prints what came of each as JSON: "done", or the
// name of the refusal.
//
// usage: APP_SETTINGS=FILE php serving.php USER PROJECT SOURCE MRN RECORD   (RECORD: one of a patient of the system)

declare(strict_types=1);

use App\App;
use App\Web\Denied;
use FhirEhr\Exception\Exception as EhrException;

/** @var App $app */
$app = require __DIR__ . '/../../examples/redcap-like/src/bootstrap.php';
/** @var array{string, string, string, string, string, string} $argv */
[, $user, $name, $source, $mrn, $record] = $argv;
$project = $app->projects()->named($name);
$calls = [
    'add' => static fn(): array => $app->records()->add($project, $source, $mrn, $user),
    'preview' => static fn(): object => $app->ehr()->preview($user, $source, $project, $mrn),
    'lookUp' => static fn(): string => $app->ehr()->getPatientIdFromMrnWebService($user, $source, $project, $mrn),
    'fetch' => static fn(): object => $app->ehr()->fetch($user, $source, $project, $record, $mrn, []),
    'fetchBySystem' => static fn(): object => $app->ehr()->fetch($user, $source, $project, $record, $mrn, [], system: true),
    // What it is about need not wait any more: the refusal comes first.
    'save' => static fn(): int => $app->adjudication()->save($user, $project, $record, ['none']),
];
$came = [];
foreach ($calls as $what => $call) {
    try {
        $call();
        $came[$what] = 'done';
    } catch (EhrException $thrown) {
        $came[$what] = $thrown->getName();
    } catch (Denied $thrown) {
        $came[$what] = "denied: {$thrown->getMessage()}";
    }
}
echo json_encode($came, JSON_THROW_ON_ERROR), "\n";
