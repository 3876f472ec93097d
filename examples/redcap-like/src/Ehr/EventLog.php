<?php

// Writes fhir_ehr's warnings and errors to PHP's error log. They contain no patient data, token or URL.

declare(strict_types=1);

namespace App\Ehr;

use FhirEhr\Level;
use FhirEhr\Log;

/** An application with a PSR-3 logger uses FhirEhr\Psr3Log instead. */
final class EventLog implements Log
{
    public function event(Level $level, string $event, array $fields): void
    {
        if ($level === Level::Warning || $level === Level::Error) {
            error_log("fhir_ehr $level->value $event " . json_encode($fields, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE));
        }
    }
}
