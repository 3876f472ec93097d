<?php

// The differences between databases: quoting, time, schema, transactions, and error codes.

declare(strict_types=1);

namespace FhirEhr\Pdo;

/** @internal */
interface Dialect
{
    /** Applies the settings for the store's own connection. */
    public function prepareOwn(Session $session): void;

    /** Refuses a host connection that could change the stored bytes. */
    public function checkHost(Session $session): void;

    /** @return array<int, mixed> PDO attributes that must be set during the store's statements */
    public function attributes(): array;

    public function quote(string $identifier): string;

    /** SQL for the current time in whole seconds by the database's clock, not the start of the transaction. */
    public function now(): string;

    /**
     * Statements that start a transaction that will write.
     *
     * @return list<string>
     */
    public function begin(): array;

    /**
     * Statements that restore the connection after COMMIT or ROLLBACK to its state before begin().
     *
     * @return list<string>
     */
    public function afterwards(): array;

    /** SQL that is true only inside a transaction, including the host's; empty if the database does not need it or has none. */
    public function inside(): string;

    /** Whether the database can end a transaction without an error message, because a PREPARE received the error. */
    public function canLoseTransactions(): bool;

    /** Whether the database supports INSERT ... ON CONFLICT DO UPDATE ... RETURNING. */
    public function canReturn(): bool;

    /** Makes the next statement on this connection commit by itself; fails with Failure::Nested in an open transaction. */
    public function standAlone(Session $session): void;

    /** Whether this connection is in a transaction; null if only an attempt to start one can show it. */
    public function inTransaction(Session $session): ?bool;

    /** SQL to add to an INSERT so that an existing key inserts nothing; can be empty. */
    public function orNothing(): string;

    /** Blocks migrations by other processes until unlock(). */
    public function lock(Session $session, string $name): void;

    public function unlock(Session $session, string $name): void;

    /**
     * Statements that create the table with the schema version, with one row at version 0. They can be run repeatedly.
     *
     * @return list<string>
     */
    public function bookkeeping(string $table): array;

    /**
     * The statements of one schema version. They can be run repeatedly.
     *
     * @return list<string>
     */
    public function migration(int $to, string $prefix): array;

    /** @param array{0?: ?string, 1?: int|string|null, 2?: ?string} $info from PDO::errorInfo() */
    public function failure(array $info): Failure;
}
