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
    /** "metadata", "endpoints", "client" or "system_account"; later versions may have more. */
    public readonly string $name;
    /** "ok", "failed" or "skipped" (there is nothing to check). */
    public readonly string $status;
    /** What was found, in one plain sentence. */
    public readonly string $text;
    /** What to do about it. */
    public readonly ?string $hint;
    /** Of a failed step: who can mend it, as Exception::getOwner() says it; else null. */
    public readonly ?string $owner;
    /** Of a failed step: the stable name of the error (docs/errors.md); else null. */
    public readonly ?string $error;

    private function __construct() {}
}
