<?php

// PostgreSQL.

declare(strict_types=1);

namespace FhirEhr\Pdo;

use PDO;

/** @internal */
final class PostgresDialect implements Dialect
{
    public function prepareOwn(Session $session): void
    {
        $session->exec(
            "SET client_encoding = 'UTF8'; SET lock_timeout = '10s';"
            . " SET default_transaction_isolation = 'read committed'",
        );
    }

    public function checkHost(Session $session): void
    {
        $encoding = $session->rows('SHOW client_encoding')[0][0];
        if (!in_array($encoding, ['UTF8', 'SQL_ASCII'], true)) {
            throw new \LogicException("The application's connection uses client_encoding {$encoding}. Staged rows need UTF8.");
        }
    }

    public function attributes(): array
    {
        return [PDO::ATTR_EMULATE_PREPARES => false];
    }

    public function quote(string $identifier): string
    {
        return '"' . str_replace('"', '""', $identifier) . '"';
    }

    public function now(): string
    {
        // now() is the start of the transaction. The subselect allows the use of an index.
        return '(SELECT floor(extract(epoch FROM clock_timestamp()))::bigint)';
    }

    public function begin(): array
    {
        return ['BEGIN'];
    }

    public function afterwards(): array
    {
        return [];
    }

    public function inside(): string
    {
        // Not needed: after an error, the transaction stays open and refuses every statement until it is rolled back.
        return '';
    }

    public function canLoseTransactions(): bool
    {
        return false;
    }

    public function canReturn(): bool
    {
        return true;
    }

    public function standAlone(Session $session): void
    {
        if ($session->pdo->inTransaction()) {
            throw Session::nested();
        }
    }

    public function inTransaction(Session $session): bool
    {
        return $session->pdo->inTransaction();
    }

    public function orNothing(): string
    {
        return ' ON CONFLICT DO NOTHING';
    }

    public function lock(Session $session, string $name): void
    {
        $session->rows('SELECT pg_advisory_lock(hashtext(?))', [$name]);
    }

    public function unlock(Session $session, string $name): void
    {
        $session->rows('SELECT pg_advisory_unlock(hashtext(?))', [$name]);
    }

    public function bookkeeping(string $table): array
    {
        return [
            "CREATE TABLE IF NOT EXISTS {$table} (id smallint NOT NULL PRIMARY KEY,"
            . ' version bigint NOT NULL, readable_from bigint NOT NULL)',
            "INSERT INTO {$table} (id, version, readable_from) VALUES (1, 0, 0) ON CONFLICT DO NOTHING",
        ];
    }

    public function migration(int $to, string $prefix): array
    {
        [$record, $staged, $lease] = array_map($this->quote(...), [
            "{$prefix}record",
            "{$prefix}staged_row",
            "{$prefix}lease",
        ]);
        $columns = <<<'SQL'
            (
              kind text COLLATE "C" NOT NULL,
              record_key text COLLATE "C" NOT NULL,
              organization text COLLATE "C" NOT NULL,
              project text COLLATE "C" NOT NULL,
              subject text COLLATE "C" NOT NULL,
              state text COLLATE "C" NOT NULL,
              expires_at bigint,
              version bigint NOT NULL,
              sealed bytea NOT NULL,
              PRIMARY KEY (kind, record_key)
            )
            SQL;
        $index = fn(string $table, string $suffix, string $on): string => (
            'CREATE INDEX IF NOT EXISTS ' . $this->quote("{$prefix}{$table}_{$suffix}")
            . ' ON ' . $this->quote("{$prefix}{$table}") . ' ' . $on
        );
        $place = '(kind, organization, project, subject, record_key)';
        $expiry = '(expires_at) WHERE expires_at IS NOT NULL';
        return match ($to) {
            1 => [
                "CREATE TABLE IF NOT EXISTS {$record} {$columns}",
                $index('record', 'place', $place),
                $index('record', 'expiry', $expiry),
                "CREATE TABLE IF NOT EXISTS {$staged} {$columns}",
                $index('staged_row', 'place', $place),
                $index('staged_row', 'expiry', $expiry),
                <<<SQL
                CREATE TABLE IF NOT EXISTS {$lease} (
                  name text COLLATE "C" PRIMARY KEY,
                  holder text COLLATE "C" NOT NULL,
                  expires_at bigint NOT NULL,
                  fence bigint NOT NULL
                )
                SQL,
            ],
        };
    }

    public function failure(array $info): Failure
    {
        $state = $info[0] ?? '';
        return match (true) {
            // Serialization failure, deadlock, lock timeout, or a transaction that an earlier error has ended.
            in_array($state, ['40001', '40P01', '55P03', '25P01', '25P02'], true) => Failure::Collision,
            in_array($state, ['42P01', '3F000'], true) => Failure::NoTables,
            // PDO reports HY000 if the server did not respond.
            $state === 'HY000', str_starts_with($state, '08'), str_starts_with($state, '57P') => Failure::Lost,
            default => Failure::Other,
        };
    }
}
