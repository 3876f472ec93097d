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
     * @template T
     * @param Closure(): array{bool, T} $work says whether what it did is to stay, and its result
     * @return T
     */
    public function atomically(bool $ride, Closure $work): mixed
    {
        $rides = $this->begin($ride);
        try {
            [$stays, $result] = $work();
            if ($stays) {
                $this->exec($rides ? 'RELEASE SAVEPOINT ' . self::SAVEPOINT : 'COMMIT');
            } else {
                $this->rollBack($rides);
            }
            return $result;
        } catch (\Throwable $cause) {
            $this->prepared = [];
            $cause = $cause instanceof PDOException ? $this->error($cause) : $cause;
            try {
                $this->rollBack($rides);
            } catch (PDOException) {
                // The connection, or the host's whole transaction, is gone, and with it what we did.
                if (!$rides && $cause instanceof PdoStoreException) {
                    $cause = new PdoStoreException($cause->getMessage(), Failure::Lost);
                }
            }
            if ($cause instanceof PdoStoreException && $cause->failure === Failure::Collision) {
                throw $rides
                    ? new PdoStoreException(
                        "{$cause->getMessage()}; it rode in the host's transaction: roll that back and begin it again",
                        Failure::Collision,
                    )
                    : new PdoStoreException($cause->getMessage(), Failure::Collision, again: true);
            }
            throw $cause;
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
            Failure::Nested => "The store's own connection is in somebody else's transaction",
            default => "The database refused a statement ({$words})",
        }, $failure);
    }

    /** @return bool whether we ride in a transaction that somebody else began */
    private function begin(bool $ride): bool
    {
        try {
            $open = $ride ? $this->dialect->inTransaction($this) : $this->pdo->inTransaction();
            if ($open !== true) {
                $this->exec($this->dialect->begin());
                return false;
            }
        } catch (PDOException $cause) {
            $error = $this->error($cause);
            if ($error->failure !== Failure::Nested) {
                $again = in_array($error->failure, [Failure::Lost, Failure::Collision], true);
                throw new PdoStoreException($error->getMessage(), $error->failure, $again);
            }
        }
        if (!$ride) {
            throw new PdoStoreException("The store's own connection is in somebody else's transaction", Failure::Nested);
        }
        $this->exec('SAVEPOINT ' . self::SAVEPOINT);
        return true;
    }

    private function rollBack(bool $rides): void
    {
        if ($rides) {
            $this->exec('ROLLBACK TO SAVEPOINT ' . self::SAVEPOINT);
            $this->exec('RELEASE SAVEPOINT ' . self::SAVEPOINT);
        } else {
            $this->exec('ROLLBACK');
        }
    }

    /** @param list<string|int|Bytes|null> $parameters */
    private function execute(string $sql, array $parameters): PDOStatement
    {
        $plain = [PDO::ATTR_STATEMENT_CLASS => [PDOStatement::class]];
        /** @var PDOStatement $statement never false: guarded() has PDO throw */
        $statement = $this->prepared[$sql] ?? $this->pdo->prepare($sql, $plain);
        $this->prepared[$sql] = $statement;
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
