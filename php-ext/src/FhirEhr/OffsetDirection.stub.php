<?php

/** @generate-class-entries */

namespace FhirEhr;

/** The side of a record's date on which PullRequest::$offsetDays counts. */
enum OffsetDirection: string
{
    /** Before and after the date. */
    case Both = "+-";
    /** On and after the date. */
    case After = "+";
    /** On and before the date. */
    case Before = "-";
}
