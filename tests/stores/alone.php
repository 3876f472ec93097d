<?php

// What the PHP classes refuse, and the log adapter: cases that need no other process.

declare(strict_types=1);

use FhirEhr\Level;
use FhirEhr\PdoMigrations;
use FhirEhr\PdoStore;
use FhirEhr\PdoStoreException;
use FhirEhr\Psr3Log;
use FhirEhr\Record;
use FhirEhr\Write;

require_once __DIR__ . '/autoload.php';

$expect = static function (bool $holds, string $what): void {
    $holds || exit("FAILED: {$what}\n");
};
$refused = static function (string $class, string $words, Closure $work) use ($expect): void {
    try {
        $work();
        $expect(false, "nothing was refused: {$words}");
    } catch (Throwable $cause) {
        $expect($cause instanceof $class && str_contains($cause->getMessage(), $words), "{$words}, not {$cause}");
    }
};
$folder = sys_get_temp_dir() . '/' . bin2hex(random_bytes(8));
mkdir($folder, 0o700);
register_shutdown_function(static fn() => array_map('unlink', glob("{$folder}/*")) && rmdir($folder));
$open = static fn(string $name, array $options = []): PDO => new PDO("sqlite:{$folder}/{$name}", options: $options);
$row = static fn(string $key, string $state = ''): Write => new Write('grant', $key, 0, new Record('grant', $key, 'o', '', '', $state, null, 0, 's'));

// Names of tables.
foreach (['', '1a', 'a b', 'a`', 'a"', "a\n", 'a.b', 'a;--', str_repeat('a', 33)] as $prefix) {
    $refused(InvalidArgumentException::class, 'prefix', static fn() => new PdoStore($open('a'), prefix: $prefix));
    $refused(InvalidArgumentException::class, 'prefix', static fn() => new PdoMigrations($open('a'), $prefix));
}

// Tables that are not there, and a transaction that is somebody else's.
$pdo = $open('own');
$refused(PdoStoreException::class, 'PdoMigrations::install()', static fn() => (new PdoStore($pdo))->get('grant', 'k'));
$pdo->beginTransaction();
$refused(LogicException::class, 'transaction', static fn() => (new PdoMigrations($pdo))->install());
$pdo->rollBack();
(new PdoMigrations($pdo))->install();
$store = new PdoStore($pdo);
$expect($store->write([$row('k')]) === -1, 'a write on a given connection');
$pdo->beginTransaction();
$refused(PdoStoreException::class, "somebody else's transaction", static fn() => $store->write([$row('x')]));
$pdo->rollBack();
$expect($store->write([$row('x')]) === -1, 'a write after it');

// Its failures are part of the family, with the codes of docs/errors.md.
try {
    (new PdoStore($open('empty')))->get('grant', 'k');
    $expect(false, 'a store without tables');
} catch (FhirEhr\Exception\Exception $cause) {
    $said = [$cause->getCode(), $cause->getName(), $cause->getStage(), $cause->getOwner(), $cause->getRetry()];
    $expect($said === [703, 'store_foreign', 'store', 'you', 'never'], json_encode($said));
    $expect(str_contains((string) $cause->getHint(), 'PdoMigrations::install()'), 'a hint');
    $rest = [$cause->getRetryAfter(), $cause->getVendorCode(), $cause->getCorrelationId(), $cause->getHttpStatus()];
    $expect($rest === [null, null, null, null], 'no answer of an EHR');
}
$table = array_column(array_map(static fn($line) => explode("\t", $line), file(__DIR__ . '/../../src/error_codes.tsv')), null, 1);
foreach (FhirEhr\Pdo\Failure::cases() as $failure) {
    $cause = new PdoStoreException('m', $failure);
    $line = $table[$cause->getName()];
    $said = [(string) $cause->getCode(), $cause->getName(), $cause->getStage(), $cause->getOwner(), $cause->getRetry()];
    $expect($said === array_slice($line, 0, 5), $failure->name . ' ' . json_encode($said));
}

// Two prefixes are two stores.
(new PdoMigrations($pdo, 'Other_'))->install();
$expect((new PdoStore($pdo, null, 'Other_'))->get('grant', 'k') === null, 'another prefix');

// Connections that would be shared.
$refused(InvalidArgumentException::class, 'connection of its own', static fn() => new PdoStore($pdo, $pdo));
$refused(LogicException::class, 'persistent', static fn() => (new PdoStore(static fn() => $pdo, $pdo))->get('grant', 'k'));
$persistent = static fn(): PDO => $open('own', [PDO::ATTR_PERSISTENT => true]);
$refused(LogicException::class, 'persistent', static fn() => (new PdoStore($persistent))->get('grant', 'k'));
$sameFile = new PdoStore($open('own'), $open('own'));
$refused(LogicException::class, 'another file', static fn() => $sameFile->get('staged_row', 'k'));

// Texts that do not fit; a lax SQL mode would cut them.
$refused(InvalidArgumentException::class, 'key', static fn() => $store->write([$row(str_repeat('k', 257))]));
$refused(InvalidArgumentException::class, 'state', static fn() => $store->write([$row('k', str_repeat('s', 65))]));
$refused(InvalidArgumentException::class, 'lease name', static fn() => $store->acquireLease(str_repeat('n', 256), 'h', 9));

// The embedded store's file.
$open('embedded')->exec('PRAGMA application_id = 0x66454852; CREATE TABLE record (kind TEXT)');
$refused(LogicException::class, "embedded store's", static fn() => (new PdoMigrations($open('embedded')))->install());
$refused(LogicException::class, "embedded store's", static fn() => (new PdoStore($open('embedded')))->get('grant', 'k'));

// An error tells its codes and no values.
$pdo->exec('DROP TABLE fhir_ehr_stored_record; CREATE TABLE fhir_ehr_stored_record (kind TEXT, record_key TEXT CHECK (record_key <> \'secret-key\'))');
$refused(PdoStoreException::class, 'SQLSTATE', static fn() => $store->write([$row('secret-key')]));
try {
    $store->write([$row('secret-key')]);
} catch (PdoStoreException $cause) {
    $expect($cause->getPrevious() === null && !str_contains($cause->getMessage(), 'secret-key'), 'values in an error');
}

// The log.
$logger = new class {
    /** @var list<array{mixed, string, array<string, mixed>}> */
    public array $heard = [];

    public function log(mixed $level, string|Stringable $message, array $context = []): void
    {
        $this->heard[] = [$level, (string) $message, $context];
    }
};
$log = new Psr3Log($logger);
foreach (Level::cases() as $level) {
    $log->event($level, 'pull_done', ['rows' => 3]);
}
$expect(array_column($logger->heard, 0) === ['debug', 'info', 'warning', 'error'], 'the levels');
$expect($logger->heard[0] === ['debug', 'pull_done', ['rows' => 3]], 'the event');
$refused(InvalidArgumentException::class, 'log()', static fn() => new Psr3Log(new stdClass()));

echo "all tests passed\n";
