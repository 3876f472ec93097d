<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A patient from Client::patient(). Nothing of it was stored. Dumps, casts to arrays and json_encode() hide it.
 *
 * @strict-properties
 * @not-serializable
 */
final class Patient
{
    /** The FHIR id. */
    public readonly string $patientId;
    /**
     * The MRNs, best match first: in the order of the source's mrnSystems, and within one identifier the stored number before the
     * displayed one. Empty when the EHR has no identifier that counts as an MRN.
     *
     * @var list<string>
     */
    public readonly array $mrns;
    /**
     * The FHIR ids of the same patient in other FHIR versions of the EHR, by version (`dstu2`, `r4`), as far as the Patient states
     * them. Epic's ids differ between the versions. Use one as launchPatient of a pull at a source of that version.
     *
     * @var array<string, string>
     */
    public readonly array $otherIds;
    /**
     * The values of the requested fields, by field name. Fields without a value are absent.
     *
     * @var array<string, string>
     */
    public readonly array $values;

    private function __construct() {}
}
