<?php

// The application's command line: installation, pulls with the system account, and printing a saved record.

declare(strict_types=1);

use App\App;
use App\Ehr\Configuration;
use App\Schema;
use App\Web\Denied;
use App\Web\Session;
use App\Web\SignInAttempts;
use App\Web\Tickets;
use FhirEhr\KeptGrant;
use FhirEhr\PullResult;
use FhirEhr\StagedRow;

const USAGE = <<<'TEXT'
    usage: APP_SETTINGS=FILE php cli.php COMMAND
      install                      creates the missing tables
      member NAME [--admin]        adds or replaces a user of the application; reads the password from stdin
      configure FILE               saves a configuration document of fhir_ehr and encrypts its secrets
      project FILE                 adds projects: [{"name", "title", "environment", "module", "text", "offset_days", "offset_direction",
                                   "mrn_field", "event", "mapping", "preview", "fields", "members", "systems", "system_account"}].
                                   "systems" lists the ids of the EHR systems that the project may use; without it, it may use
                                   every system that its environment allows
      add USER PROJECT MRN [--system ID] [FIELD=VALUE ...]   finds or creates the record with this MRN, and writes the values into
                                   it. --system is required if the project may use several EHR systems
      fetch USER PROJECT RECORD    pulls with the system account; users then adjudicate the values. The project must allow it
      pull USER PROJECT RECORD     pulls with the system account, accepts the preselected values and saves them
      show PROJECT RECORD          prints a saved record as JSON
      remove-damaged USER PROJECT [RECORD]   deletes stored rows that cannot be decrypted; pull their records again
      daily                        deletes expired data and keeps sign-ins alive; run it daily with cron

    The settings file: {"address", "database": {"dsn", "user", "password"}, "tokens": {...}, "key_file"}. "address" is the base
    URL of the application as browsers and the EHR use it. "database" is the application's database, "tokens" the database
    for tokens (with SQLite, a separate file). "key_file" names a file with 32 random bytes in base64.

    TEXT;

if (PHP_SAPI !== 'cli') {
    exit(1);
}
ini_set('log_errors', '1');
ini_set('display_errors', '0');
$words = array_slice($argv, 1);
$command = array_shift($words) ?? '';
$minimumArguments = ['install' => 0, 'member' => 1, 'configure' => 1, 'project' => 1, 'add' => 3, 'fetch' => 3, 'pull' => 3, 'show' => 2, 'remove-damaged' => 2, 'daily' => 0];
if (count($words) < ($minimumArguments[$command] ?? PHP_INT_MAX)) {
    usage();
}
/** @var App $app */
$app = require __DIR__ . '/src/bootstrap.php';
match ($command) {
    'install' => Schema::install($app->settings()),
    'member' => $app->rights()->addMember($words[0], rtrim((string) fgets(STDIN), "\r\n"), in_array('--admin', $words, true)),
    'configure' => configure($app, (string) file_get_contents($words[0])),
    'project' => $app->projects()->enter((string) file_get_contents($words[0])),
    'add' => add($app, ...$words),
    'fetch' => print count(fetch($app, ...$words)->rows) . "\n",
    'pull' => pull_and_save($app, ...$words),
    'show' => show($app, ...$words),
    'remove-damaged' => print $app->client()->removeDamaged($words[0], $app->projects()->named($words[1])->name, $words[2] ?? null) . " damaged rows were deleted\n",
    'daily' => daily($app),
    default => usage(),
};

function usage(): never
{
    fwrite(STDERR, USAGE);
    exit(2);
}

/** Stores a configuration if the library accepts it. The signing keys that were added with the page are kept. */
function configure(App $app, string $json): void
{
    $document = Configuration::read($json);
    if (Configuration::keysOf($document) === []) {
        $document = $app->configuration()->withKeys($document, $app->signingKeys()->all());
    }
    $app->clientFor(Configuration::complete($document));
    $app->configuration()->store($document);
}

function add(App $app, string $user, string $name, string $mrn, string ...$values): void
{
    $project = $app->projects()->named($name);
    $named = ($values[0] ?? '') === '--system' ? array_splice($values, 0, 2) : [];
    $obstacle = $app->ehr()->obstacleToAll($project);
    if ($obstacle !== null) {
        throw new Denied(403, 'No EHR', $obstacle);
    }
    $systems = array_keys($app->ehr()->systemsOf($project));
    $source = (string) ($named[1] ?? (count($systems) === 1 ? $systems[0]
        : throw new Denied(400, 'Several EHR systems', 'This project may use several EHR systems. Name one with --system: ' . implode(', ', $systems) . '.')));
    [$record] = $app->records()->add($project, $source, $mrn, $user);
    foreach ($values as $pair) {
        [$field, $value] = explode('=', $pair, 2);
        $app->records()->write($project, $record, $project->event, $field, $value);
    }
    echo "$record\n";
}

function fetch(App $app, string $user, string $name, string $record): PullResult
{
    $project = $app->projects()->named($name);
    [$source, $mrn] = $app->records()->patient($project, $record);
    $source = $app->ehr()->sourceOfRecord($user, $project, $record, $source);
    return $app->ehr()->fetch($user, $source, $project, $record, $mrn, $app->records()->dates($project, $record), system: true);
}

function pull_and_save(App $app, string $user, string $name, string $record): void
{
    $started = hrtime(true);
    $result = fetch($app, $user, $name, $record);
    $seconds = (hrtime(true) - $started) / 1e9;
    $project = $app->projects()->named($name);
    $preselected = array_filter($app->ehr()->pending($user, $project, $record), static fn(StagedRow $row): bool => $row->preselected);
    $accept = array_column($preselected, 'decision');
    echo json_encode([
        'values' => count($result->rows),
        'accepted' => count($accept),
        'saved' => $app->adjudication()->save($user, $project, $record, $accept),
        'incomplete' => array_keys(array_filter(
            $result->report['resources'],
            static fn(array $report): bool => !in_array($report['status'], ['complete', 'skipped'], true),
        )),
        'requests' => $result->report['requests'],
        'seconds' => $seconds,
    ], JSON_THROW_ON_ERROR), "\n";
}

function show(App $app, string $name, string $record): void
{
    $values = $app->records()->values($app->projects()->named($name), $record);
    echo json_encode((object) $values, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_PRETTY_PRINT), "\n";
}

function daily(App $app): void
{
    Session::purge($app->database());
    Tickets::purge($app->database());
    SignInAttempts::purge($app->database());
    echo $app->client()->purgeExpired(), " expired records of fhir_ehr were deleted\n";
    keep_alive($app);
}

/** Refreshes offline sign-ins before the EHR ends them, and retries the revocations of sign-outs. */
function keep_alive(App $app): void
{
    $administrator = $app->rights()->anyAdministrator();
    if ($administrator === null) {
        echo "No sign-in was refreshed, because the application has no administrator.\n";
        return;
    }
    $result = $app->client()->keepAlive($administrator);
    foreach ($result->grants as $grant) {
        if ($grant->message !== null) {
            echo "$grant->user at $grant->source: $grant->message\n";
        }
    }
    echo count(array_filter($result->grants, static fn(KeptGrant $one): bool => $one->outcome === 'refreshed')), " sign-ins were refreshed\n";
}
