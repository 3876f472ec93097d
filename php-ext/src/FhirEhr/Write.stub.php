<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One part of a batch for Store::write().
 *
 * @strict-properties
 * @not-serializable
 */
final class Write
{
    /** The kind of the record. */
    public readonly string $kind;
    /** The key of the record. */
    public readonly string $key;
    /** The version that the stored record must have; 0: there must be no live record. The new version is this plus 1. */
    public readonly int $expected;
    /** The record to write; null deletes. Ignore its $version. */
    public readonly ?StoredRecord $record;

    public function __construct(string $kind, string $key, int $expected, ?StoredRecord $record) {}
}
