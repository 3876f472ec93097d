<?php

// The store in the application's database: MariaDB, MySQL, PostgreSQL or SQLite, over PDO.

declare(strict_types=1);

namespace FhirEhr;

use Closure;
use FhirEhr\Pdo\Batch;
use FhirEhr\Pdo\Dialects;
use FhirEhr\Pdo\Failure;
use FhirEhr\Pdo\Leases;
use FhirEhr\Pdo\Session;
use FhirEhr\Pdo\Statements;
use PDO;

final class PdoStore implements Store
{
    private const ATTEMPTS = 5;
    /** Sizes of the columns in bytes. Without these checks, a lax SQL mode could cut a value silently. */
    private const KIND_BYTES = 32;
    private const KEY_BYTES = 256;
    private const TEXT_BYTES = 255;
    private const STATE_BYTES = 64;

    /** @var list<Session> connections inherited over a fork; a child process must not close them */
    private static array $inherited = [];

    /** The process that created this object. */
    private readonly int|false $createdBy;
    private int|false $ownPid = false;
    private ?Session $own = null;
    private ?Session $host = null;

    /**
     * @param PDO|Closure(): PDO $connection the store's own connection, which nothing else may use. A closure is called at the
     *     first use, after a fork, and after the connection was lost
     * @param ?PDO $hostConnection the application's connection, for staged rows. If it has an open transaction, staged rows are
     *     written in it
     */
    public function __construct(
        private readonly PDO|Closure $connection,
        private readonly ?PDO $hostConnection = null,
        private readonly string $prefix = 'fhir_ehr_',
    ) {
        Dialects::checkPrefix($prefix);
        if ($connection === $hostConnection) {
            throw new \InvalidArgumentException(
                'The store needs its own connection: a rollback on the application\'s connection would undo a token refresh',
            );
        }
        $this->createdBy = getmypid();
    }

    public function get(string $kind, string $key): ?StoredRecord
    {
        return $this->read($kind, function (Session $session) use ($kind, $key): ?StoredRecord {
            $sql = $this->sql($session)->select($kind) . ' AND record_key = ?';
            $rows = $session->rows($sql, [$kind, $key]);
            return $rows === [] ? null : self::record($rows[0]);
        });
    }

    public function write(array $batch): int
    {
        $kinds = [];
        foreach ($batch as $part) {
            self::checkLengths($part);
            $kinds[(int) $this->usesHostConnection($part->kind)] = $part->kind;
        }
        if ($kinds === []) {
            return -1;
        }
        if (count($kinds) > 1) {
            throw new \LogicException('A batch cannot contain both staged rows and other records, because they use two connections');
        }
        return $this->retried(reset($kinds), function (Session $session, bool $join) use ($batch): int {
            $writes = new Batch($session, $this->sql($session), $batch);
            return $session->atomically($join, $writes->statements(), $writes->run(...));
        });
    }

    public function scan(
        string $kind,
        string $organization,
        ?string $project,
        ?string $subject,
        ?string $state,
        ?string $after,
        int $limit,
    ): array {
        if ($limit <= 0) {
            return [];
        }
        $conditions = ['organization = ?' => $organization, 'project = ?' => $project, 'subject = ?' => $subject];
        $conditions += ['state = ?' => $state, 'record_key > ?' => $after];
        $conditions = array_filter($conditions, static fn(?string $value): bool => $value !== null);
        return $this->read($kind, function (Session $session) use ($kind, $conditions, $limit): array {
            $sql = implode(' AND ', [$this->sql($session)->select($kind), ...array_keys($conditions)]);
            $sql .= ' ORDER BY record_key LIMIT ?';
            return array_map(self::record(...), $session->rows($sql, [$kind, ...array_values($conditions), $limit]));
        });
    }

    public function acquireLease(string $name, string $holder, int $seconds): ?int
    {
        self::checkLength('lease name', $name, self::TEXT_BYTES);
        self::checkLength('lease holder', $holder, self::TEXT_BYTES);
        return $this->retried(null, fn(Session $session): ?int => $session->alone(
            fn(): ?int => (new Leases($session, $this->sql($session)))->acquire($name, $holder, $seconds),
        ));
    }

    public function releaseLease(string $name, string $holder, int $fence): void
    {
        $this->retried(null, function (Session $session) use ($name, $holder, $fence): void {
            $session->alone(fn() => (new Leases($session, $this->sql($session)))->release($name, $holder, $fence));
        });
    }

    /** If the host's connection has an open transaction, staged rows are purged by a later call. */
    public function purgeExpired(): int
    {
        $purged = $this->purge('');
        try {
            return $purged + $this->purge(Statements::STAGED);
        } catch (PdoStoreException $cause) {
            return $cause->failure === Failure::Nested ? $purged : throw $cause;
        }
    }

    private function purge(string $kind): int
    {
        return $this->retried($kind, function (Session $session) use ($kind): int {
            $sql = $this->sql($session)->purge($kind);
            return $session->atomically(false, [$sql], static fn(): array => [true, $session->change($sql)]);
        });
    }

    /** @param list<mixed> $row */
    private static function record(array $row): StoredRecord
    {
        [$kind, $key, $organization, $project, $subject, $state, $expiresIn, $version, $sealed] = $row;
        return new StoredRecord(
            (string) $kind,
            (string) $key,
            (string) $organization,
            (string) $project,
            (string) $subject,
            (string) $state,
            $expiresIn === null ? null : (int) $expiresIn,
            (int) $version,
            is_resource($sealed) ? (string) stream_get_contents($sealed) : (string) $sealed,
        );
    }

    private function sql(Session $session): Statements
    {
        return new Statements($session->dialect, $this->prefix);
    }

    private static function checkLengths(Write $part): void
    {
        self::checkLength('kind', $part->kind, self::KIND_BYTES);
        self::checkLength('key', $part->key, self::KEY_BYTES);
        if ($part->record !== null) {
            self::checkLength('organization', $part->record->organization, self::TEXT_BYTES);
            self::checkLength('project', $part->record->project, self::TEXT_BYTES);
            self::checkLength('subject', $part->record->subject, self::TEXT_BYTES);
            self::checkLength('state', $part->record->state, self::STATE_BYTES);
        }
    }

    private static function checkLength(string $name, string $text, int $maximum): void
    {
        if (strlen($text) > $maximum) {
            throw new \InvalidArgumentException("The {$name} has more than {$maximum} bytes");
        }
    }

    /** Whether records of this kind are stored on the host's connection. */
    private function usesHostConnection(?string $kind): bool
    {
        return $kind !== null && Statements::isStaging($kind) && $this->hostConnection !== null;
    }

    /**
     * Runs one read. A lost connection is opened again.
     *
     * @template T
     * @param Closure(Session): T $work
     * @return T
     */
    private function read(string $kind, Closure $work): mixed
    {
        $read = static fn(Session $session): mixed => $session->read(static fn(): mixed => $work($session));
        try {
            return $this->guarded($kind, $read);
        } catch (PdoStoreException $cause) {
            return $this->reopen($kind, $cause) ? $this->guarded($kind, $read) : throw $cause;
        }
    }

    /**
     * Runs a transaction, or a statement that commits by itself. Retries it if it collided with another transaction and was rolled
     * back completely.
     *
     * @template T
     * @param Closure(Session, bool): T $work the bool says whether it may join the host's open transaction
     * @return T
     */
    private function retried(?string $kind, Closure $work): mixed
    {
        $join = $this->usesHostConnection($kind);
        $attempt = 0;
        while (true) {
            ++$attempt;
            try {
                return $this->guarded($kind, static fn(Session $session): mixed => $work($session, $join));
            } catch (PdoStoreException $cause) {
                $reopened = $this->reopen($kind, $cause);
                if (!$cause->canRetry || $attempt === self::ATTEMPTS || $cause->failure === Failure::Lost && !$reopened) {
                    throw $cause;
                }
                if ($cause->failure === Failure::Collision) {
                    usleep(random_int(1_000, 20_000) * $attempt);
                }
            }
        }
    }

    /**
     * @template T
     * @param Closure(Session): T $work
     * @return T
     */
    private function guarded(?string $kind, Closure $work): mixed
    {
        $session = $this->usesHostConnection($kind) ? $this->host() : $this->own();
        return $session->guarded(static fn(): mixed => $work($session));
    }

    /** Drops the store's own connection if it was lost. Returns whether a new one can be opened. */
    private function reopen(?string $kind, PdoStoreException $cause): bool
    {
        if ($cause->failure !== Failure::Lost || $this->usesHostConnection($kind) || $this->connection instanceof PDO) {
            return false;
        }
        $this->own = null;
        return true;
    }

    private function own(): Session
    {
        if ($this->own !== null && $this->ownPid !== getmypid()) {
            // Closing it would close the parent's connection too. So it is kept, unused, until this process ends.
            self::$inherited[] = $this->own;
            $this->own = null;
        }
        return $this->own ??= $this->openOwn();
    }

    private function openOwn(): Session
    {
        if ($this->connection instanceof PDO) {
            $this->refuseForked('The store\'s connection was opened before this process was forked. Pass a closure that opens a connection.');
        }
        $pdo = $this->connection instanceof PDO ? $this->connection : ($this->connection)();
        if ($pdo === $this->hostConnection || $pdo->getAttribute(PDO::ATTR_PERSISTENT) !== false) {
            throw new \LogicException("The store's own connection must not be shared: it must not be persistent, and not the application's");
        }
        $session = new Session($pdo, Dialects::of($pdo));
        $session->guarded(function () use ($session): void {
            $session->dialect->prepareOwn($session);
            $this->checkSchema($session);
        });
        $this->ownPid = getmypid();
        return $session;
    }

    private function host(): Session
    {
        $this->refuseForked('The application\'s connection was opened before this process was forked. Create a new store in this process.');
        if ($this->host === null && $this->hostConnection !== null) {
            $session = new Session($this->hostConnection, Dialects::of($this->hostConnection));
            $this->refuseSharedFile($session, $this->own());
            $session->guarded(function () use ($session): void {
                $session->dialect->checkHost($session);
                $this->checkSchema($session);
            });
            $this->host = $session;
        }
        return $this->host ?? $this->own();
    }

    /** Refuses a connection from before a fork, because parent and child would use the same socket. */
    private function refuseForked(string $message): void
    {
        if ($this->createdBy !== getmypid()) {
            throw new \LogicException($message);
        }
    }

    /** SQLite allows one writer for each file, so an open transaction of the host would block the store. */
    private function refuseSharedFile(Session $host, Session $own): void
    {
        $file = static fn(Session $session): string => $session->guarded(
            static fn(): string => (string) ($session->rows('PRAGMA database_list')[0][2] ?? ''),
        );
        $drivers = [$host->pdo->getAttribute(PDO::ATTR_DRIVER_NAME), $own->pdo->getAttribute(PDO::ATTR_DRIVER_NAME)];
        if ($drivers === ['sqlite', 'sqlite'] && $file($host) === $file($own) && $file($own) !== '') {
            throw new \LogicException("With SQLite, the store's own connection needs another file than the application's connection");
        }
    }

    private function checkSchema(Session $session): void
    {
        $table = $this->sql($session)->table('schema');
        [$version, $readableFrom] = $session->rows("SELECT version, readable_from FROM {$table}")[0] ?? [0, 0];
        if ((int) $version < PdoMigrations::VERSION) {
            throw new PdoStoreException('The schema is older than this release. Run PdoMigrations::install().', Failure::NoTables);
        }
        if ((int) $readableFrom > PdoMigrations::VERSION) {
            throw new PdoStoreException("The schema (version {$version}) is of a newer release. This release cannot use it.", Failure::Newer);
        }
    }
}
