<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A resource in context besides the patient and the encounter (SMART `fhirContext`). It has a reference, a canonical URL or an
 * identifier. Dumps, casts to arrays and json_encode() hide all of its texts.
 *
 * @strict-properties
 * @not-serializable
 */
final class FhirContext
{
    /** A reference to the resource, such as "ImagingStudy/123". */
    public readonly ?string $reference;
    /** The canonical URL of the resource, such as that of a Questionnaire. */
    public readonly ?string $canonical;
    /** The system of the resource's business identifier. */
    public readonly ?string $identifierSystem;
    /** The value of the resource's business identifier. */
    public readonly ?string $identifierValue;
    /** The resource type; null when the EHR does not name it. */
    public readonly ?string $type;
    /** The role of the resource: "launch", or a URI that the EHR and the application have agreed on. */
    public readonly string $role;

    private function __construct() {}
}
