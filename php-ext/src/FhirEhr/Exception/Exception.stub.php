<?php

/** @generate-class-entries */

namespace FhirEhr\Exception;

/**
 * Everything that the extension throws of its own. What one of your hooks throws comes out as it is.
 *
 * getMessage() is one plain sentence that may be logged and shown: no token, secret, record number or
 * address with identifiers is in it, and foreign text in it is escaped. getCode() is the stable number,
 * getName() the stable name, as listed in docs/errors.md.
 *
 * @example
 * try {
 *     $pulled = $client->pull($request);
 * } catch (AuthorizationException $e) {
 *     header('Location: ' . $client->signIn('ehr', $user, session_id(), $redirectUri));
 * } catch (Exception $e) {
 *     $log->error($e->getMessage(), ['error' => $e->getName(), 'whose' => $e->getOwner(), 'hint' => $e->getHint()]);
 * }
 */
interface Exception extends \Throwable
{
    /** The stable name of the code, such as "state_unknown". */
    public function getName(): string;

    /** The step in which it arose, such as "launch", "token", "pull", "store". */
    public function getStage(): string;

    /** Who can fix it: "you", "ehr_team", "network_team" or "user". */
    public function getOwner(): string;

    /** When another try makes sense: "never" (before something was changed), "now", "later" or "after_sign_in". */
    public function getRetry(): string;

    /** What to do about it, such as the configuration entry that is missing. */
    public function getHint(): ?string;

    /** How many seconds the server asked to wait. */
    public function getRetryAfter(): ?int;

    /** The vendor's own code, for a ticket to the EHR team. */
    public function getVendorCode(): ?string;

    /** The id under which the vendor's support finds the event. */
    public function getCorrelationId(): ?string;

    /** The HTTP status of the answer that caused it. */
    public function getHttpStatus(): ?int;
}
