<?php

// SQLite: the application's file, or a separate file for this store; never the file of the embedded store.

declare(strict_types=1);

namespace FhirEhr\Pdo;

/** @internal */
final class SqliteDialect implements Dialect
{
    /** The application_id of the embedded store's file ("fEHR"). */
    private const EMBEDDED = 0x66454852;
    private const BUSY = 5;

    public function prepareOwn(Session $session): void
    {
        // SQLite has no queue of writers, so one of many writers may have to wait long.
        $session->exec('PRAGMA busy_timeout = 60000');
        $this->refuseEmbedded($session);
        $this->useWal($session);
        // A rotated refresh token must survive a power failure.
        $session->exec('PRAGMA synchronous = FULL');
        $session->exec('PRAGMA secure_delete = ON');
    }

    public function checkHost(Session $session): void
    {
        $this->refuseEmbedded($session);
    }

    public function attributes(): array
    {
        return [];
    }

    public function quote(string $identifier): string
    {
        return '"' . str_replace('"', '""', $identifier) . '"';
    }

    public function now(): string
    {
        return "CAST(strftime('%s', 'now') AS INTEGER)";
    }

    public function begin(): array
    {
        // SQLite can refuse a transaction that starts with a read and writes later, without waiting.
        return ['BEGIN IMMEDIATE'];
    }

    public function afterwards(): array
    {
        return [];
    }

    public function inside(): string
    {
        // Not needed: SQLite runs in this process, so no error can be lost.
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
        // BEGIN takes no lock and fails in an open transaction, which PDO does not detect in every case.
        $session->exec('BEGIN');
        $session->exec('COMMIT');
    }

    public function inTransaction(Session $session): ?bool
    {
        // PDO does not detect a transaction that the host started with exec().
        return null;
    }

    public function orNothing(): string
    {
        return ' ON CONFLICT DO NOTHING';
    }

    public function lock(Session $session, string $name): void
    {
        $this->refuseEmbedded($session);
        $session->exec('BEGIN IMMEDIATE');
    }

    public function unlock(Session $session, string $name): void
    {
        $session->exec('COMMIT');
    }

    public function bookkeeping(string $table): array
    {
        return [
            "CREATE TABLE IF NOT EXISTS {$table} (id INTEGER NOT NULL PRIMARY KEY,"
            . ' version INTEGER NOT NULL, readable_from INTEGER NOT NULL)',
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
              kind TEXT NOT NULL,
              record_key TEXT NOT NULL,
              organization TEXT NOT NULL,
              project TEXT NOT NULL,
              subject TEXT NOT NULL,
              state TEXT NOT NULL,
              expires_at INTEGER,
              version INTEGER NOT NULL,
              sealed BLOB NOT NULL,
              PRIMARY KEY (kind, record_key)
            ) WITHOUT ROWID
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
                  name TEXT PRIMARY KEY,
                  holder TEXT NOT NULL,
                  expires_at INTEGER NOT NULL,
                  fence INTEGER NOT NULL
                ) WITHOUT ROWID
                SQL,
            ],
        };
    }

    public function failure(array $info): Failure
    {
        $text = $info[2] ?? '';
        return match ((int) ($info[1] ?? 0)) {
            1 => match (true) {
                str_contains($text, 'no such table') => Failure::NoTables,
                str_contains($text, 'within a transaction') => Failure::Nested,
                default => Failure::Other,
            },
            default => Failure::Other, // includes busy (5), after the busy timeout
        };
    }

    /** The first change to WAL mode needs exclusive access, and SQLite refuses it without waiting for other connections. */
    private function useWal(Session $session): void
    {
        for ($attempt = 1;; ++$attempt) {
            try {
                $session->exec('PRAGMA journal_mode = WAL');
                return;
            } catch (\PDOException $cause) {
                if (($cause->errorInfo[1] ?? 0) !== self::BUSY || $attempt === 100) {
                    throw $cause;
                }
                usleep(random_int(1_000, 10_000));
            }
        }
    }

    private function refuseEmbedded(Session $session): void
    {
        if ((int) $session->rows('PRAGMA application_id')[0][0] === self::EMBEDDED) {
            throw new \LogicException("This file is the embedded store's. Two SQLite libraries must not share a file.");
        }
    }
}
