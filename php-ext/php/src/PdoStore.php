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
    /** Bytes that fit into the columns; a host's lax SQL mode would cut silently. */
    private const KIND = 32;
    private const KEY = 256;
    private const TEXT = 255;
    private const STATE = 64;

    /** @var list<Session> connections that came over a fork: a child must not close them */
    private static array $inherited = [];

    private readonly int|false $madeIn;
    private int|false $ownPid = false;
    private ?Session $own = null;
    private ?Session $host = null;

    /**
     * @param PDO|Closure(): PDO $connection the store's own connection, used by nobody else; with a closure it is
     *     made at the first use, again after a fork, and again when it was lost
     * @param ?PDO $hostConnection where staged rows go, riding in the application's transaction when one is open
     */
    public function __construct(
        private readonly PDO|Closure $connection,
        private readonly ?PDO $hostConnection = null,
        private readonly string $prefix = 'fhir_ehr_',
    ) {
        Dialects::checkPrefix($prefix);
        if ($connection === $hostConnection) {
            throw new \InvalidArgumentException(
                "The store needs a connection of its own: a rollback of the host's must not erase a refreshed token",
            );
        }
        $this->madeIn = getmypid();
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
            $kinds[(int) $this->ridesWithHost($part->kind)] = $part->kind;
        }
        if ($kinds === []) {
            return -1;
        }
        if (count($kinds) > 1) {
            throw new \LogicException('One batch cannot hold staged rows and other records on two connections');
        }
        return $this->atomically(reset($kinds), function (Session $session, bool $ride) use ($batch): int {
            $writes = new Batch($session, $this->sql($session), $batch);
            return $session->atomically($ride, $writes->statements(), $writes->run(...));
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
        $wanted = ['organization = ?' => $organization, 'project = ?' => $project, 'subject = ?' => $subject];
        $wanted += ['state = ?' => $state, 'record_key > ?' => $after];
        $wanted = array_filter($wanted, static fn(?string $value): bool => $value !== null);
        return $this->read($kind, function (Session $session) use ($kind, $wanted, $limit): array {
            $sql = implode(' AND ', [$this->sql($session)->select($kind), ...array_keys($wanted)]);
            $sql .= ' ORDER BY record_key LIMIT ?';
            return array_map(self::record(...), $session->rows($sql, [$kind, ...array_values($wanted), $limit]));
        });
    }

    public function acquireLease(string $name, string $holder, int $seconds): ?int
    {
        self::checkLength('lease name', $name, self::TEXT);
        self::checkLength('lease holder', $holder, self::TEXT);
        return $this->atomically(null, fn(Session $session): ?int => $session->alone(
            fn(): ?int => (new Leases($session, $this->sql($session)))->acquire($name, $holder, $seconds),
        ));
    }

    public function releaseLease(string $name, string $holder, int $fence): void
    {
        $this->atomically(null, function (Session $session) use ($name, $holder, $fence): void {
            $session->alone(fn() => (new Leases($session, $this->sql($session)))->release($name, $holder, $fence));
        });
    }

    /** Staged rows are left to a later call when the host's connection is within a transaction. */
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
        return $this->atomically($kind, function (Session $session) use ($kind): int {
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
        self::checkLength('kind', $part->kind, self::KIND);
        self::checkLength('key', $part->key, self::KEY);
        if ($part->record !== null) {
            self::checkLength('organization', $part->record->organization, self::TEXT);
            self::checkLength('project', $part->record->project, self::TEXT);
            self::checkLength('subject', $part->record->subject, self::TEXT);
            self::checkLength('state', $part->record->state, self::STATE);
        }
    }

    private static function checkLength(string $name, string $text, int $most): void
    {
        if (strlen($text) > $most) {
            throw new \InvalidArgumentException("The {$name} has more than {$most} bytes");
        }
    }

    private function ridesWithHost(?string $kind): bool
    {
        return $kind !== null && Statements::isStaging($kind) && $this->hostConnection !== null;
    }

    /**
     * One statement outside a transaction of ours; a connection that was lost meanwhile is made anew.
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
     * A transaction, or a statement that commits by itself, repeated when another was in its way and nothing of it was done.
     *
     * @template T
     * @param Closure(Session, bool): T $work the bool says whether it may ride in the host's transaction
     * @return T
     */
    private function atomically(?string $kind, Closure $work): mixed
    {
        $ride = $this->ridesWithHost($kind);
        $attempt = 0;
        while (true) {
            ++$attempt;
            try {
                return $this->guarded($kind, static fn(Session $session): mixed => $work($session, $ride));
            } catch (PdoStoreException $cause) {
                $reopened = $this->reopen($kind, $cause);
                if (!$cause->again || $attempt === self::ATTEMPTS || $cause->failure === Failure::Lost && !$reopened) {
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
        $session = $this->ridesWithHost($kind) ? $this->host() : $this->own();
        return $session->guarded(static fn(): mixed => $work($session));
    }

    /** Drops the store's own connection if it was lost; true when a new one can be made. */
    private function reopen(?string $kind, PdoStoreException $cause): bool
    {
        if ($cause->failure !== Failure::Lost || $this->ridesWithHost($kind) || $this->connection instanceof PDO) {
            return false;
        }
        $this->own = null;
        return true;
    }

    private function own(): Session
    {
        if ($this->own !== null && $this->ownPid !== getmypid()) {
            // Closing it would close the parent's: it is kept, untouched, until this process ends.
            self::$inherited[] = $this->own;
            $this->own = null;
        }
        return $this->own ??= $this->openOwn();
    }

    private function openOwn(): Session
    {
        if ($this->connection instanceof PDO) {
            $this->refuseForked('the connection; give the store a closure that makes one');
        }
        $pdo = $this->connection instanceof PDO ? $this->connection : ($this->connection)();
        if ($pdo === $this->hostConnection || $pdo->getAttribute(PDO::ATTR_PERSISTENT) !== false) {
            throw new \LogicException("The store's own connection must not be persistent nor the host's: either is shared");
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
        $this->refuseForked("the host's connection");
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

    private function refuseForked(string $what): void
    {
        if ($this->madeIn !== getmypid()) {
            throw new \LogicException("This process was forked after the store was given {$what}: both would use one socket");
        }
    }

    /** SQLite knows one writer: the host's transaction would lock the store out of its own file. */
    private function refuseSharedFile(Session $host, Session $own): void
    {
        $file = static fn(Session $session): string => $session->guarded(
            static fn(): string => (string) ($session->rows('PRAGMA database_list')[0][2] ?? ''),
        );
        $drivers = [$host->pdo->getAttribute(PDO::ATTR_DRIVER_NAME), $own->pdo->getAttribute(PDO::ATTR_DRIVER_NAME)];
        if ($drivers === ['sqlite', 'sqlite'] && $file($host) === $file($own) && $file($own) !== '') {
            throw new \LogicException("On SQLite the store's own connection needs another file than the host's");
        }
    }

    private function checkSchema(Session $session): void
    {
        $table = $this->sql($session)->table('schema');
        [$version, $readableFrom] = $session->rows("SELECT version, readable_from FROM {$table}")[0] ?? [0, 0];
        if ((int) $version < PdoMigrations::VERSION) {
            throw new PdoStoreException('The schema is older than this release: run PdoMigrations::install()', Failure::NoTables);
        }
        if ((int) $readableFrom > PdoMigrations::VERSION) {
            throw new PdoStoreException("The schema (version {$version}) is of a newer release that this one cannot use", Failure::Newer);
        }
    }
}
