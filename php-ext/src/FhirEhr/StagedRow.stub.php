<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * One pulled value for one field of a study record. Dumps, casts to arrays and json_encode() hide the value and the patient; read
 * the properties.
 *
 * @strict-properties
 * @not-serializable
 */
final class StagedRow
{
    /**
     * A stable key. The same value of the same resource for the same study field has the same key. A correction of a
     * decided value has that value's key, a dot and a number.
     */
    public readonly string $key;
    /** The state of the row in the workflow: pending, accepted, rejected, handed_out or saved. */
    public readonly RowState $state;
    /** Whether an earlier value of the same resource was decided and this value differs from it. */
    public readonly bool $changed;
    /** The study record. */
    public readonly string $record;
    /** The event of the study record, or empty. */
    public readonly string $event;
    /** The field of the study record that takes the value. */
    public readonly string $studyField;
    /** The EHR field that the value was read from, such as birthDate or 29463-7. */
    public readonly string $sourceField;
    /**
     * The value as text. It is empty after the value was saved or rejected, except for list entries that are in the
     * study record.
     */
    public readonly string $value;
    /** The time that the EHR gives for the value. */
    public readonly ?string $timestamp;
    /** The code by which the value was found. */
    public readonly ?string $code;
    /** The code system of $code. */
    public readonly ?string $codeSystem;
    /** The display text of $code. */
    public readonly ?string $display;
    /** The unit of a quantity. */
    public readonly ?string $unit;
    /** The type of the FHIR resource. */
    public readonly string $resourceType;
    /** The id of the FHIR resource. */
    public readonly string $resourceId;
    /** The version of the FHIR resource. */
    public readonly ?string $versionId;
    /** Whether the mapping's preselection rules propose this value for acceptance. */
    public readonly bool $preselected;
    /** Whether the study field takes all accepted entries together, one per line. */
    public readonly bool $list;
    /** The position of the row among the rows of the same study field and event. */
    public readonly int $position;
    /** The id of the source from which the value was pulled. */
    public readonly string $source;
    /** The id of the pull that returned the value. */
    public readonly string $pullId;
    /** The time of that pull, in seconds since 1970-01-01 UTC. */
    public readonly int $pulledAt;
    /** The user whose sign-in was used for the pull. */
    public readonly string $pulledBy;
    /** The id of the save set that contains the row. */
    public readonly ?string $saveId;
    /** Identifies the row together with its current value, so that a decision applies to exactly this value. */
    public readonly string $decision;
    /**
     * What the last pull found out about the value in the EHR: current, corrected (a new value waits in a row of its
     * own), gone (no longer in the EHR), not_matching (the resource no longer gives this value for this field) or
     * entered_in_error. It never changes a decision.
     */
    public readonly EhrState $ehrState;
    /**
     * Whether a user requested that the saved value be removed. The next save set then removes it from the study
     * record.
     */
    public readonly bool $removing;
    /** The status of the FHIR resource, such as final or corrected. */
    public readonly ?string $resourceStatus;
    /** The time exactly as the EHR sent it. $timestamp may be converted to the time zone of the source's site. */
    public readonly ?string $timeSent;
    /** The measured value before a unit conversion; null if $value was not converted. */
    public readonly ?string $originalValue;
    /** The unit of $originalValue. */
    public readonly ?string $originalUnit;

    private function __construct() {}
}
