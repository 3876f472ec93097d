<?php

// The store in the application's database: MariaDB, MySQL, PostgreSQL or SQLite, over PDO.

declare(strict_types=1);

namespace FhirEhr;

use Closure;
use FhirEhr\Pdo\Bytes;
use FhirEhr\Pdo\Dialects;
use FhirEhr\Pdo\Failure;
use FhirEhr\Pdo\Session;
use PDO;

final class PdoStore implements Store
{
    private const STAGED = 'staged_row';
    /** Kinds that one batch may hold together: a pull and a decision write a record's binding with its rows. */
    private const STAGED_KINDS = [self::STAGED, 'record_binding', 'pulled_row'];
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

    public function get(string $kind, string $key): ?Record
    {
        return $this->read($kind, function (Session $session) use ($kind, $key): ?Record {
            $sql = $this->select($session, $kind) . ' AND record_key = ?';
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
        return $this->atomically(reset($kinds), function (Session $session) use ($batch): array {
            foreach ($batch as $number => $part) {
                $fits = $part->record === null
                    ? $this->delete($session, $part)
                    : $this->put($session, $part, $part->record);
                if (!$fits) {
                    return [false, $number];
                }
            }
            return [true, -1];
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
            $sql = implode(' AND ', [$this->select($session, $kind), ...array_keys($wanted)]);
            $sql .= ' ORDER BY record_key LIMIT ?';
            return array_map(self::record(...), $session->rows($sql, [$kind, ...array_values($wanted), $limit]));
        });
    }

    public function acquireLease(string $name, string $holder, int $seconds): ?int
    {
        self::checkLength('lease name', $name, self::TEXT);
        self::checkLength('lease holder', $holder, self::TEXT);
        return $this->atomically(null, function (Session $session) use ($name, $holder, $seconds): array {
            $table = $this->table($session, 'lease');
            $now = $session->dialect->now();
            $taken = $session->change(
                "UPDATE {$table} SET holder = ?, expires_at = {$now} + ?, fence = fence + 1"
                . " WHERE name = ? AND (holder = ? OR expires_at <= {$now})",
                [$holder, $seconds, $name, $holder],
            );
            if ($taken === 1) {
                return [true, (int) $session->rows("SELECT fence FROM {$table} WHERE name = ?", [$name])[0][0]];
            }
            $made = $this->insertIfAbsent(
                $session,
                "INSERT INTO {$table} (name, holder, expires_at, fence) VALUES (?, ?, {$now} + ?, 1)",
                [$name, $holder, $seconds],
            );
            return [$made, $made ? 1 : null];
        });
    }

    public function releaseLease(string $name, string $holder, int $fence): void
    {
        // The row stays, so that the fence keeps growing.
        $this->atomically(null, function (Session $session) use ($name, $holder, $fence): array {
            $sql = 'UPDATE ' . $this->table($session, 'lease') . ' SET expires_at = 0'
                . ' WHERE name = ? AND holder = ? AND fence = ?';
            return [true, $session->change($sql, [$name, $holder, $fence])];
        });
    }

    /** Staged rows are left to a later call when the host's connection is within a transaction. */
    public function purgeExpired(): int
    {
        $purged = $this->purge(null, 'record');
        try {
            return $purged + $this->purge(self::STAGED, self::STAGED);
        } catch (PdoStoreException $cause) {
            return $cause->failure === Failure::Nested ? $purged : throw $cause;
        }
    }

    private function purge(?string $kind, string $name): int
    {
        return $this->atomically($kind, fn(Session $session): array => [
            true,
            $session->change("DELETE FROM {$this->table($session, $name)} WHERE {$this->expired($session)}"),
        ], ride: false);
    }

    private function put(Session $session, Write $part, Record $record): bool
    {
        $table = $this->table($session, self::tableOf($part->kind));
        $now = $session->dialect->now();
        $values = [$record->organization, $record->project, $record->subject, $record->state];
        array_push($values, $record->expiresIn, new Bytes($record->sealed), $part->kind, $part->key);
        if ($part->expected !== 0) {
            $sql = "UPDATE {$table} SET organization = ?, project = ?, subject = ?, state = ?,"
                . " expires_at = {$now} + ?, sealed = ?, version = version + 1"
                . " WHERE kind = ? AND record_key = ? AND version = ? AND {$this->alive($session)}";
            return $session->change($sql, [...$values, $part->expected]) === 1;
        }
        $sql = "INSERT INTO {$table} (organization, project, subject, state, expires_at, sealed, kind, record_key, version)"
            . " VALUES (?, ?, ?, ?, {$now} + ?, ?, ?, ?, 1)";
        return $this->insertIfAbsent($session, $sql, $values)
            || $this->deleteExpired($session, $part) && $this->insertIfAbsent($session, $sql, $values);
    }

    private function delete(Session $session, Write $part): bool
    {
        $table = $this->table($session, self::tableOf($part->kind));
        if ($part->expected !== 0) {
            $sql = "DELETE FROM {$table} WHERE kind = ? AND record_key = ? AND version = ? AND {$this->alive($session)}";
            return $session->change($sql, [$part->kind, $part->key, $part->expected]) === 1;
        }
        $this->deleteExpired($session, $part);
        $sql = "SELECT version FROM {$table} WHERE kind = ? AND record_key = ?";
        return $session->rows($sql, [$part->kind, $part->key]) === [];
    }

    private function deleteExpired(Session $session, Write $part): bool
    {
        $sql = 'DELETE FROM ' . $this->table($session, self::tableOf($part->kind))
            . " WHERE kind = ? AND record_key = ? AND {$this->expired($session)}";
        return $session->change($sql, [$part->kind, $part->key]) === 1;
    }

    /** @param list<string|int|Bytes|null> $values */
    private function insertIfAbsent(Session $session, string $sql, array $values): bool
    {
        try {
            return $session->change($sql . $session->dialect->orNothing(), $values) === 1;
        } catch (\PDOException $cause) {
            return $session->error($cause)->failure === Failure::Duplicate ? false : throw $cause;
        }
    }

    private function select(Session $session, string $kind): string
    {
        return 'SELECT kind, record_key, organization, project, subject, state,'
            . " expires_at - {$session->dialect->now()}, version, sealed"
            . " FROM {$this->table($session, self::tableOf($kind))} WHERE kind = ? AND {$this->alive($session)}";
    }

    /** @param list<mixed> $row */
    private static function record(array $row): Record
    {
        [$kind, $key, $organization, $project, $subject, $state, $expiresIn, $version, $sealed] = $row;
        return new Record(
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

    private function alive(Session $session): string
    {
        return "(expires_at IS NULL OR expires_at > {$session->dialect->now()})";
    }

    private function expired(Session $session): string
    {
        return "expires_at <= {$session->dialect->now()}";
    }

    private static function tableOf(string $kind): string
    {
        return in_array($kind, self::STAGED_KINDS, true) ? self::STAGED : 'record';
    }

    private function table(Session $session, string $name): string
    {
        return $session->dialect->quote($this->prefix . $name);
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
        return in_array($kind, self::STAGED_KINDS, true) && $this->hostConnection !== null;
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
        try {
            return $this->guarded($kind, $work);
        } catch (PdoStoreException $cause) {
            return $this->reopen($kind, $cause) ? $this->guarded($kind, $work) : throw $cause;
        }
    }

    /**
     * A transaction, tried again when another was in its way and it is ours alone.
     *
     * @template T
     * @param Closure(Session): array{bool, T} $work
     * @return T
     */
    private function atomically(?string $kind, Closure $work, bool $ride = true): mixed
    {
        $ride = $ride && $this->ridesWithHost($kind);
        $attempt = 0;
        while (true) {
            ++$attempt;
            try {
                return $this->guarded(
                    $kind,
                    static fn(Session $session): mixed => $session->atomically($ride, static fn(): array => $work($session)),
                );
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
        $table = $this->table($session, 'schema');
        [$version, $readableFrom] = $session->rows("SELECT version, readable_from FROM {$table}")[0] ?? [0, 0];
        if ((int) $version < PdoMigrations::VERSION) {
            throw new PdoStoreException('The schema is older than this release: run PdoMigrations::install()', Failure::NoTables);
        }
        if ((int) $readableFrom > PdoMigrations::VERSION) {
            throw new PdoStoreException("The schema (version {$version}) is of a newer release that this one cannot use", Failure::Other);
        }
    }
}
