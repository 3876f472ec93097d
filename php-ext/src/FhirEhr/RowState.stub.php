<?php

/** @generate-class-entries */

namespace FhirEhr;

/** The state of a staged row in the workflow. */
enum RowState: string
{
    /** It waits for a decision. */
    case Pending = "pending";
    /** A user accepted it; it waits to be saved. */
    case Accepted = "accepted";
    /** A user rejected it. */
    case Rejected = "rejected";
    /** Client::valuesToSave() returned it; Client::confirmSaved() has not confirmed it yet. */
    case HandedOut = "handed_out";
    /** The application has saved it. */
    case Saved = "saved";
}
