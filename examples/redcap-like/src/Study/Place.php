<?php

// One field of a record in one event, with the pending values from the EHR for it.

declare(strict_types=1);

namespace App\Study;

use FhirEhr\StagedRow;

final class Place
{
    private function __construct(
        public readonly string $event,
        public readonly string $field,
        public readonly string $label,
        /** The record's current value; empty if it has none. */
        public readonly string $current,
        /** Whether the field takes several entries, one on each line. Each entry is then decided separately. */
        public readonly bool $list,
        /** @var non-empty-list<StagedRow> */
        public readonly array $rows,
    ) {}

    /**
     * @param list<StagedRow> $rows
     * @param array<string, array<string, string>> $values the record's values: event => field => value
     * @return list<self>
     */
    public static function of(Project $project, array $rows, array $values): array
    {
        $groups = [];
        foreach ($rows as $row) {
            $groups["$row->event\0$row->studyField\0$row->list"][] = $row;
        }
        $places = array_map(static fn(array $group): self => new self(
            event: $group[0]->event,
            field: $group[0]->studyField,
            label: $project->fields[$group[0]->studyField]->label ?? $group[0]->studyField,
            current: $values[$group[0]->event][$group[0]->studyField] ?? '',
            list: $group[0]->list,
            rows: $group,
        ), array_values($groups));
        // The order of the record form.
        $position = array_flip(array_keys($project->fields));
        usort($places, static fn(self $a, self $b): int
            => [$a->event, $position[$a->field] ?? PHP_INT_MAX] <=> [$b->event, $position[$b->field] ?? PHP_INT_MAX]);
        return $places;
    }

    /** Compares a value with the record's current value: "same", "changed" or "new". */
    public function compared(StagedRow $row): string
    {
        // Each entry of a list is on separate lines.
        $same = $this->list ? str_contains("\n$this->current\n", "\n$row->value\n") : $row->value === $this->current;
        return match (true) {
            $same => 'same',
            $row->changed, !$this->list && $this->current !== '' => 'changed',
            default => 'new',
        };
    }

    /**
     * The groups that are decided together: all values of a single-value field, or each entry of a list.
     *
     * @return list<non-empty-list<StagedRow>>
     */
    public function choices(): array
    {
        return $this->list ? array_map(static fn(StagedRow $row): array => [$row], $this->rows) : [$this->rows];
    }
}
