<?php

// What differs between the databases: quoting, time, the schema, and the meaning of errors.

declare(strict_types=1);

namespace FhirEhr\Pdo;

/** @internal */
interface Dialect
{
    /** Settings of a connection that is the store's alone. */
    public function prepareOwn(Session $session): void;

    /** Refuses a host's connection that could not carry our bytes unchanged. */
    public function checkHost(Session $session): void;

    /** @return array<int, mixed> PDO attributes that must hold during our statements */
    public function attributes(): array;

    public function quote(string $identifier): string;

    /** The present as whole seconds, by the database's clock, also late in a long transaction. */
    public function now(): string;

    /**
     * Statements that begin a transaction which is going to write.
     *
     * @return list<string>
     */
    public function begin(): array;

    /**
     * Statements that give the connection back as it was before begin(), after COMMIT or ROLLBACK.
     *
     * @return list<string>
     */
    public function afterwards(): array;

    /** SQL that is true only inside a transaction, also one of the host's; '': the database needs none, or has none. */
    public function inside(): string;

    /** Whether the database can end a transaction without an error message, when a PREPARE is what meets the error. */
    public function canLoseTransactions(): bool;

    /** Whether INSERT ... ON CONFLICT DO UPDATE ... RETURNING is known. */
    public function canReturn(): bool;

    /** Sees to it that the next statement on this connection commits by itself; Failure::Nested in an open transaction. */
    public function standAlone(Session $session): void;

    /** Whether this connection is in a transaction; null: only trying to begin one will tell. */
    public function inTransaction(Session $session): ?bool;

    /** What is added to an INSERT so that a key which is there already inserts nothing; may be empty. */
    public function orNothing(): string;

    /** Keeps migrations of other processes out until unlock(). */
    public function lock(Session $session, string $name): void;

    public function unlock(Session $session, string $name): void;

    /**
     * The table that holds the schema's version, with its one row at 0; may be repeated.
     *
     * @return list<string>
     */
    public function bookkeeping(string $table): array;

    /**
     * The statements of each step of the schema; all of them may be repeated.
     *
     * @return list<string>
     */
    public function migration(int $to, string $prefix): array;

    /** @param array{0?: ?string, 1?: int|string|null, 2?: ?string} $info as PDO::errorInfo() gives it */
    public function failure(array $info): Failure;
}
