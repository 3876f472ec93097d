<?php

// One batch of writes: its SQL statements, and how its parts are applied.

declare(strict_types=1);

namespace FhirEhr\Pdo;

use FhirEhr\StoredRecord;
use FhirEhr\Write;

/** @internal */
final class Batch
{
    /** @param array<int, Write> $parts */
    public function __construct(
        private readonly Session $session,
        private readonly Statements $sql,
        private readonly array $parts,
    ) {}

    /**
     * Every statement that run() can execute. They are prepared before the transaction starts.
     *
     * @return list<string>
     */
    public function statements(): array
    {
        $all = [];
        foreach ($this->parts as $part) {
            $kind = $part->kind;
            $needed = match (true) {
                $part->record === null && $part->expected !== 0 => [$this->sql->delete($kind)],
                $part->record === null => [$this->sql->deleteExpired($kind), $this->sql->version($kind)],
                $part->expected !== 0 => [$this->sql->update($kind)],
                default => [$this->sql->insert($kind), $this->sql->deleteExpired($kind)],
            };
            $all += array_fill_keys($needed, true);
        }
        return array_keys($all);
    }

    /** @return array{bool, int} whether every part met its expected version, and the number of the first part that did not, or -1 */
    public function run(): array
    {
        foreach ($this->parts as $number => $part) {
            $done = $part->record === null ? $this->delete($part) : $this->put($part, $part->record);
            if (!$done) {
                return [false, $number];
            }
        }
        return [true, -1];
    }

    private function put(Write $part, StoredRecord $record): bool
    {
        $values = [$record->organization, $record->project, $record->subject, $record->state];
        array_push($values, $record->expiresIn, new Bytes($record->sealed), $part->kind, $part->key);
        if ($part->expected !== 0) {
            return $this->session->change($this->sql->update($part->kind), [...$values, $part->expected]) === 1;
        }
        $insert = $this->sql->insert($part->kind);
        return $this->session->insertIfAbsent($insert, $values)
            || $this->deleteExpired($part) && $this->session->insertIfAbsent($insert, $values);
    }

    private function delete(Write $part): bool
    {
        if ($part->expected !== 0) {
            $values = [$part->kind, $part->key, $part->expected];
            return $this->session->change($this->sql->delete($part->kind), $values) === 1;
        }
        $this->deleteExpired($part);
        return $this->session->rows($this->sql->version($part->kind), [$part->kind, $part->key]) === [];
    }

    private function deleteExpired(Write $part): bool
    {
        return $this->session->change($this->sql->deleteExpired($part->kind), [$part->kind, $part->key]) === 1;
    }
}
