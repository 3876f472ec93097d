<?php

// One PDO connection under our settings: statements, transactions, and what an error means.

declare(strict_types=1);

namespace FhirEhr\Pdo;

use Closure;
use FhirEhr\PdoStoreException;
use PDO;
use PDOException;
use PDOStatement;

/** @internal */
final class Session
{
    private const SAVEPOINT = 'fhir_ehr_batch';
    private const NESTED = "The store's own connection is in somebody else's transaction";

    /** @var array<string, PDOStatement> statements of the call that is going on */
    private array $prepared = [];

    public function __construct(
        public readonly PDO $pdo,
        public readonly Dialect $dialect,
    ) {}

    /**
     * Runs $work with the settings that our statements need, then gives the connection back as it was.
     *
     * @template T
     * @param Closure(): T $work
     * @return T
     */
    public function guarded(Closure $work): mixed
    {
        $settings = [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_ORACLE_NULLS => PDO::NULL_NATURAL];
        $settings += $this->dialect->attributes();
        $before = [];
        // A lost connection warns as well as throws; a host may turn warnings into exceptions of its own.
        set_error_handler(static fn(): bool => true, E_WARNING | E_NOTICE);
        try {
            foreach ($settings as $attribute => $value) {
                $before[$attribute] = $this->pdo->getAttribute($attribute);
                $this->pdo->setAttribute($attribute, $value);
            }
            return $work();
        } catch (PDOException $cause) {
            throw $this->error($cause);
        } finally {
            $this->prepared = [];
            foreach (array_reverse($before, true) as $attribute => $value) {
                $this->pdo->setAttribute($attribute, $value);
            }
            restore_error_handler();
        }
    }

    /**
     * Does $work in a transaction of its own or, when $ride is allowed and one is open, within that one.
     *
     * A cluster can roll a transaction back without an error message. The savepoint exists only in the transaction in
     * which $work began, so releasing it proves that this is the transaction that ends here.
     *
     * @template T
     * @param list<string> $statements all that $work executes: a PREPARE in between could lose an error
     * @param Closure(): array{bool, T} $work says whether what it did is to stay, and its result
     * @return T
     */
    public function atomically(bool $ride, array $statements, Closure $work): mixed
    {
        $rides = $this->begin($ride, $statements);
        try {
            $this->exec('SAVEPOINT ' . self::SAVEPOINT);
            if ($rides) {
                // The first one reports a rollback that the host has not seen yet, the second one a rollback that
                // preparing the statements hid.
                array_map($this->prepare(...), $statements);
                $this->exec('ROLLBACK TO SAVEPOINT ' . self::SAVEPOINT);
            }
            [$stays, $result] = $work();
            if (!$stays) {
                $this->exec('ROLLBACK TO SAVEPOINT ' . self::SAVEPOINT);
            }
            $this->exec('RELEASE SAVEPOINT ' . self::SAVEPOINT);
            if (!$rides) {
                $this->exec($stays ? 'COMMIT' : 'ROLLBACK');
            }
            return $result;
        } catch (\Throwable $cause) {
            throw $this->undone($rides, $cause);
        } finally {
            if (!$rides) {
                $this->giveBack();
            }
        }
    }

    /**
     * Does $work, which is one statement that commits by itself. It may be repeated: a lease that was taken and whose
     * answer was lost is taken again by the same holder.
     *
     * @template T
     * @param Closure(): T $work
     * @return T
     */
    public function alone(Closure $work): mixed
    {
        try {
            $this->dialect->standAlone($this);
            return $work();
        } catch (PDOException $cause) {
            throw $this->repeatable($cause);
        }
    }

    /**
     * Reads; in the host's transaction it reports when that was rolled back, since preparing the read could hide it.
     *
     * @template T
     * @param Closure(): T $work
     * @return T
     */
    public function read(Closure $work): mixed
    {
        if (!$this->dialect->canLoseTransactions() || !$this->pdo->inTransaction()) {
            return $work();
        }
        try {
            $this->exec('SAVEPOINT ' . self::SAVEPOINT);
            $result = $work();
            $this->exec('RELEASE SAVEPOINT ' . self::SAVEPOINT);
            return $result;
        } catch (PDOException $cause) {
            throw $this->undone(true, $cause);
        }
    }

    /** @param list<string|int|Bytes|null> $parameters */
    public function change(string $sql, array $parameters = []): int
    {
        return $this->execute($sql, $parameters)->rowCount();
    }

    /**
     * @param list<string|int|Bytes|null> $parameters
     * @return list<list<mixed>>
     */
    public function rows(string $sql, array $parameters = []): array
    {
        $statement = $this->execute($sql, $parameters);
        /** @var list<list<mixed>> $rows */
        $rows = $statement->fetchAll(PDO::FETCH_NUM);
        $statement->closeCursor();
        return $rows;
    }

    /**
     * Inserts one row; false when its key is there already.
     *
     * @param list<string|int|Bytes|null> $values
     */
    public function insertIfAbsent(string $sql, array $values): bool
    {
        try {
            return $this->change($sql, $values) === 1;
        } catch (PDOException $cause) {
            return $this->error($cause)->failure === Failure::Duplicate ? false : throw $cause;
        }
    }

    public function exec(string $sql): void
    {
        $this->pdo->exec($sql);
    }

    public function error(PDOException $cause): PdoStoreException
    {
        /** @var array{0?: ?string, 1?: int|string|null, 2?: ?string} $info */
        $info = $cause->errorInfo ?? [(string) $cause->getCode()];
        $failure = $this->dialect->failure($info);
        $words = 'SQLSTATE ' . ($info[0] ?? '?') . ', code ' . ($info[1] ?? '?');
        return new PdoStoreException(match ($failure) {
            Failure::Collision => "The database gave up a transaction in favour of another ({$words})",
            Failure::Lost => "The connection to the database is gone ({$words})",
            Failure::NoTables => "The store's tables are not there: run PdoMigrations::install() ({$words})",
            Failure::Nested => self::NESTED,
            default => "The database refused a statement ({$words})",
        }, $failure);
    }

    public static function nested(): PdoStoreException
    {
        return new PdoStoreException(self::NESTED, Failure::Nested);
    }

    /**
     * @param list<string> $statements
     * @return bool whether we ride in a transaction that the host began
     */
    private function begin(bool $ride, array $statements): bool
    {
        try {
            $open = $ride ? $this->dialect->inTransaction($this) : $this->pdo->inTransaction();
            if ($open !== true) {
                array_map($this->prepare(...), $statements);
                array_map($this->exec(...), $this->dialect->begin());
                return false;
            }
        } catch (PDOException $cause) {
            $error = $this->repeatable($cause);
            if ($error->failure !== Failure::Nested) {
                $this->giveBack();
                throw $error;
            }
        }
        if (!$ride) {
            throw self::nested();
        }
        return true;
    }

    /** Takes back what was done since begin(); what to throw then. */
    private function undone(bool $rides, \Throwable $cause): \Throwable
    {
        $this->prepared = [];
        $cause = $cause instanceof PDOException ? $this->error($cause) : $cause;
        $ended = !$rides;
        try {
            $this->exec('ROLLBACK TO SAVEPOINT ' . self::SAVEPOINT);
            $this->exec('RELEASE SAVEPOINT ' . self::SAVEPOINT);
        } catch (PDOException $gone) {
            $gone = $this->error($gone);
            if ($gone->failure === Failure::Collision && $cause instanceof PdoStoreException) {
                // With the savepoint everything before it is gone, so what is in a transaction now is our batch only.
                $cause = $cause->failure === Failure::Other ? $gone : $cause;
                $ended = true;
            }
        }
        if ($ended && !$this->rollBack() && !$rides && $cause instanceof PdoStoreException) {
            $cause = new PdoStoreException($cause->getMessage(), Failure::Lost);
        }
        if (!$cause instanceof PdoStoreException || $cause->failure !== Failure::Collision) {
            return $cause;
        }
        return $rides
            ? new PdoStoreException(
                "{$cause->getMessage()}; it rode in the host's transaction: roll that back and begin it again",
                Failure::Collision,
            )
            : new PdoStoreException($cause->getMessage(), Failure::Collision, again: true);
    }

    /** @return bool whether no transaction is open now */
    private function rollBack(): bool
    {
        // A cluster may answer the first ROLLBACK with the error of the rollback that it did itself.
        foreach ([true, false] as $onceMore) {
            try {
                $this->exec('ROLLBACK');
                return true;
            } catch (PDOException $cause) {
                if (!$onceMore || $this->error($cause)->failure !== Failure::Collision) {
                    return false;
                }
            }
        }
        return false;
    }

    private function giveBack(): void
    {
        try {
            array_map($this->exec(...), $this->dialect->afterwards());
        } catch (PDOException) {
            // It fails only if the connection is gone: the next statement reports that, and what was done is done.
            return;
        }
    }

    /** The error of work of which nothing was done, or which may be done twice. */
    private function repeatable(PDOException $cause): PdoStoreException
    {
        $error = $this->error($cause);
        $again = in_array($error->failure, [Failure::Lost, Failure::Collision], true);
        return new PdoStoreException($error->getMessage(), $error->failure, $again);
    }

    private function prepare(string $sql): PDOStatement
    {
        $plain = [PDO::ATTR_STATEMENT_CLASS => [PDOStatement::class]];
        /** @var PDOStatement $statement never false: guarded() has PDO throw */
        $statement = $this->prepared[$sql] ?? $this->pdo->prepare($sql, $plain);
        return $this->prepared[$sql] = $statement;
    }

    /** @param list<string|int|Bytes|null> $parameters */
    private function execute(string $sql, array $parameters): PDOStatement
    {
        $statement = $this->prepare($sql);
        foreach ($parameters as $number => $value) {
            match (true) {
                $value instanceof Bytes => $statement->bindValue($number + 1, $value->bytes, PDO::PARAM_LOB),
                is_int($value) => $statement->bindValue($number + 1, $value, PDO::PARAM_INT),
                $value === null => $statement->bindValue($number + 1, null, PDO::PARAM_NULL),
                default => $statement->bindValue($number + 1, $value, PDO::PARAM_STR),
            };
        }
        $statement->execute();
        return $statement;
    }
}
