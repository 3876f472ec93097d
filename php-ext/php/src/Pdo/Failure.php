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
    case Other;
}
