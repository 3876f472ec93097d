<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What became of a browser's arrival. Dumps, casts and json_encode() hide its address and its hand-over.
 *
 * @strict-properties
 * @not-serializable
 */
final class LaunchResult
{
    /** Which of the others are there. */
    public readonly LaunchResultKind $kind;
    /** Redirect: the address to send the browser to. */
    public readonly ?string $url;
    /** SignedIn: who. */
    public readonly ?SignIn $signIn;
    /** LoginRequired: to be kept with the browser's session; one use. */
    public readonly ?string $handover;
    /** LoginRequired: the EHR's name for the user, for the screen; it is a foreign text. */
    public readonly ?string $ehrUser;
    /** SignedIn and LoginRequired: the source. */
    public readonly ?string $source;

    private function __construct() {}
}
