<?php

/** @generate-class-entries */

namespace FhirEhr;

/** What became of a browser's arrival at the launch address. */
enum ArrivalKind: string
{
    /** Send the browser to Arrival::$url. */
    case Redirect = "redirect";
    /** The user is signed in: Arrival::$signedIn. */
    case SignedIn = "signed_in";
    /** Ask for the application's own login, then call Client::finishLogin() with Arrival::$handover. */
    case LoginWanted = "login_wanted";
}
