<?php

// The kinds of database errors that the store distinguishes.

declare(strict_types=1);

namespace FhirEhr\Pdo;

/** @internal */
enum Failure
{
    /** A conflict with another transaction. Everything was or can be rolled back and retried. */
    case Collision;
    /** The connection was lost. */
    case Lost;
    /** The store's tables do not exist. */
    case NoTables;
    /** A row with this key already exists. */
    case Duplicate;
    /** The connection already has an open transaction. */
    case Nested;
    /** The tables are of a newer release. */
    case Newer;
    case Other;

    /**
     * The matching error of docs/errors.md: number, name, and when to retry.
     *
     * @return array{int, string, string}
     */
    public function error(): array
    {
        return match ($this) {
            self::Collision => [702, 'store_conflict', 'now'],
            self::NoTables, self::Newer => [703, 'store_foreign', 'never'],
            self::Lost, self::Duplicate, self::Nested, self::Other => [701, 'store_unavailable', 'later'],
        };
    }
}
