<?php

// Cases that need no other process: what the PHP classes refuse, and the log adapter.

declare(strict_types=1);

use FhirEhr\Level;
use FhirEhr\PdoMigrations;
use FhirEhr\PdoStore;
use FhirEhr\PdoStoreException;
use FhirEhr\Psr3Log;
use FhirEhr\StoredRecord;
use FhirEhr\Write;

require_once __DIR__ . '/autoload.php';

$expect = static function (bool $holds, string $what): void {
    $holds || exit("FAILED: {$what}\n");
};
$refused = static function (string $class, string $text, Closure $work) use ($expect): void {
    try {
        $work();
        $expect(false, "no exception with: {$text}");
    } catch (Throwable $cause) {
        $expect($cause instanceof $class && str_contains($cause->getMessage(), $text), "{$text}, not {$cause}");
    }
};
$folder = sys_get_temp_dir() . '/' . bin2hex(random_bytes(8));
mkdir($folder, 0o700);
register_shutdown_function(static fn() => array_map('unlink', glob("{$folder}/*")) && rmdir($folder));
$open = static fn(string $name, array $options = []): PDO => new PDO("sqlite:{$folder}/{$name}", options: $options);
$row = static fn(string $key, string $state = ''): Write => new Write('grant', $key, 0, new StoredRecord('grant', $key, 'o', '', '', $state, null, 0, 's'));

// Table prefixes.
foreach (['', '1a', 'a b', 'a`', 'a"', "a\n", 'a.b', 'a;--', str_repeat('a', 33)] as $prefix) {
    $refused(InvalidArgumentException::class, 'prefix', static fn() => new PdoStore($open('a'), prefix: $prefix));
    $refused(InvalidArgumentException::class, 'prefix', static fn() => new PdoMigrations($open('a'), $prefix));
}

// Missing tables, and a transaction that the store did not start.
$pdo = $open('own');
$refused(PdoStoreException::class, 'PdoMigrations::install()', static fn() => (new PdoStore($pdo))->get('grant', 'k'));
$pdo->beginTransaction();
$refused(LogicException::class, 'transaction', static fn() => (new PdoMigrations($pdo))->install());
$pdo->rollBack();
(new PdoMigrations($pdo))->install();
$store = new PdoStore($pdo);
$expect($store->write([$row('k')]) === -1, 'a write on a given connection');
$pdo->beginTransaction();
$refused(PdoStoreException::class, 'has an open transaction that the store did not start', static fn() => $store->write([$row('x')]));
$pdo->rollBack();
$expect($store->write([$row('x')]) === -1, 'a write after the rollback');

// Its exceptions implement the library's interface, with the codes of docs/errors.md.
try {
    (new PdoStore($open('empty')))->get('grant', 'k');
    $expect(false, 'a store without tables');
} catch (FhirEhr\Exception\Exception $cause) {
    $found = [$cause->getCode(), $cause->getName(), $cause->getStage(), $cause->getOwner(), $cause->getRetry()];
    $expect($found === [703, 'store_foreign', 'store', 'you', 'never'], json_encode($found));
    $expect(str_contains((string) $cause->getHint(), 'PdoMigrations::install()'), 'a hint');
    $rest = [$cause->getRetryAfter(), $cause->getVendorCode(), $cause->getCorrelationId(), $cause->getHttpStatus()];
    $expect($rest === [null, null, null, null], 'no data of an EHR response');
}
$table = array_column(array_map(static fn($line) => explode("\t", $line), file(__DIR__ . '/../../src/error_codes.tsv')), null, 1);
foreach (FhirEhr\Pdo\Failure::cases() as $failure) {
    $cause = new PdoStoreException('m', $failure);
    $line = $table[$cause->getName()];
    $found = [(string) $cause->getCode(), $cause->getName(), $cause->getStage(), $cause->getOwner(), $cause->getRetry()];
    $expect($found === array_slice($line, 0, 5), $failure->name . ' ' . json_encode($found));
}

// Different prefixes are different stores.
(new PdoMigrations($pdo, 'Other_'))->install();
$expect((new PdoStore($pdo, null, 'Other_'))->get('grant', 'k') === null, 'another prefix');

// Shared connections.
$refused(InvalidArgumentException::class, 'its own connection', static fn() => new PdoStore($pdo, $pdo));
$refused(LogicException::class, 'persistent', static fn() => (new PdoStore(static fn() => $pdo, $pdo))->get('grant', 'k'));
$persistent = static fn(): PDO => $open('own', [PDO::ATTR_PERSISTENT => true]);
$refused(LogicException::class, 'persistent', static fn() => (new PdoStore($persistent))->get('grant', 'k'));
$sameFile = new PdoStore($open('own'), $open('own'));
$refused(LogicException::class, 'another file', static fn() => $sameFile->get('staged_row', 'k'));

// Values that are too long; a lax SQL mode would cut them.
$refused(InvalidArgumentException::class, 'key', static fn() => $store->write([$row(str_repeat('k', 257))]));
$refused(InvalidArgumentException::class, 'state', static fn() => $store->write([$row('k', str_repeat('s', 65))]));
$refused(InvalidArgumentException::class, 'lease name', static fn() => $store->acquireLease(str_repeat('n', 256), 'h', 9));

// The embedded store's file.
$open('embedded')->exec('PRAGMA application_id = 0x66454852; CREATE TABLE record (kind TEXT)');
$refused(LogicException::class, "embedded store's", static fn() => (new PdoMigrations($open('embedded')))->install());
$refused(LogicException::class, "embedded store's", static fn() => (new PdoStore($open('embedded')))->get('grant', 'k'));

// An error contains codes and no values.
$pdo->exec('DROP TABLE fhir_ehr_record; CREATE TABLE fhir_ehr_record (kind TEXT, record_key TEXT CHECK (record_key <> \'secret-key\'))');
$refused(PdoStoreException::class, 'SQLSTATE', static fn() => $store->write([$row('secret-key')]));
try {
    $store->write([$row('secret-key')]);
} catch (PdoStoreException $cause) {
    $expect($cause->getPrevious() === null && !str_contains($cause->getMessage(), 'secret-key'), 'values in an error');
}

// The log.
$logger = new class {
    /** @var list<array{mixed, string, array<string, mixed>}> */
    public array $events = [];

    public function log(mixed $level, string|Stringable $message, array $context = []): void
    {
        $this->events[] = [$level, (string) $message, $context];
    }
};
$log = new Psr3Log($logger);
foreach (Level::cases() as $level) {
    $log->event($level, 'pull_done', ['rows' => 3]);
}
$expect(array_column($logger->events, 0) === ['debug', 'info', 'warning', 'error'], 'the levels');
$expect($logger->events[0] === ['debug', 'pull_done', ['rows' => 3]], 'the event');
$refused(InvalidArgumentException::class, 'log()', static fn() => new Psr3Log(new stdClass()));

echo "all tests passed\n";
