<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The result of Client::handleLaunch() and Client::startSignIn(). Dumps, casts to arrays and json_encode() hide $url,
 * $formFields and $handover.
 *
 * @strict-properties
 * @not-serializable
 */
final class LaunchResult
{
    /** What to do next. It says which of the other properties are set. */
    public readonly LaunchResultKind $kind;
    /** For Redirect: the URL to which to redirect the browser. For Form: the action of the form. */
    public readonly ?string $url;
    /**
     * For Form: the names and values of the hidden fields.
     *
     * @var array<string, string>|null
     */
    public readonly ?array $formFields;
    /** For SignedIn: the user and the launch context. */
    public readonly ?SignIn $signIn;
    /** For LoginRequired: the hand-over for Client::finishLogin(). Keep it in the browser's session. It can be used once. */
    public readonly ?string $handover;
    /** For LoginRequired: the EHR's identifier of the user. It comes from the EHR: escape it before you show it. */
    public readonly ?string $ehrUser;
    /** For SignedIn and LoginRequired: the id of the source. */
    public readonly ?string $source;

    private function __construct() {}
}
