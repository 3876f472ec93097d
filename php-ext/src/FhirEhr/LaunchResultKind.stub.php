<?php

/** @generate-class-entries */

namespace FhirEhr;

/** What an application does after Client::handleLaunch(). */
enum LaunchResultKind: string
{
    /** Redirect the browser to LaunchResult::$url. */
    case Redirect = "redirect";
    /** The user is signed in: see LaunchResult::$signIn. */
    case SignedIn = "signed_in";
    /** Show the application's own login, then call Client::finishLogin() with LaunchResult::$handover. */
    case LoginRequired = "login_required";
}
