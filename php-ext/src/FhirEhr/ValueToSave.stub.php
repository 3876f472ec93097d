<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One value for one field of the study record. Dumps, casts to arrays and json_encode() hide the value; read the property.
 *
 * @strict-properties
 * @not-serializable
 */
final class ValueToSave
{
    /** The event of the study record, or empty. */
    public readonly string $event;
    /** The field of the study record. */
    public readonly string $studyField;
    /** The text to write into the field; empty to clear it. */
    public readonly string $value;
    /** The unit of a single value that has one. */
    public readonly ?string $unit;
    /** The time that the EHR gives for a single value. */
    public readonly ?string $timestamp;
    /**
     * The keys of the rows that the value comes from.
     *
     * @var list<string>
     */
    public readonly array $keys;

    private function __construct() {}
}
