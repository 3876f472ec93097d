<?php

/** @generate-class-entries */

namespace FhirEhr;

/**
 * Hook: receives events. For a PSR-3 logger use FhirEhr\Psr3Log from the Composer package fhir-ehr/fhir-ehr-php.
 *
 * @example
 * final class SyslogLog implements Log
 * {
 *     public function event(Level $level, string $event, array $fields): void
 *     {
 *         syslog($level === Level::Info ? LOG_INFO : LOG_WARNING, "$event " . json_encode($fields));
 *     }
 * }
 */
interface Log
{
    /**
     * Receives one event, such as "pull_ended". Its fields are texts: counts, names of sources and of errors. No event contains
     * a token, a secret, an MRN, a patient's data or a URL.
     *
     * Do not throw here: the exception comes out of the client's method although its work may be complete.
     *
     * @param array $fields string => string
     */
    public function event(Level $level, string $event, array $fields): void;
}
