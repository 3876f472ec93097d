<?php

// Accepts and saves the preselected values of one record, and kills its own process before one database call.
//
// usage: APP_SETTINGS=FILE php killed.php MOMENT USER PROJECT RECORD   (MOMENT: number of the call; 0: never)

declare(strict_types=1);

use App\App;
use App\Study\Adjudication;
use App\Study\Records;
use FhirEhr\Client;
use FhirEhr\PdoStore;
use FhirEhr\StagedRow;

/** @var App $app */
$app = require __DIR__ . '/../../examples/redcap-like/src/bootstrap.php';
/** @var array{string, string, string, string, string} $argv */
[, $moment, $user, $name, $record] = $argv;

/** The application's connection. It kills the process with SIGKILL at the chosen call. */
final class MortalPdo extends PDO
{
    public static int $moment = 0;
    private static int $calls = 0;

    public function beginTransaction(): bool
    {
        self::reached();
        return parent::beginTransaction();
    }

    public function commit(): bool
    {
        self::reached();
        $done = parent::commit();
        // Killed after the commit, before the caller gets the result.
        self::reached();
        return $done;
    }

    /** @param array<array-key, mixed> $options */
    public function prepare(string $query, array $options = []): PDOStatement|false
    {
        self::reached();
        return parent::prepare($query, $options);
    }

    public function exec(string $statement): int|false
    {
        self::reached();
        return parent::exec($statement);
    }

    private static function reached(): void
    {
        if (++self::$calls === self::$moment) {
            posix_kill((int) getmypid(), SIGKILL);
        }
    }
}

$settings = $app->settings();
/** @var array{database: array{dsn: string, user?: string, password?: string}} $all */
$all = json_decode((string) file_get_contents((string) getenv('APP_SETTINGS')), true, flags: JSON_THROW_ON_ERROR);
$given = $all['database'];
$pdo = new MortalPdo($given['dsn'], $given['user'] ?? null, $given['password'] ?? null, [
    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
    PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
]);
$store = new PdoStore(static fn(): PDO => $settings->connect('tokens'), $pdo);
$client = new Client($app->configuration()->document(), store: $store, access: $app->rights(), secretProvider: $app->keyring());
$project = $app->projects()->named($name);
// The values that the user saw and accepted.
$preselected = array_filter($app->ehr()->pending($user, $project, $record), static fn(StagedRow $row): bool => $row->preselected);
MortalPdo::$moment = (int) $moment;
echo (new Adjudication($pdo, $client, new Records($pdo, $app->ehr(...))))->save($user, $project, $record, array_column($preselected, 'decision')), "\n";
