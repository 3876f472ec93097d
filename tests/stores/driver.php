<?php

// Implements the protocol of README.md for a store in PHP: one JSON request per line of input, one response per line of output.

declare(strict_types=1);

use FhirEhr\PdoMigrations;
use FhirEhr\PdoStore;
use FhirEhr\StoredRecord;
use FhirEhr\Write;

// Like a strict host application: a warning from a store is an error.
set_error_handler(static fn(int $level, string $text, string $file, int $line) => throw new ErrorException($text, 0, $level, $file, $line));

require_once __DIR__ . '/autoload.php';
require_once __DIR__ . '/HookedPdo.php';
require_once __DIR__ . '/FileStore.php';

$config = json_decode($argv[1], true, flags: JSON_THROW_ON_ERROR);
$prefix = $config['prefix'] ?? 'fhir_ehr_';
$init = isset($config['init']) ? [PDO::MYSQL_ATTR_INIT_COMMAND => $config['init']] : [];
$connect = static fn(string $which = 'dsn', string $class = PDO::class, array $options = []): PDO => new $class($config[$which], $config['user'] ?? null, $config['password'] ?? null, $options + $init);
$driver = strstr($config['dsn'] ?? 'file:', ':', true);
$own = null;
$host = null;

if ($driver === 'file') {
    $store = new FileStore($config['path']);
    $can = ['age'];
} else {
    $host = isset($config['host_dsn']) ? $connect('host_dsn', HookedPdo::class) : null;
    // Unusual settings of the host's connection. The store must neither depend on them nor change them.
    $settings = [
        PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT,
        PDO::ATTR_EMULATE_PREPARES => true,
        PDO::ATTR_STRINGIFY_FETCHES => true,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_OBJ,
        PDO::ATTR_ORACLE_NULLS => PDO::NULL_EMPTY_STRING,
        PDO::ATTR_CASE => PDO::CASE_UPPER,
        PDO::ATTR_STATEMENT_CLASS => [HostStatement::class],
    ];
    foreach ($driver === 'sqlite' ? array_diff_key($settings, [PDO::ATTR_EMULATE_PREPARES => 1]) : $settings as $setting => $value) {
        $host?->setAttribute($setting, $value);
    }
    $store = new PdoStore(static function () use ($connect, $driver, &$own): PDO {
        // The store must work with counts of matched rows instead of changed rows.
        $own = $connect('dsn', HookedPdo::class, $driver === 'mysql' ? [PDO::MYSQL_ATTR_FOUND_ROWS => true] : []);
        $own->refusesPrepareInside = true;
        return $own;
    }, $host, $prefix);
    $can = ['age', 'pause', 'host', 'migrations', 'fork', 'own'];
    array_push($can, ...($driver === 'sqlite' ? [] : ['lose', 'row_locks', 'roll_back']));
}

$send = static function (array $line): void {
    fwrite(STDOUT, json_encode($line, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE) . "\n");
};
$receive = static fn(): ?array => ($line = fgets(STDIN)) === false ? null : json_decode($line, true, flags: JSON_THROW_ON_ERROR);

$record = static fn(array $r): StoredRecord => new StoredRecord(
    $r['kind'], $r['key'], $r['organization'], $r['project'], $r['subject'], $r['state'], $r['expires_in'], 0, base64_decode($r['sealed'], true),
);
$batch = static fn(array $request): array => array_map(
    static fn(array $part): Write => new Write($part['kind'], $part['key'], $part['expected'], $part['record'] === null ? null : $record($part['record'])),
    $request['batch'],
);
$toArray = static fn(?StoredRecord $r): ?array => $r === null ? null : [
    'kind' => $r->kind, 'key' => $r->key, 'organization' => $r->organization, 'project' => $r->project, 'subject' => $r->subject,
    'state' => $r->state, 'expires_in' => $r->expiresIn, 'version' => $r->version, 'sealed' => base64_encode($r->sealed),
];

$age = static function (int $seconds) use ($store, $connect, $driver, $host, $prefix): void {
    if ($store instanceof FileStore) {
        $store->locked(static function (array &$all) use ($seconds): void {
            foreach ($all as &$row) {
                $row[2] = $row[2] === null ? null : $row[2] - $seconds;
            }
        });
        return;
    }
    foreach ($driver === 'sqlite' && $host !== null ? ['dsn', 'host_dsn'] : ['dsn'] as $which) {
        foreach (['record', 'staged_row', 'lease'] as $table) {
            $connect($which)->exec("UPDATE {$prefix}{$table} SET expires_at = expires_at - {$seconds}");
        }
    }
};
$settingsNow = static function () use (&$host, $driver): array {
    $names = ['ERRMODE', 'STRINGIFY_FETCHES', 'DEFAULT_FETCH_MODE', 'ORACLE_NULLS', 'CASE', 'STATEMENT_CLASS', 'PERSISTENT'];
    array_push($names, ...($driver === 'sqlite' ? [] : ['EMULATE_PREPARES']));
    return array_combine($names, array_map(static fn(string $name): mixed => $host->getAttribute(constant("PDO::ATTR_{$name}")), $names));
};
$fork = static function (array $parts) use ($store): int {
    $child = pcntl_fork();
    if ($child === 0) {
        try {
            exit($store->write($parts) === -1 ? 0 : 1);
        } catch (Throwable $cause) {
            fwrite(STDERR, "{$cause}\n");
            exit(2);
        }
    }
    pcntl_waitpid($child, $status);
    return pcntl_wexitstatus($status);
};
$hostDo = static function (string $sql) use (&$host): mixed {
    $host->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    try {
        return str_starts_with($sql, 'SELECT') ? (int) $host->query($sql)->fetchColumn() : $host->exec($sql);
    } finally {
        $host->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_SILENT);
    }
};
$migrations = static fn(): PdoMigrations => new PdoMigrations($connect(), $prefix);

while (($request = $receive()) !== null) {
    HookedPdo::$before = [];
    HookedPdo::$number = 0;
    if (isset($request['pause_before'])) {
        HookedPdo::$before[$request['pause_before']] = static function () use ($send, $receive): void {
            $send(['event' => 'paused']);
            $receive();
        };
    }
    if (isset($request['lose_before'])) {
        HookedPdo::$before[$request['lose_before']] = static fn(HookedPdo $pdo) => $pdo->lose($connect());
    }
    if (isset($request['roll_back_before'])) {
        HookedPdo::$before[$request['roll_back_before']] = static fn(HookedPdo $pdo) => $pdo->rollBackSilently();
    }
    HookedPdo::$atPrepare = isset($request['roll_back_at_prepare']) ? static fn(HookedPdo $pdo) => $pdo->rollBackSilently() : null;
    try {
        $send(['ok' => match ($request['op']) {
            'hello' => ['name' => $driver, 'can' => $can],
            'get' => $toArray($store->get($request['kind'], $request['key'])),
            'write' => $store->write($batch($request)),
            'scan' => array_map($toArray, $store->scan(
                $request['kind'], $request['organization'], $request['project'], $request['subject'], $request['state'], $request['after'], $request['limit'],
            )),
            'acquire_lease' => $store->acquireLease($request['name'], $request['holder'], $request['seconds']),
            'release_lease' => $store->releaseLease($request['name'], $request['holder'], $request['fence']),
            'purge' => $store->purgeExpired(),
            'age' => $age($request['seconds']),
            'lose' => $own->lose($connect()),
            'own' => $own->exec($request['sql']),
            'fork' => $fork($batch($request)),
            'install' => $migrations()->install(),
            'install_host' => (new PdoMigrations($connect('host_dsn'), $prefix))->install(),
            'migrations' => [$migrations()->version(), $migrations()->pending(), $migrations()->sql()],
            'sql' => $connect()->exec($request['sql']),
            'host' => $hostDo($request['sql']),
            'host_begin' => $host->beginTransaction(),
            'host_commit' => $host->commit(),
            'host_rollback' => $host->rollBack(),
            'host_settings' => $settingsNow(),
        }]);
    } catch (Throwable $cause) {
        $send(['error' => ['type' => $cause::class, 'message' => $cause->getMessage()]]);
    }
}
