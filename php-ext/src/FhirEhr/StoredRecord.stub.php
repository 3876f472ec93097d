<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One record as a Store keeps it.
 *
 * @strict-properties
 * @not-serializable
 */
final class StoredRecord
{
    /**
     * "pending_launch", "grant", "user_link", "index_key", "staged_row", "record_binding" or "pulled_row"; at most 32
     * bytes. Later versions may have more: keep them as they are.
     */
    public readonly string $kind;
    /** Unique within the kind; at most 64 bytes. */
    public readonly string $key;
    /** Whose record it is. */
    public readonly string $organization;
    /** The project, or empty. */
    public readonly string $project;
    /** A keyed hash of what it is about, or empty; at most 64 bytes. */
    public readonly string $subject;
    /** A short word such as "pending", the id of a pull, or empty; at most 64 bytes. */
    public readonly string $state;
    /** Seconds from now, by the store's clock, until it counts as gone; null: it stays. */
    public readonly ?int $expiresIn;
    /** Counted by the store: 1 for a new record, one more at each change. */
    public readonly int $version;
    /** The sealed bytes: ciphertext. */
    public readonly string $sealed;

    public function __construct(
        string $kind,
        string $key,
        string $organization,
        string $project,
        string $subject,
        string $state,
        ?int $expiresIn,
        int $version,
        string $sealed
    ) {}
}
