<?php

/** @generate-class-entries */

namespace FhirEhr;

/** On which side of a record's date values count. */
enum OffsetDirection: string
{
    /** Before and after. */
    case Both = "+-";
    /** From the date on. */
    case After = "+";
    /** Up to the date. */
    case Before = "-";
}
