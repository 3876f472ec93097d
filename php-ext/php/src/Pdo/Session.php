<?php

// A PDO connection with the store's settings: statements, transactions, and errors.

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
    private const NESTED = "The store's own connection has an open transaction that the store did not start";

    /** @var array<string, PDOStatement> prepared statements of the current call */
    private array $prepared = [];

    public function __construct(
        public readonly PDO $pdo,
        public readonly Dialect $dialect,
    ) {}

    /**
     * Runs $work with the PDO attributes that the store needs, then restores the connection's attributes.
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
        // A lost connection gives a warning in addition to the exception. A host may turn warnings into exceptions.
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
     * Runs $work in a new transaction, or, if $join is true and a transaction is open, in that one.
     *
     * A cluster can roll back a transaction without an error message. The savepoint exists only in the transaction in which $work
     * started, so releasing it proves that this transaction is still open.
     *
     * @template T
     * @param list<string> $statements all statements of $work, because a PREPARE in between could lose an error
     * @param Closure(): array{bool, T} $work returns whether to keep its changes, and its result
     * @return T
     */
    public function atomically(bool $join, array $statements, Closure $work): mixed
    {
        $joined = $this->begin($join, $statements);
        try {
            $this->exec('SAVEPOINT ' . self::SAVEPOINT);
            if ($joined) {
                // The SAVEPOINT reports a rollback that the host has not noticed yet. The ROLLBACK TO SAVEPOINT reports one that was
                // hidden while the statements were prepared.
                array_map($this->prepare(...), $statements);
                $this->exec('ROLLBACK TO SAVEPOINT ' . self::SAVEPOINT);
            }
            [$keep, $result] = $work();
            if (!$keep) {
                $this->exec('ROLLBACK TO SAVEPOINT ' . self::SAVEPOINT);
            }
            $this->exec('RELEASE SAVEPOINT ' . self::SAVEPOINT);
            if (!$joined) {
                $this->exec($keep ? 'COMMIT' : 'ROLLBACK');
            }
            return $result;
        } catch (\Throwable $cause) {
            throw $this->undo($joined, $cause);
        } finally {
            if (!$joined) {
                $this->restore();
            }
        }
    }

    /**
     * Runs $work, which is one statement that commits by itself. It can be retried: if the result of acquiring a lease was lost, the
     * same holder acquires it again.
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
            throw $this->retryable($cause);
        }
    }

    /**
     * Runs a read. In the host's transaction, it reports a rollback of that transaction, which preparing the read could hide.
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
            throw $this->undo(true, $cause);
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
     * Inserts one row. Returns false if its key already exists.
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
        $codes = 'SQLSTATE ' . ($info[0] ?? '?') . ', code ' . ($info[1] ?? '?');
        return new PdoStoreException(match ($failure) {
            Failure::Collision => "The database rolled back a transaction because of a conflict with another one ({$codes})",
            Failure::Lost => "The connection to the database was lost ({$codes})",
            Failure::NoTables => "The store's tables do not exist. Run PdoMigrations::install() ({$codes})",
            Failure::Nested => self::NESTED,
            default => "The database refused a statement ({$codes})",
        }, $failure);
    }

    public static function nested(): PdoStoreException
    {
        return new PdoStoreException(self::NESTED, Failure::Nested);
    }

    /**
     * @param list<string> $statements
     * @return bool whether the work joins a transaction that the host has started
     */
    private function begin(bool $join, array $statements): bool
    {
        try {
            $open = $join ? $this->dialect->inTransaction($this) : $this->pdo->inTransaction();
            if ($open !== true) {
                array_map($this->prepare(...), $statements);
                array_map($this->exec(...), $this->dialect->begin());
                return false;
            }
        } catch (PDOException $cause) {
            $error = $this->retryable($cause);
            if ($error->failure !== Failure::Nested) {
                $this->restore();
                throw $error;
            }
        }
        if (!$join) {
            throw self::nested();
        }
        return true;
    }

    /** Rolls back everything since begin(), and returns the error to throw. */
    private function undo(bool $joined, \Throwable $cause): \Throwable
    {
        $this->prepared = [];
        $cause = $cause instanceof PDOException ? $this->error($cause) : $cause;
        $ended = !$joined;
        try {
            $this->exec('ROLLBACK TO SAVEPOINT ' . self::SAVEPOINT);
            $this->exec('RELEASE SAVEPOINT ' . self::SAVEPOINT);
        } catch (PDOException $gone) {
            $gone = $this->error($gone);
            if ($gone->failure === Failure::Collision && $cause instanceof PdoStoreException) {
                // Without the savepoint, everything before it is lost too, so the current transaction has only this batch.
                $cause = $cause->failure === Failure::Other ? $gone : $cause;
                $ended = true;
            }
        }
        if ($ended && !$this->rollBack() && !$joined && $cause instanceof PdoStoreException) {
            $cause = new PdoStoreException($cause->getMessage(), Failure::Lost);
        }
        if (!$cause instanceof PdoStoreException || $cause->failure !== Failure::Collision) {
            return $cause;
        }
        return $joined
            ? new PdoStoreException(
                "{$cause->getMessage()}. The batch was in the application's transaction: roll it back and start it again.",
                Failure::Collision,
            )
            : new PdoStoreException($cause->getMessage(), Failure::Collision, canRetry: true);
    }

    /** @return bool whether no transaction is open now */
    private function rollBack(): bool
    {
        // A cluster can respond to the first ROLLBACK with the error of its own rollback.
        foreach ([true, false] as $mayRetry) {
            try {
                $this->exec('ROLLBACK');
                return true;
            } catch (PDOException $cause) {
                if (!$mayRetry || $this->error($cause)->failure !== Failure::Collision) {
                    return false;
                }
            }
        }
        return false;
    }

    /** Restores the settings that begin() has changed. */
    private function restore(): void
    {
        try {
            array_map($this->exec(...), $this->dialect->afterwards());
        } catch (PDOException) {
            // This fails only if the connection was lost. The next statement reports it, and the transaction has already ended.
            return;
        }
    }

    /** The error of work that has changed nothing, or that can be done twice. */
    private function retryable(PDOException $cause): PdoStoreException
    {
        $error = $this->error($cause);
        $canRetry = in_array($error->failure, [Failure::Lost, Failure::Collision], true);
        return new PdoStoreException($error->getMessage(), $error->failure, $canRetry);
    }

    private function prepare(string $sql): PDOStatement
    {
        $plain = [PDO::ATTR_STATEMENT_CLASS => [PDOStatement::class]];
        /** @var PDOStatement $statement never false: guarded() makes PDO throw exceptions */
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
