<?php

/** @generate-class-entries */

namespace FhirEhr;

/** What a user is about to do. The client asks Access before it does anything. */
enum Action: string
{
    /** Sign in, by a launch from the EHR or from the application. The project is empty. */
    case Launch = "launch";
    /** Check or change the mapping of a project. */
    case Map = "map";
    /** Pull a patient's values. */
    case Pull = "pull";
    /** Read staged values, decide on them and save them. */
    case Adjudicate = "adjudicate";
    /** Check or change the connection to a source. The project is empty. */
    case Configure = "configure";
}
