<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One pulled value for one place of a study record. Dumps, casts and json_encode() hide the value and whose it is: read the
 * properties.
 *
 * @strict-properties
 * @not-serializable
 */
final class StagedRow
{
    /**
     * Its stable key: the same value of the same resource for the same place has the same key. A correction of a
     * decided value has the key of that value, a dot, and a number.
     */
    public readonly string $key;
    /** Where it stands. */
    public readonly RowState $state;
    /** Whether an earlier value of the same resource was decided, and this one differs. */
    public readonly bool $changed;
    /** The study record. */
    public readonly string $record;
    /** The event of the study record, or empty. */
    public readonly string $event;
    /** The field of the study record. */
    public readonly string $studyField;
    /** The field it was read from. */
    public readonly string $sourceField;
    /** The value's text; empty once it is saved or rejected, except entries of lists that are in the record. */
    public readonly string $value;
    /** When it was true, as text. */
    public readonly ?string $timestamp;
    /** The code it was found by. */
    public readonly ?string $code;
    /** The code's system. */
    public readonly ?string $codeSystem;
    /** The words for the code. */
    public readonly ?string $display;
    /** The unit of a quantity. */
    public readonly ?string $unit;
    /** The resource's type. */
    public readonly string $resourceType;
    /** The resource's id. */
    public readonly string $resourceId;
    /** The resource's version. */
    public readonly ?string $versionId;
    /** Whether the rules mark it for acceptance. */
    public readonly bool $preselected;
    /** Whether the place takes all accepted entries together, one below the other. */
    public readonly bool $list;
    /** Its position among the values of its place. */
    public readonly int $position;
    /** The source it came from. */
    public readonly string $source;
    /** The pull that brought it. */
    public readonly string $pullId;
    /** When that was, in seconds since 1970. */
    public readonly int $pulledAt;
    /** Whose sign-in brought it. */
    public readonly string $pulledBy;
    /** Which hand-out took it. */
    public readonly ?string $saveId;
    /** Names the row together with the value that stands in it, for Client::adjudicate(). */
    public readonly string $decision;
    /** What the EHR says now about the value. */
    public readonly EhrState $ehrState;
    /** Whether Client::removeSaved() named it: the next save removes the value from the record. */
    public readonly bool $removing;
    /** The status of its resource, such as "final" or "corrected". */
    public readonly ?string $resourceStatus;
    /** The time as the EHR sent it; $timestamp may be converted to the time zone of the source's site. */
    public readonly ?string $timeSent;
    /** What was measured, where $value was converted from another unit; else null. */
    public readonly ?string $originalValue;
    /** The unit of $originalValue. */
    public readonly ?string $originalUnit;

    private function __construct() {}
}
