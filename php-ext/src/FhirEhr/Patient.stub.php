<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A patient who was looked up. Nothing of it was stored; dumps, casts and json_encode() hide it.
 *
 * @strict-properties
 * @not-serializable
 */
final class Patient
{
    /** The FHIR id. */
    public readonly string $patientId;
    /**
     * The record numbers, the best first: by the order of the source's mrnSystems, and of one identifier the
     * stored number before the displayed one. Empty when the EHR gives none that counts.
     *
     * @var list<string>
     */
    public readonly array $mrns;
    /**
     * The text of each field that was asked for and that has a value, by field.
     *
     * @var array<string, string>
     */
    public readonly array $values;

    private function __construct() {}
}
