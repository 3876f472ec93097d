<?php

// Passes fhir_ehr's log events to a PSR-3 logger.

declare(strict_types=1);

namespace FhirEhr;

final class Psr3Log implements Log
{
    /** @param object $logger a Psr\Log\LoggerInterface, or any object with its log() method */
    public function __construct(
        private readonly object $logger,
    ) {
        if (!is_callable([$logger, 'log'])) {
            throw new \InvalidArgumentException(get_debug_type($logger) . ' has no log() method as required by PSR-3');
        }
    }

    public function event(Level $level, string $event, array $fields): void
    {
        $this->logger->log(
            match ($level) {
                Level::Debug => 'debug',
                Level::Info => 'info',
                Level::Warning => 'warning',
                Level::Error => 'error',
            },
            $event,
            $fields,
        );
    }
}
