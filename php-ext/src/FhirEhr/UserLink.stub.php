<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A link from an EHR user to a user of the application, from Client::links(). A launch of a linked EHR user needs no login. Dumps,
 * casts to arrays and json_encode() hide the names of the users.
 *
 * @strict-properties
 * @not-serializable
 */
final class UserLink
{
    /** Names the link in Client::unlink(). */
    public readonly string $id;
    /** The id of the source; null for a link of an older version of the library that was not used since. */
    public readonly ?string $source;
    /** What identifies the EHR user; null when the stored record is damaged. */
    public readonly ?string $ehrUser;
    /**
     * Where $ehrUser comes from: "token_response", "fhir_user", "sub" or "practitioner_identifier"; null for a
     * link of an older version.
     */
    public readonly ?string $key;
    /** The EHR user's name for people, when the link was stored. */
    public readonly ?string $ehrUserName;
    /** The user of the application; null when the stored record is damaged. */
    public readonly ?string $applicationUser;
    /** When the link was stored, in seconds since 1970-01-01 UTC; null for a link of an older version. */
    public readonly ?int $createdAt;
    /**
     * Whether the stored record cannot be decrypted although its key is there. A sign-in of its EHR user fails until the link is
     * removed.
     */
    public readonly bool $damaged;

    private function __construct() {}
}
