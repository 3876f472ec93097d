<?php

/** @generate-class-entries */

namespace FhirEhr;

/** What became of a browser's arrival at the launch address. */
enum LaunchResultKind: string
{
    /** Send the browser to LaunchResult::$url. */
    case Redirect = "redirect";
    /** The user is signed in: LaunchResult::$signIn. */
    case SignedIn = "signed_in";
    /** Ask for the application's own login, then call Client::finishLogin() with LaunchResult::$handover. */
    case LoginRequired = "login_required";
}
