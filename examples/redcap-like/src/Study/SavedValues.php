<?php

// The values of a record that were saved from the EHR: list entries, each with a button to remove it, and values that have changed
// in the EHR since they were saved.

declare(strict_types=1);

namespace App\Study;

use App\Web\Inputs;
use App\Web\Page;
use FhirEhr\EhrState;
use FhirEhr\RowState;
use FhirEhr\StagedRow;

final class SavedValues
{
    /** @var list<StagedRow> list entries that are in the record */
    private array $entries = [];
    /** @var array<string, StagedRow> the last fetched single value, by event and field */
    private array $single = [];

    /**
     * @param list<StagedRow> $decided
     * @param array<string, array<string, string>> $values the record's values: event => field => value
     */
    public function __construct(
        private readonly Project $project,
        array $decided,
        private readonly array $values,
    ) {
        foreach (array_filter($decided, static fn(StagedRow $row): bool => $row->state === RowState::Saved) as $row) {
            $place = "$row->event\0$row->studyField";
            if ($row->list) {
                // An entry that was replaced by a correction is no longer in the record; its text is empty.
                $this->entries = $row->value === '' ? $this->entries : [...$this->entries, $row];
            } elseif (!isset($this->single[$place]) || $row->pulledAt >= $this->single[$place]->pulledAt) {
                $this->single[$place] = $row;
            }
        }
    }

    /** The current state in the EHR of the single value saved in a field; null if none was saved. */
    public function markOf(string $event, string $field): ?EhrState
    {
        return ($this->single["$event\0$field"] ?? null)?->ehrState;
    }

    /**
     * The section of the page; empty if there is nothing to show.
     *
     * @param string $form hidden fields that each form needs, as HTML
     * @param list<Place> $pending fields in the adjudication table, which already shows their state in the EHR
     */
    public function html(string $form, array $pending): string
    {
        $shown = array_map(static fn(Place $place): string => "$place->event\0$place->field", $pending);
        $marked = array_filter(
            array_diff_key($this->single, array_flip($shown)),
            static fn(StagedRow $row): bool => $row->ehrState !== EhrState::Current,
        );
        $rows = [];
        foreach ([...$this->entries, ...array_values($marked)] as $row) {
            $rows[] = $this->row($row, $form);
        }
        if ($rows === []) {
            return '';
        }
        return '<h2>Saved from the EHR</h2><p>List entries in this record, and saved values that have changed in the EHR since. '
            . 'The record does not change automatically. "Remove" deletes the entry from the field.</p>'
            . Inputs::table('saved-values', 'Saved from the EHR', ['Field', 'Value', 'In the EHR', 'Action'], implode('', $rows), true);
    }

    private function row(StagedRow $row, string $form): string
    {
        $label = $this->project->fields[$row->studyField]->label ?? $row->studyField;
        $value = $row->list ? $row->value : $this->values[$row->event][$row->studyField] ?? '';
        $mark = EhrMark::badge($row->ehrState);
        $event = $row->event === '' || $row->event === $this->project->event ? '' : '<br><span class="hint">' . h($row->event) . '</span>';
        return '<tr><th scope="row">' . h($label) . "$event</th><td><span class=\"value\">" . h($value) . '</span>' . EhrMark::account($row) . '</td>'
            . '<td>' . ($mark === '' ? '<span class="hint">unchanged</span>' : $mark) . '</td><td>'
            . ($row->list ? $this->button($row, $form) : '<span class="hint">change it in the record form</span>') . '</td></tr>';
    }

    private function button(StagedRow $row, string $form): string
    {
        preg_match('/^.{0,80}/us', $row->value, $start);
        return '<form method="post" action="adjudicate.php">' . $form . Page::hidden(['entry' => $row->decision])
            . '<button name="do" value="remove">Remove<span class="hidden"> ' . h($start[0] ?? '') . '</span></button></form>';
    }
}
