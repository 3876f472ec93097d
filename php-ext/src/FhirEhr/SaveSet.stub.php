<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * The values of one Client::valuesToSave() call. End it with Client::confirmSaved() or Client::returnUnsaved().
 *
 * @strict-properties
 * @not-serializable
 */
final class SaveSet
{
    /** The id of the set; empty when there is nothing to save. */
    public readonly string $saveId;
    /** The study record. */
    public readonly string $record;
    /**
     * The values.
     *
     * @var list<ValueToSave>
     */
    public readonly array $values;

    private function __construct() {}
}
