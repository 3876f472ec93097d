<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One page of the stored grants, from Client::grants().
 *
 * @strict-properties
 * @not-serializable
 */
final class GrantPage
{
    /**
     * The stored records that cannot be decrypted: the key of the record, a keyed hash, and the stable name of the error.
     *
     * @var list<array{key: string, error: string}>
     */
    public readonly array $unreadable;
    /** Pass it as $after for the next page; null on the last page. */
    public readonly ?string $next;
    /**
     * The grants, in the order of the store.
     *
     * @var list<GrantEntry>
     */
    public readonly array $grants;

    private function __construct() {}
}
