<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One value for one place of the study record. Dumps, casts and json_encode() hide the value: read the properties.
 *
 * @strict-properties
 * @not-serializable
 */
final class ValueToSave
{
    /** The event, or empty. */
    public readonly string $event;
    /** The field of the study record. */
    public readonly string $studyField;
    /** The text to write there. */
    public readonly string $value;
    /** The unit of the value, for a single value that has one. */
    public readonly ?string $unit;
    /** When it was true, for a single value. */
    public readonly ?string $timestamp;
    /**
     * The keys of the rows it comes from.
     *
     * @var list<string>
     */
    public readonly array $keys;

    private function __construct() {}
}
