<?php

// MariaDB 10.11 and later, MySQL 8.

declare(strict_types=1);

namespace FhirEhr\Pdo;

use PDO;

/** @internal */
final class MysqlDialect implements Dialect
{
    public function __construct(
        private readonly bool $isMariaDb,
    ) {}

    public function prepareOwn(Session $session): void
    {
        $session->exec('SET SESSION autocommit = 1, innodb_lock_wait_timeout = 10');
    }

    public function checkHost(Session $session): void
    {
        // Every connection is accepted: the text columns are bytes, so the connection's character set does not matter.
    }

    public function attributes(): array
    {
        return [PDO::ATTR_EMULATE_PREPARES => false];
    }

    public function quote(string $identifier): string
    {
        return '`' . str_replace('`', '``', $identifier) . '`';
    }

    public function now(): string
    {
        return 'CAST(UNIX_TIMESTAMP() AS SIGNED)';
    }

    public function begin(): array
    {
        // A cluster can roll back a transaction silently. With autocommit off, a later statement then does not commit by itself.
        return ['SET SESSION autocommit = 0', 'START TRANSACTION'];
    }

    public function afterwards(): array
    {
        return ['SET SESSION autocommit = 1'];
    }

    public function inside(): string
    {
        // For a batch in the host's transaction, where autocommit cannot be changed without a commit.
        return $this->isMariaDb ? '@@in_transaction = 1' : '';
    }

    public function canLoseTransactions(): bool
    {
        return true;
    }

    public function canReturn(): bool
    {
        return false;
    }

    public function standAlone(Session $session): void
    {
        if ($session->pdo->inTransaction()) {
            throw Session::nested();
        }
        $session->exec('SET SESSION autocommit = 1');
    }

    public function inTransaction(Session $session): bool
    {
        // With autocommit off, a transaction starts automatically, and the server does not report it yet.
        return $session->pdo->inTransaction() || (int) $session->rows('SELECT @@autocommit')[0][0] === 0;
    }

    public function orNothing(): string
    {
        return '';
    }

    public function lock(Session $session, string $name): void
    {
        if ((int) $session->rows('SELECT GET_LOCK(?, 60)', [$name])[0][0] !== 1) {
            throw new \RuntimeException('Another migration is running and did not finish within 60 seconds');
        }
    }

    public function unlock(Session $session, string $name): void
    {
        $session->rows('SELECT RELEASE_LOCK(?)', [$name]);
    }

    public function bookkeeping(string $table): array
    {
        return [
            "CREATE TABLE IF NOT EXISTS {$table} (id TINYINT NOT NULL PRIMARY KEY,"
            . ' version BIGINT NOT NULL, readable_from BIGINT NOT NULL) ENGINE=InnoDB',
            "INSERT INTO {$table} (id, version, readable_from) VALUES (1, 0, 0) ON DUPLICATE KEY UPDATE id = id",
        ];
    }

    public function migration(int $to, string $prefix): array
    {
        [$record, $staged, $lease] = array_map($this->quote(...), [
            "{$prefix}record",
            "{$prefix}staged_row",
            "{$prefix}lease",
        ]);
        // VARBINARY is compared by bytes and without padding in both MariaDB and MySQL.
        $columns = <<<'SQL'
            (
              kind VARBINARY(32) NOT NULL,
              record_key VARBINARY(256) NOT NULL,
              organization VARBINARY(255) NOT NULL,
              project VARBINARY(255) NOT NULL,
              subject VARBINARY(255) NOT NULL,
              state VARBINARY(64) NOT NULL,
              expires_at BIGINT NULL,
              version BIGINT NOT NULL,
              sealed LONGBLOB NOT NULL,
              PRIMARY KEY (kind, record_key),
              KEY by_place (kind, organization, project, subject, record_key),
              KEY by_expiry (expires_at)
            ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
            SQL;
        return match ($to) {
            1 => [
                "CREATE TABLE IF NOT EXISTS {$record} {$columns}",
                "CREATE TABLE IF NOT EXISTS {$staged} {$columns}",
                <<<SQL
                CREATE TABLE IF NOT EXISTS {$lease} (
                  name VARBINARY(255) NOT NULL,
                  holder VARBINARY(255) NOT NULL,
                  expires_at BIGINT NOT NULL,
                  fence BIGINT NOT NULL,
                  PRIMARY KEY (name)
                ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
                SQL,
            ],
        };
    }

    public function failure(array $info): Failure
    {
        return match ((int) ($info[1] ?? 0)) {
            1213, 1205 => Failure::Collision, // deadlock (or Galera's certification), lock wait timeout
            1305 => Failure::Collision, // the savepoint does not exist: the transaction was rolled back
            1062 => Failure::Duplicate,
            1146, 1049 => Failure::NoTables,
            // Server has gone away, connection lost, cannot connect, killed, shutdown, MySQL's idle timeout.
            2006, 2013, 2002, 1927, 1053, 4031 => Failure::Lost,
            default => ($info[0] ?? '') === '40001' ? Failure::Collision : Failure::Other,
        };
    }
}
