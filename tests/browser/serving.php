<?php

// Calls the classes below the pages for one project and one EHR system. Prints the results as JSON: "done", or the name of the error.
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
    // The row does not have to exist: the environment is checked first.
    'save' => static fn(): int => $app->adjudication()->save($user, $project, $record, ['none']),
];
$results = [];
foreach ($calls as $what => $call) {
    try {
        $call();
        $results[$what] = 'done';
    } catch (EhrException $thrown) {
        $results[$what] = $thrown->getName();
    } catch (Denied $thrown) {
        $results[$what] = "denied: {$thrown->getMessage()}";
    }
}
echo json_encode($results, JSON_THROW_ON_ERROR), "\n";
