<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * Hook: keeps the sealed records. FhirEhr\PdoStore from the Composer package fhir-ehr/fhir-ehr-php keeps them in the application's
 * database. docs/stores.md describes what a store of your own must do.
 *
 * A store sees ciphertext and a few clear columns to find, expire and lock records. An expired record counts as absent. Times
 * count by the store's clock.
 *
 * An exception comes out of the client's method as the same object, and nothing was changed. There is one special case: after the
 * EHR has rotated a refresh token, the library calls write() again until it succeeds or the lease ends. If it succeeds, the
 * exception is dropped. If the token is lost, the method throws an AuthorizationException named "grant_lost" with the store's
 * exception as its previous one.
 *
 * The library checks each result. An impossible one ends the call with a StoreException named "store_inconsistent".
 */
interface Store
{
    /** Returns the record, or null when it is absent or expired. */
    public function get(string $kind, string $key): ?StoredRecord;

    /**
     * Writes the whole batch in one transaction if the version of each part matches; otherwise it writes nothing. A batch may
     * contain records of the kinds "staged_row", "record_binding" and "pulled_row": a store must keep these three in one database.
     *
     * @param Write[] $batch
     * @return int -1 when the batch is stored, else the index of the first part whose version does not match
     */
    public function write(array $batch): int;

    /**
     * Returns the live records that match, sorted by key as bytes, with keys greater than $after, at most $limit. null matches any
     * value.
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
     * Acquires a lease, or renews it for the same holder.
     *
     * @return int|null the fence, which is greater than each earlier one; null while another holder has the lease
     */
    public function acquireLease(string $name, string $holder, int $seconds): ?int;

    /** Releases the lease if it still has this holder and this fence. */
    public function releaseLease(string $name, string $holder, int $fence): void;

    /** Deletes expired records and returns their number. */
    public function purgeExpired(): int;
}
