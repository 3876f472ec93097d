<?php

/** @generate-class-entries */

namespace FhirEhr;

/** What an application does after Client::handleLaunch(). */
enum LaunchResultKind: string
{
    /** Redirect the browser to LaunchResult::$url. */
    case Redirect = "redirect";
    /**
     * Send the browser to LaunchResult::$url with a form of method POST and the hidden fields LaunchResult::$formFields: the
     * authorize_method of the source is "post".
     */
    case Form = "form";
    /** The user is signed in: see LaunchResult::$signIn. */
    case SignedIn = "signed_in";
    /** Show the application's own login, then call Client::finishLogin() with LaunchResult::$handover. */
    case LoginRequired = "login_required";
}
