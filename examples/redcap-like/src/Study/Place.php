<?php

// One field of a record in one event, with the values of the EHR that wait for it.

declare(strict_types=1);

namespace App\Study;

use FhirEhr\StagedRow;

final class Place
{
    private function __construct(
        public readonly string $event,
        public readonly string $field,
        public readonly string $label,
        /** What the record holds now; empty: nothing. */
        public readonly string $current,
        /** Whether it takes several entries, one below the other; each is then decided for itself. */
        public readonly bool $list,
        /** @var non-empty-list<StagedRow> */
        public readonly array $rows,
    ) {}

    /**
     * @param list<StagedRow> $rows
     * @param array<string, array<string, string>> $values of the record: event => field => value
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
        // In the order of the record's form.
        $position = array_flip(array_keys($project->fields));
        usort($places, static fn(self $a, self $b): int
            => [$a->event, $position[$a->field] ?? PHP_INT_MAX] <=> [$b->event, $position[$b->field] ?? PHP_INT_MAX]);
        return $places;
    }

    /** How a value stands to what the record holds: "same", "changed" or "new". */
    public function compared(StagedRow $row): string
    {
        // A list holds each entry on lines of its own.
        $same = $this->list ? str_contains("\n$this->current\n", "\n$row->value\n") : $row->value === $this->current;
        return match (true) {
            $same => 'same',
            $row->changed, !$this->list && $this->current !== '' => 'changed',
            default => 'new',
        };
    }

    /**
     * The parts that are decided one by one: all values of a single place together, each entry of a list.
     *
     * @return list<non-empty-list<StagedRow>>
     */
    public function choices(): array
    {
        return $this->list ? array_map(static fn(StagedRow $row): array => [$row], $this->rows) : [$this->rows];
    }
}
