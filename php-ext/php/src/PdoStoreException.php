<?php

// An error of the PDO store. Its message contains result codes and no values.

declare(strict_types=1);

namespace FhirEhr;

use FhirEhr\Pdo\Failure;

final class PdoStoreException extends \RuntimeException implements Exception\Exception
{
    /** @internal */
    public function __construct(
        string $message,
        /** @internal */
        public readonly Failure $failure,
        /** @internal whether nothing was stored, so that the store can retry by itself */
        public readonly bool $canRetry = false,
    ) {
        parent::__construct($message, $failure->error()[0]);
    }

    /** "store_unavailable", "store_conflict" or "store_foreign". */
    #[\Override]
    public function getName(): string
    {
        return $this->failure->error()[1];
    }

    #[\Override]
    public function getStage(): string
    {
        return 'store';
    }

    #[\Override]
    public function getOwner(): string
    {
        return $this->failure === Failure::Collision ? 'user' : 'you';
    }

    #[\Override]
    public function getRetry(): string
    {
        return $this->failure->error()[2];
    }

    #[\Override]
    public function getHint(): ?string
    {
        return match ($this->failure) {
            Failure::NoTables => 'Run PdoMigrations::install() once, with a database user who can create tables.',
            Failure::Newer => 'Install the release of fhir_ehr that created the schema, or a later one.',
            default => null,
        };
    }

    #[\Override]
    public function getRetryAfter(): ?int
    {
        return null;
    }

    #[\Override]
    public function getVendorCode(): ?string
    {
        return null;
    }

    #[\Override]
    public function getCorrelationId(): ?string
    {
        return null;
    }

    #[\Override]
    public function getHttpStatus(): ?int
    {
        return null;
    }

    #[\Override]
    public function getCause(): ?string
    {
        return null;
    }

    #[\Override]
    public function getTicket(): ?string
    {
        return null;
    }

    #[\Override]
    public function getVendorClientId(): ?string
    {
        return null;
    }

    #[\Override]
    public function getVendorTenant(): ?string
    {
        return null;
    }

    #[\Override]
    public function getVendorLink(): ?string
    {
        return null;
    }
}
