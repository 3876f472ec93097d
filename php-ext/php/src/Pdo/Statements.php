<?php

// The SQL statements for one dialect and one table prefix.

declare(strict_types=1);

namespace FhirEhr\Pdo;

/** @internal */
final class Statements
{
    public const STAGED = 'staged_row';
    /** Kinds that one batch can contain together: a pull and a decision write a record's binding with its rows. */
    private const STAGING = [self::STAGED, 'record_binding', 'pulled_row'];

    public function __construct(
        public readonly Dialect $dialect,
        private readonly string $prefix,
    ) {}

    public function table(string $name): string
    {
        return $this->dialect->quote($this->prefix . $name);
    }

    /** Reads records of a kind. More conditions can be appended. Parameter: kind. */
    public function select(string $kind): string
    {
        return 'SELECT kind, record_key, organization, project, subject, state,'
            . " expires_at - {$this->dialect->now()}, version, sealed"
            . " FROM {$this->of($kind)} WHERE kind = ? AND {$this->alive()}";
    }

    /** Parameters: organization, project, subject, state, seconds, sealed, kind, key. */
    public function insert(string $kind): string
    {
        // The version column is NOT NULL, so the INSERT fails if no transaction is open.
        $version = $this->dialect->inside() === '' ? '1' : "IF({$this->dialect->inside()}, 1, NULL)";
        return "INSERT INTO {$this->of($kind)}"
            . ' (organization, project, subject, state, expires_at, sealed, kind, record_key, version)'
            . " VALUES (?, ?, ?, ?, {$this->dialect->now()} + ?, ?, ?, ?, {$version})"
            . $this->dialect->orNothing();
    }

    /** Parameters: those of insert(), then the expected version. */
    public function update(string $kind): string
    {
        return "UPDATE {$this->of($kind)} SET organization = ?, project = ?, subject = ?, state = ?,"
            . " expires_at = {$this->dialect->now()} + ?, sealed = ?, version = version + 1"
            . " WHERE kind = ? AND record_key = ? AND version = ? AND {$this->alive()}{$this->andInside()}";
    }

    /** Parameters: kind, key, expected version. */
    public function delete(string $kind): string
    {
        return "DELETE FROM {$this->of($kind)}"
            . " WHERE kind = ? AND record_key = ? AND version = ? AND {$this->alive()}{$this->andInside()}";
    }

    /** Parameters: kind, key. */
    public function deleteExpired(string $kind): string
    {
        return "DELETE FROM {$this->of($kind)}"
            . " WHERE kind = ? AND record_key = ? AND {$this->expired()}{$this->andInside()}";
    }

    /** Parameters: kind, key. */
    public function version(string $kind): string
    {
        return "SELECT version FROM {$this->of($kind)} WHERE kind = ? AND record_key = ?";
    }

    public function purge(string $kind): string
    {
        return "DELETE FROM {$this->of($kind)} WHERE {$this->expired()}";
    }

    /** Whether records of a kind are stored with the staged rows, in their table and on the host's connection. */
    public static function isStaging(string $kind): bool
    {
        return in_array($kind, self::STAGING, true);
    }

    private function of(string $kind): string
    {
        return $this->table(self::isStaging($kind) ? self::STAGED : 'record');
    }

    private function alive(): string
    {
        return "(expires_at IS NULL OR expires_at > {$this->dialect->now()})";
    }

    private function expired(): string
    {
        return "expires_at <= {$this->dialect->now()}";
    }

    private function andInside(): string
    {
        return $this->dialect->inside() === '' ? '' : " AND {$this->dialect->inside()}";
    }
}
