<?php

/** @generate-class-entries */

namespace FhirEhr;

/** What a user wants to do; asked of Access before anything is done. */
enum Action: string
{
    /** Sign in from the EHR or to it; the project is empty. */
    case Launch = "launch";
    /** Change which field goes where. */
    case Map = "map";
    /** Pull a patient's values. */
    case Pull = "pull";
    /** See staged values, decide on them and save them. */
    case Adjudicate = "adjudicate";
    /** Look at the connection to a source, or change it; the project is empty. */
    case Configure = "configure";
}
