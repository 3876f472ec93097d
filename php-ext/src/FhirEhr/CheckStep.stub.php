<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The result of one step of Client::checkSource(). It contains no secret. Escape it before you show it: it may contain texts of the
 * EHR.
 *
 * @strict-properties
 * @not-serializable
 */
final class CheckStep
{
    /**
     * "metadata", "endpoints", "client", "system_account", "redirect_uris", "resources", "secrets", "vault", "ca_file", "store" or
     * "not_checked". Later versions may have more.
     */
    public readonly string $name;
    /** "ok", "failed", "warning", "unknown" (the check cannot tell) or "skipped" (there is nothing to check). */
    public readonly string $status;
    /** The finding, in plain sentences. */
    public readonly string $text;
    /** What to do about it; null when there is nothing to do. */
    public readonly ?string $hint;
    /** Who can fix it, as in Exception::getOwner(); null when there is nothing to fix. */
    public readonly ?string $owner;
    /** The stable name of the error (docs/errors.md) that it leads to; null when there is nothing to fix. */
    public readonly ?string $error;
    /** The stable id of the finding (docs/administrator.md); "error" when the step itself ended with an error. */
    public readonly string $finding;

    private function __construct() {}
}
