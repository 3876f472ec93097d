<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The FHIR resource of the EHR user (SMART `fhirUser`). Dumps, casts to arrays and json_encode() hide the user.
 *
 * @strict-properties
 * @not-serializable
 */
final class FhirUser
{
    /** "Practitioner/123" for a resource of the source; otherwise the URL as the EHR sent it, which nothing is sent to. */
    public readonly string $reference;
    /**
     * "Practitioner", "PractitionerRole", "Patient", "RelatedPerson" or "Person"; null for a resource of another server.
     */
    public readonly ?string $resourceType;
    /** The FHIR id; null for a resource of another server. */
    public readonly ?string $id;
    /** Whether the library read the resource (policy read_fhir_user). */
    public readonly bool $wasRead;
    /** The user's name in the resource, for people. Two users can have one name. */
    public readonly ?string $name;

    private function __construct() {}
}
