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

    /** SQL that begins a transaction which is going to write. */
    public function begin(): string;

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
