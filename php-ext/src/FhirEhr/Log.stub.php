<?php

/** @generate-class-entries */

namespace FhirEhr;

/** Hook: who hears what happens. For a PSR-3 logger use FhirEhr\Psr3Log, which ships with the extension. */
interface Log
{
    /**
     * One event, such as "pull_ended", with its fields as texts: counts, names of sources and errors. No
     * event holds a token, a secret, a record number, a patient or an address.
     *
     * What is thrown here comes out of the Client's method although its work may be done: better do not.
     *
     * @param array $fields string => string
     */
    public function event(Level $level, string $event, array $fields): void;
}
