<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * What one step of Client::checkSource() found. It holds no secret and may be shown, escaped.
 *
 * @strict-properties
 * @not-serializable
 */
final class CheckStep
{
    /**
     * "metadata", "endpoints", "client", "system_account", "redirect_uris", "resources", "secrets", "vault", "ca_file", "store" or
     * "not_checked"; later versions may have more.
     */
    public readonly string $name;
    /** "ok", "failed", "warning", "unknown" (it cannot be determined) or "skipped" (there is nothing to check). */
    public readonly string $status;
    /** What was found, in plain sentences. */
    public readonly string $text;
    /** What to do about it. */
    public readonly ?string $hint;
    /** Where something is to be fixed: who can fix it, as Exception::getOwner() says it; else null. */
    public readonly ?string $owner;
    /** Where something is to be fixed: the stable name of the error (docs/errors.md); else null. */
    public readonly ?string $error;
    /** The stable id of what was found (docs/administrator.md); "error" where the step ended with an error. */
    public readonly string $finding;

    private function __construct() {}
}
