<?php

/** @generate-class-entries */

namespace FhirEhr;

/** What the EHR says now about a row's value. It changes no decision. */
enum EhrState: string
{
    /** The last pull that asked for the value brought it, or none asked since. */
    case Current = "current";
    /** The EHR has another value now; that one waits in a row of its own. */
    case Corrected = "corrected";
    /** No longer in the EHR. */
    case Gone = "gone";
    /** Its resource no longer gives this value for this field, such as a problem that was resolved. */
    case NotMatching = "not_matching";
    /** The EHR says that it was entered in error. */
    case EnteredInError = "entered_in_error";
}
