<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * The interface of all exceptions of this extension. An exception of one of your hooks is not wrapped in one of them.
 *
 * getMessage() may be logged and shown: it contains no token, secret, MRN or URL with identifiers, and text from the EHR in it is
 * escaped. getCode() is the stable number and getName() the stable name; docs/errors.md lists them.
 *
 * @example
 * try {
 *     $pulled = $client->pull($request);
 * } catch (AuthorizationException $e) {
 *     header('Location: ' . $client->signIn('ehr', $user, session_id(), $redirectUri));
 * } catch (Exception $e) {
 *     $log->error($e->getMessage(), ['error' => $e->getName(), 'owner' => $e->getOwner(), 'hint' => $e->getHint()]);
 * }
 */
interface Exception extends \Throwable
{
    /** The stable name of the code, such as "state_unknown". */
    public function getName(): string;

    /** The stage in which the error occurred, such as "launch", "token", "pull" or "store". */
    public function getStage(): string;

    /** Who can fix it: "you", "ehr_team", "network_team" or "user". */
    public function getOwner(): string;

    /** When a retry can succeed: "never" (not until the problem is fixed), "now", "later" or "after_sign_in". */
    public function getRetry(): string;

    /** What to do about it, such as the configuration entry to add. */
    public function getHint(): ?string;

    /** The seconds to wait that the server requested (Retry-After). */
    public function getRetryAfter(): ?int;

    /** The vendor's error code, for a ticket to your EHR team. */
    public function getVendorCode(): ?string;

    /** The id with which the vendor's support finds the request. */
    public function getCorrelationId(): ?string;

    /** The HTTP status of the response that caused the error. */
    public function getHttpStatus(): ?int;
}
