<?php

/** @generate-class-entries */

namespace FhirEhr;

/** Which text a pulled value has. */
enum TextMode: string
{
    /** The digits the server sent; times as sent. */
    case Exact = "exact";
    /** What an application with PHP floats of 14 digits has stored until now, times in minutes. */
    case Php14 = "php14";
}
