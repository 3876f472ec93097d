<?php

// Declares the extension's interfaces where the extension is not loaded, so that these classes run under plain PHP.

declare(strict_types=1);

namespace FhirEhr;

if (!interface_exists(Store::class, false)) {
    interface Store
    {
        /** The record, unless it is absent or expired. */
        public function get(string $kind, string $key): ?StoredRecord;

        /**
         * Does the whole batch, or nothing of it.
         *
         * @param list<Write> $batch
         * @return int -1 when done, else the number of the first part that met another version
         */
        public function write(array $batch): int;

        /**
         * The records that match, ordered by key as bytes, after $after, at most $limit; null matches any.
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

        /** Takes or renews a lease and gives its fence, greater than each before; null while another holder has it. */
        public function acquireLease(string $name, string $holder, int $seconds): ?int;

        public function releaseLease(string $name, string $holder, int $fence): void;

        /** Deletes what has expired and says how many records that were. */
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
        /** @param ?StoredRecord $record null deletes; $expected 0: must not be there */
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
    }
}
