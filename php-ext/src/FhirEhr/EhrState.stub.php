<?php

/** @generate-class-entries */

namespace FhirEhr;

/** What the last pull found out about a row's value in the EHR. It changes no decision. */
enum EhrState: string
{
    /** The EHR still has the value, or no pull has requested it since. */
    case Current = "current";
    /** The EHR has a new value, which waits in a row of its own. */
    case Corrected = "corrected";
    /** The resource is no longer in the EHR. */
    case Gone = "gone";
    /** The resource no longer gives this value for this field, such as a problem that was resolved. */
    case NotMatching = "not_matching";
    /** The EHR marks the resource as entered in error. */
    case EnteredInError = "entered_in_error";
}
