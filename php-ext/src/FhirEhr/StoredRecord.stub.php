<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One sealed record of a Store.
 *
 * @strict-properties
 * @not-serializable
 */
final class StoredRecord
{
    /**
     * "pending_launch", "grant", "user_link", "index_key", "launch", "source_endpoints", "staged_row", "record_binding" or
     * "pulled_row"; at most 32 bytes. Later versions may have more kinds: store them unchanged.
     */
    public readonly string $kind;
    /** The key, unique within the kind; at most 64 bytes. */
    public readonly string $key;
    /** The organization of the configuration. */
    public readonly string $organization;
    /** The project, or empty. */
    public readonly string $project;
    /** A keyed hash of the study record or user that it belongs to, or empty; at most 64 bytes. */
    public readonly string $subject;
    /** A state such as "pending", the id of a pull, or empty; at most 64 bytes. */
    public readonly string $state;
    /** The seconds from now, by the store's clock, after which it counts as absent; null: never. */
    public readonly ?int $expiresIn;
    /** The version, counted by the store: 1 for a new record, plus 1 with each change. */
    public readonly int $version;
    /** The ciphertext. */
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
