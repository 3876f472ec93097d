<?php

// Acquires and releases leases. Each statement commits by itself, so that no transaction can be lost before its COMMIT.

declare(strict_types=1);

namespace FhirEhr\Pdo;

/** @internal */
final class Leases
{
    private readonly string $table;
    private readonly string $now;

    public function __construct(
        private readonly Session $session,
        Statements $sql,
    ) {
        $this->table = $sql->table('lease');
        $this->now = $sql->dialect->now();
    }

    /** @return ?int the fence; null if another holder has the lease */
    public function acquire(string $name, string $holder, int $seconds): ?int
    {
        return $this->session->dialect->canReturn()
            ? $this->inOneStatement($name, $holder, $seconds)
            : $this->change($name, $holder, $seconds) ?? $this->insert($name, $holder, $seconds);
    }

    public function release(string $name, string $holder, int $fence): void
    {
        // The row is kept, because the fence must keep increasing.
        $sql = "UPDATE {$this->table} SET expires_at = 0 WHERE name = ? AND holder = ? AND fence = ?";
        $this->session->change($sql, [$name, $holder, $fence]);
    }

    private function inOneStatement(string $name, string $holder, int $seconds): ?int
    {
        $rows = $this->session->rows(
            "INSERT INTO {$this->table} AS held (name, holder, expires_at, fence) VALUES (?, ?, {$this->now} + ?, 1)"
            . ' ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,'
            . " fence = held.fence + 1 WHERE held.holder = excluded.holder OR held.expires_at <= {$this->now}"
            . ' RETURNING fence',
            [$name, $holder, $seconds],
        );
        return $rows === [] ? null : (int) $rows[0][0];
    }

    private function change(string $name, string $holder, int $seconds): ?int
    {
        // The server returns the new fence with the result of this statement (LAST_INSERT_ID). The row always changes, so the
        // count is the same with and without PDO::MYSQL_ATTR_FOUND_ROWS.
        $changed = $this->session->change(
            "UPDATE {$this->table} SET fence = LAST_INSERT_ID(fence + 1), holder = ?, expires_at = {$this->now} + ?"
            . " WHERE name = ? AND (holder = ? OR expires_at <= {$this->now})",
            [$holder, $seconds, $name, $holder],
        );
        return $changed === 1 ? (int) $this->session->pdo->lastInsertId() : null;
    }

    private function insert(string $name, string $holder, int $seconds): ?int
    {
        $inserted = $this->session->insertIfAbsent(
            "INSERT INTO {$this->table} (name, holder, expires_at, fence) VALUES (?, ?, {$this->now} + ?, 1)",
            [$name, $holder, $seconds],
        );
        return $inserted ? 1 : null;
    }
}
