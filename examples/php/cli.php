<?php

// The application's command: deployment, an unattended pull with the system account, and a look at a saved record.

declare(strict_types=1);

use FhirEhr\StagedRow;

const USAGE = <<<'TEXT'
    usage: STUDY_SETTINGS=FILE php cli.php COMMAND
      install VISITS.json   makes the tables and enters the study's patients: [{"record", "id", "mrn", "visit_date"}]
      member NAME           enters a user of the application; the password is read from stdin
      pull USER SOURCE RECORD   pulls with the source's system account, accepts what the rules mark, saves it
      show RECORD           prints a saved record as JSON

    The settings: {"address", "config", "mapping", "database", "tokens", "project", "text", "offset_days"}: the address
    of ehr.php as the EHR knows it; fhir_ehr's configuration, the mapping, and the SQLite files of records and of tokens;
    the study's name; "exact" or "php14"; how many days around a visit values count.

    TEXT;

if (PHP_SAPI !== 'cli') {
    exit(1);
}
ini_set('log_errors', '1');
ini_set('display_errors', '0');
require __DIR__ . '/bootstrap.php';

$words = array_slice($argv, 1);
$command = array_shift($words);
match ([$command, count($words)]) {
    ['install', 1] => install_study(...$words),
    ['member', 1] => add_member(...$words),
    ['pull', 3] => pull(...$words),
    ['show', 1] => show(...$words),
    default => fwrite(STDERR, USAGE) && exit(2),
};

function install_study(string $file): void
{
    install();
    $visit = database()->prepare('INSERT INTO visit (record, patient_id, mrn, visit_date) VALUES (?, ?, ?, ?)');
    foreach (json_decode(file_get_contents($file), true, flags: JSON_THROW_ON_ERROR) as $one) {
        $visit->execute([$one['record'], $one['id'], $one['mrn'], $one['visit_date'] ?? null]);
    }
}

function add_member(string $name): void
{
    $hash = password_hash(rtrim((string) fgets(STDIN), "\r\n"), PASSWORD_DEFAULT);
    database()->prepare('INSERT INTO member (name, password_hash) VALUES (?, ?)')->execute([$name, $hash]);
}

function pull(string $user, string $source, string $record): void
{
    $study = new Study(client(), database(), settings());
    $visit = $study->visitOfRecord($record) ?? throw new RuntimeException('there is no such record');
    $started = hrtime(true);
    $pulled = $study->pull($user, $source, $visit, launchPatient: null, system: true);
    $seconds = (hrtime(true) - $started) / 1e9;
    $marked = array_filter($study->waiting($user, $visit), static fn(StagedRow $row): bool => $row->preselected);
    $accept = array_column($marked, 'key');
    echo json_encode([
        'values' => count($pulled->rows),
        'accepted' => count($accept),
        'saved' => $study->save($user, $visit, $accept),
        'incomplete' => array_keys(array_filter(
            $pulled->report['resources'],
            static fn(array $told): bool => !in_array($told['status'], ['complete', 'skipped'], true),
        )),
        'seconds' => round($seconds, 3),
    ]), "\n";
}

function show(string $record): void
{
    $saved = (new Study(client(), database(), settings()))->saved($record);
    echo json_encode($saved, JSON_THROW_ON_ERROR | JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
}
