<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * A stored grant as an administrator sees it, from Client::grants(). It holds no token and no id of a patient.
 *
 * @strict-properties
 * @not-serializable
 */
final class GrantEntry
{
    /** The id of the source. */
    public readonly string $source;
    /** The application's user; null for the system account. */
    public readonly ?string $user;
    /** Whether it is the grant of the source's system account. */
    public readonly bool $systemAccount;
    /** Whether it can read the patient of its launch only. */
    public readonly bool $patientBound;
    /** "active", "no_refresh_token", "expired", "suspect" (the answer to a refresh was lost), "suspended" or "revoked". */
    public readonly string $status;
    /** When the user signed in, in seconds since 1970-01-01 UTC; null for a sign-in that an older version stored. */
    public readonly ?int $signedInAt;
    /** When the tokens were refreshed last, in seconds since 1970-01-01 UTC; null if they were not. */
    public readonly ?int $refreshedAt;
    /** When the access token expires, in seconds since 1970-01-01 UTC. */
    public readonly int $accessTokenExpiresAt;
    /** Whether it has a refresh token. */
    public readonly bool $refreshToken;
    /**
     * What ends the sign-in: "never", "unused" (at $lapsesAt, unless it is used before), "ehr_session", "access_token", "unknown" or
     * "ended".
     */
    public readonly string $lapse;
    /** When the sign-in ends, in seconds since 1970-01-01 UTC; null if that is not known. */
    public readonly ?int $lapsesAt;
    /** Since when it is suspect, suspended or revoked, in seconds since 1970-01-01 UTC; otherwise null. */
    public readonly ?int $troubleSince;
    /** What someone must do: "none", "sign_in", "ask_ehr_team" or "check_configuration". */
    public readonly string $action;
    /** Who must do what, and why, as a sentence; null if there is nothing to do. Escape it before you show it. */
    public readonly ?string $advice;
    /**
     * What is unusual: "refresh_token_missing", "lapses_soon", "probably_lapsed", "other_server", "source_not_configured".
     *
     * @var list<string>
     */
    public readonly array $warnings;

    private function __construct() {}
}
