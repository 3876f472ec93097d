<?php

/** @generate-class-entries */

namespace FhirEhr;

/** The text form of pulled values. */
enum TextMode: string
{
    /** Numbers and times exactly as the server sent them. */
    case Exact = "exact";
    /** Numbers as PHP floats with 14 digits and times in minutes, as older PHP applications have stored them. */
    case Php14 = "php14";
}
