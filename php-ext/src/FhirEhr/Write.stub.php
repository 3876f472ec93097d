<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One part of a batch of Store::write().
 *
 * @strict-properties
 * @not-serializable
 */
final class Write
{
    /** The record's kind. */
    public readonly string $kind;
    /** The record's key. */
    public readonly string $key;
    /** The version that must stand in the store; 0: there must be no live record. The store then keeps it plus one. */
    public readonly int $expected;
    /** What to write; null deletes. Its own version is not looked at. */
    public readonly ?StoredRecord $record;

    public function __construct(string $kind, string $key, int $expected, ?StoredRecord $record) {}
}
