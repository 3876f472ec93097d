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
    private ?string $cause = null;
    private ?string $ticket = null;
    private ?string $vendorClientId = null;
    private ?string $vendorTenant = null;
    private ?string $vendorLink = null;

    /** The stable name of the code, such as "state_unknown". */
    public function getName(): string {}

    /** The stage in which the error occurred, such as "launch", "token", "pull" or "store". */
    public function getStage(): string {}

    /** Who can fix it: "you", "ehr_team", "network_team" or "user". If docs/errors.md lists the EHR's own error, that line decides. */
    public function getOwner(): string {}

    /** When a retry can succeed: "never" (not until the problem is fixed), "now", "later" or "after_sign_in". */
    public function getRetry(): string {}

    /** What to do about it, such as the configuration entry to add. */
    public function getHint(): ?string {}

    /** The seconds to wait: as the server requested (Retry-After), or until the library sends a request again. */
    public function getRetryAfter(): ?int {}

    /** The vendor's error code, for a ticket to your EHR team. */
    public function getVendorCode(): ?string {}

    /** The id with which the vendor's support finds the request. */
    public function getCorrelationId(): ?string {}

    /** The HTTP status of the response that caused the error. */
    public function getHttpStatus(): ?int {}

    /** Why the EHR refused the request, in one plain sentence; docs/errors.md lists the causes. */
    public function getCause(): ?string {}

    /** A text of several lines to paste into a ticket for your EHR team: what, when, client id, tenant, correlation id and link. */
    public function getTicket(): ?string {}

    /** The client id that the EHR's error names. It is not a secret. */
    public function getVendorClientId(): ?string {}

    /** The tenant that the EHR's error names. */
    public function getVendorTenant(): ?string {}

    /** The EHR's page about this error. A person may open it; the library never requests it. */
    public function getVendorLink(): ?string {}
}
