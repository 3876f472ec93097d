<?php

/** @generate-class-entries */

namespace FhirEhr;

/** The level of a log event. The values are those of PSR-3. */
enum Level: string
{
    /** For developers. The library logs nothing at this level today. */
    case Debug = "debug";
    /** Normal operation. */
    case Info = "info";
    /** Something was refused or is incomplete. */
    case Warning = "warning";
    /** Something failed that should have worked. */
    case Error = "error";
}
