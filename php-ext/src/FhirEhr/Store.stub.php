<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * Hook: where sealed records are kept. FhirEhr\PdoStore, which ships with the extension, is one.
 *
 * A store sees ciphertext and the few clear columns it needs to find, expire and lock records. An expired
 * record counts as not there; times are counted by the store's clock. Whatever is thrown here comes out of
 * the Client's method as it is, and the client leaves everything as it was. One exception: new tokens are
 * written again until their lease ends. If that works, what was thrown is dropped; if the tokens are lost, it is the
 * previous exception of an AuthorizationException named grant_lost.
 *
 * Each result is checked: one that cannot be right ends the call with a StoreException named
 * store_inconsistent.
 */
interface Store
{
    /** The record, unless it is absent or expired. */
    public function get(string $kind, string $key): ?StoredRecord;

    /**
     * Does the whole batch in one transaction, each part only if its version stands in the store; or
     * nothing of it. A batch may hold records of the kinds "staged_row", "record_binding" and "pulled_row"
     * together: a store that rides in the application's transaction keeps the three in one place.
     *
     * @param Write[] $batch
     * @return int -1 when done, else the number of the first part that met another version
     */
    public function write(array $batch): int;

    /**
     * The records that match, ordered by key as bytes, after $after, at most $limit; null matches any.
     *
     * @return list<StoredRecord>
     */
    public function scan(
        string $kind,
        string $organization,
        ?string $project,
        ?string $subject,
        ?string $state,
        ?string $after,
        int $limit
    ): array;

    /**
     * Takes a lease, or renews it for the same holder, and gives its fence, which is greater than each before;
     * null while another holder has it.
     */
    public function acquireLease(string $name, string $holder, int $seconds): ?int;

    /** Ends the lease if holder and fence are still its own. */
    public function releaseLease(string $name, string $holder, int $fence): void;

    /** Deletes what has expired and says how many records that were. */
    public function purgeExpired(): int;
}
