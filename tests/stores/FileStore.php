<?php

// A minimal hook store: one file, which is locked and rewritten for each change.

declare(strict_types=1);

use FhirEhr\Store;
use FhirEhr\StoredRecord;

final class FileStore implements Store
{
    public function __construct(private readonly string $file) {}

    /** Runs $work on all stored data under a lock, and saves its changes. The data is [name => [record, version, expires at]]. */
    public function locked(Closure $work): mixed
    {
        $lock = fopen("{$this->file}.lock", 'c') ?: throw new RuntimeException('The store cannot be opened');
        flock($lock, LOCK_EX);
        $before = $all = is_file($this->file) ? unserialize(file_get_contents($this->file)) : [];
        $result = $work($all);
        if ($all !== $before) {
            $new = fopen("{$this->file}.new", 'w');
            $text = serialize($all);
            if (!$new || fwrite($new, $text) !== strlen($text) || !fsync($new) || !rename("{$this->file}.new", $this->file)) {
                throw new RuntimeException('The store cannot be written');
            }
        }
        return $result; // the lock is released when the file is closed
    }

    private static function alive(?array $row): bool
    {
        return $row !== null && ($row[2] === null || $row[2] > time());
    }

    private static function shown(array $row): StoredRecord
    {
        [$r, $version, $until] = $row;
        $left = $until === null ? null : $until - time();
        return new StoredRecord($r->kind, $r->key, $r->organization, $r->project, $r->subject, $r->state, $left, $version, $r->sealed);
    }

    // The methods of the store, over one array.

    public function get(string $kind, string $key): ?StoredRecord
    {
        return $this->locked(fn(array $all) => self::alive($row = $all["{$kind}/{$key}"] ?? null) ? self::shown($row) : null);
    }

    public function write(array $batch): int
    {
        return $this->locked(function (array &$all) use ($batch): int {
            $new = $all;
            foreach ($batch as $number => $part) {
                $row = $new["{$part->kind}/{$part->key}"] ?? null;
                $version = self::alive($row) ? $row[1] : 0;
                if ($version !== $part->expected) {
                    return $number;
                }
                unset($new["{$part->kind}/{$part->key}"]);
                if ($part->record !== null) {
                    $until = $part->record->expiresIn === null ? null : time() + $part->record->expiresIn;
                    $new["{$part->kind}/{$part->key}"] = [$part->record, $version + 1, $until];
                }
            }
            $all = $new;
            return -1;
        });
    }

    public function scan(string $kind, string $organization, ?string $project, ?string $subject, ?string $state, ?string $after, int $limit): array
    {
        $fits = fn(array $row) => self::alive($row) && $row[0] instanceof StoredRecord && $row[0]->kind === $kind
            && $row[0]->organization === $organization && $row[0]->project === ($project ?? $row[0]->project)
            && $row[0]->subject === ($subject ?? $row[0]->subject) && $row[0]->state === ($state ?? $row[0]->state)
            && ($after === null || strcmp($row[0]->key, $after) > 0);
        $found = $this->locked(fn(array $all) => array_filter($all, $fits));
        ksort($found, SORT_STRING);
        return array_map(self::shown(...), array_values(array_slice($found, 0, $limit)));
    }

    public function acquireLease(string $name, string $holder, int $seconds): ?int
    {
        return $this->locked(function (array &$all) use ($name, $holder, $seconds): ?int {
            $row = $all["lease/{$name}"] ?? [$holder, 0, 0];
            $free = $row[0] === $holder || !self::alive($row);
            return $free ? ($all["lease/{$name}"] = [$holder, $row[1] + 1, time() + $seconds])[1] : null;
        });
    }

    public function releaseLease(string $name, string $holder, int $fence): void
    {
        $this->locked(function (array &$all) use ($name, $holder, $fence): void {
            if (array_slice($all["lease/{$name}"] ?? [], 0, 2) === [$holder, $fence]) {
                $all["lease/{$name}"][2] = 0; // the entry is kept, because the fence must keep increasing
            }
        });
    }

    public function purgeExpired(): int
    {
        return $this->locked(function (array &$all): int {
            $before = count($all);
            $all = array_filter($all, fn(array $row) => self::alive($row) || !$row[0] instanceof StoredRecord);
            return $before - count($all);
        });
    }
}
