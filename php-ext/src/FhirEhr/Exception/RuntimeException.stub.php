<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The base class of all exceptions of this extension.
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

    /** The stage in which the error occurred, such as "launch", "token", "pull" or "store". */
    public function getStage(): string {}

    /** Who can fix it: "you", "ehr_team", "network_team" or "user". */
    public function getOwner(): string {}

    /** When a retry can succeed: "never" (not until the problem is fixed), "now", "later" or "after_sign_in". */
    public function getRetry(): string {}

    /** What to do about it, such as the configuration entry to add. */
    public function getHint(): ?string {}

    /** The seconds to wait that the server requested (Retry-After). */
    public function getRetryAfter(): ?int {}

    /** The vendor's error code, for a ticket to your EHR team. */
    public function getVendorCode(): ?string {}

    /** The id with which the vendor's support finds the request. */
    public function getCorrelationId(): ?string {}

    /** The HTTP status of the response that caused the error. */
    public function getHttpStatus(): ?int {}
}
