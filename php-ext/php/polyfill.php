<?php

// Declares the extension's interfaces if the extension is not loaded, so that these classes can run without it.

declare(strict_types=1);

namespace FhirEhr;

if (!interface_exists(Store::class, false)) {
    interface Store
    {
        /** The record; null if it does not exist or has expired. */
        public function get(string $kind, string $key): ?StoredRecord;

        /**
         * Applies all parts of the batch, or none.
         *
         * @param list<Write> $batch
         * @return int -1 if it was applied, else the number of the first part whose expected version did not match
         */
        public function write(array $batch): int;

        /**
         * At most $limit matching records after the key $after, ordered by the bytes of the key. Null matches any value.
         *
         * @return list<StoredRecord>
         */
        public function scan(
            string $kind,
            string $organization,
            ?string $project,
            ?string $subject,
            ?string $state,
            ?string $after,
            int $limit,
        ): array;

        /** Acquires or renews a lease and returns its fence, which is greater than every earlier one; null if another holder has it. */
        public function acquireLease(string $name, string $holder, int $seconds): ?int;

        public function releaseLease(string $name, string $holder, int $fence): void;

        /** Deletes expired records and returns their number. */
        public function purgeExpired(): int;
    }

    final class StoredRecord
    {
        public function __construct(
            public readonly string $kind,
            public readonly string $key,
            public readonly string $organization,
            public readonly string $project,
            public readonly string $subject,
            public readonly string $state,
            public readonly ?int $expiresIn,
            public readonly int $version,
            public readonly string $sealed,
        ) {}
    }

    final class Write
    {
        /**
         * @param int $expected the expected version; 0 if the record must not exist
         * @param ?StoredRecord $record null deletes the record
         */
        public function __construct(
            public readonly string $kind,
            public readonly string $key,
            public readonly int $expected,
            public readonly ?StoredRecord $record,
        ) {}
    }
}

if (!interface_exists(Log::class, false)) {
    enum Level: string
    {
        case Debug = 'debug';
        case Info = 'info';
        case Warning = 'warning';
        case Error = 'error';
    }

    interface Log
    {
        /** @param array<string, mixed> $fields */
        public function event(Level $level, string $event, array $fields): void;
    }
}

namespace FhirEhr\Exception;

if (!interface_exists(Exception::class, false)) {
    interface Exception extends \Throwable
    {
        public function getName(): string;

        public function getStage(): string;

        public function getOwner(): string;

        public function getRetry(): string;

        public function getHint(): ?string;

        public function getRetryAfter(): ?int;

        public function getVendorCode(): ?string;

        public function getCorrelationId(): ?string;

        public function getHttpStatus(): ?int;

        public function getCause(): ?string;

        public function getTicket(): ?string;

        public function getVendorClientId(): ?string;

        public function getVendorTenant(): ?string;

        public function getVendorLink(): ?string;
    }
}
