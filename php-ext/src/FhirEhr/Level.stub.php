<?php

/** @generate-class-entries */

namespace FhirEhr;

/** How much an event matters. The values are those of PSR-3. */
enum Level: string
{
    /** For developers; nothing is told at this level today. */
    case Debug = "debug";
    /** The normal course. */
    case Info = "info";
    /** Something was refused or is not complete. */
    case Warning = "warning";
    /** Something failed that should not. */
    case Error = "error";
}
