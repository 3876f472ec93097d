<?php

/** @generate-class-entries */

namespace FhirEhr;

/** Hook: the application's word on who may do what. Without it everybody may do everything. */
interface Access
{
    /**
     * Whether the user may do this in the project; the project is empty for Action::Launch.
     *
     * Later versions may ask for more actions: answer false to those you do not know. Whatever is thrown
     * here comes out of the Client's method, and nothing is done.
     */
    public function allows(string $user, string $project, Action $action): bool;
}
