<?php

// What a database's error means for the store.

declare(strict_types=1);

namespace FhirEhr\Pdo;

/** @internal */
enum Failure
{
    /** Another transaction was in the way; everything was or can be rolled back and done again. */
    case Collision;
    /** The connection is gone. */
    case Lost;
    /** Our tables are not there. */
    case NoTables;
    /** A row with this key is there already. */
    case Duplicate;
    /** BEGIN met a transaction that is open already. */
    case Nested;
    /** The tables are of a newer release. */
    case Newer;
    case Other;

    /**
     * The error of the library that it is: its number, its name, and when to retry (docs/errors.md).
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
