<?php

/** @generate-class-entries */

namespace FhirEhr;

/** Where a staged row stands on its way. */
enum RowState: string
{
    /** Nobody has decided. */
    case Pending = "pending";
    /** To be saved. */
    case Accepted = "accepted";
    /** Not to be saved. */
    case Rejected = "rejected";
    /** Given to the application by Client::valuesToSave(); not confirmed yet. */
    case HandedOut = "handed_out";
    /** Saved by the application. */
    case Saved = "saved";
}
