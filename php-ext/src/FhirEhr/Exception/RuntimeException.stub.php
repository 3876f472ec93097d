<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The base of the exceptions of this extension.
 *
 * @strict-properties
 * @not-serializable
 */
class RuntimeException extends \RuntimeException implements Exception
{
    private string $name = "";
    private string $stage = "";
    private string $owner = "";
    private string $retry = "";
    private ?string $hint = null;
    private ?int $retryAfter = null;
    private ?string $vendorCode = null;
    private ?string $correlationId = null;
    private ?int $httpStatus = null;

    /** The stable name of the code, such as "state_unknown". */
    public function getName(): string {}

    /** The step in which it arose, such as "launch", "token", "pull", "store". */
    public function getStage(): string {}

    /** Who can fix it: "you", "ehr_team", "network_team" or "user". */
    public function getOwner(): string {}

    /** When another try makes sense: "never" (before something was changed), "now", "later" or "after_sign_in". */
    public function getRetry(): string {}

    /** What to do about it, such as the configuration entry that is missing. */
    public function getHint(): ?string {}

    /** How many seconds the server asked to wait. */
    public function getRetryAfter(): ?int {}

    /** The vendor's own code, for a ticket to the EHR team. */
    public function getVendorCode(): ?string {}

    /** The id under which the vendor's support finds the event. */
    public function getCorrelationId(): ?string {}

    /** The HTTP status of the answer that caused it. */
    public function getHttpStatus(): ?int {}
}
