<?php

// The adjudication table: for each field of the record, the current value, the values from the EHR, and the choices.

declare(strict_types=1);

namespace App\Study;

use FhirEhr\StagedRow;

final class AdjudicationTable
{
    /** The N of decision[N] for the next choice. */
    private int $number = 0;

    public function __construct(
        private readonly Decisions $decisions,
        /** Whether the values belong to more than one event, so that each row must name its event. */
        private readonly bool $events = false,
        /** The values saved before; null if they are not known. */
        private readonly ?SavedValues $saved = null,
    ) {}

    /** @param list<Place> $places */
    public function html(array $places): string
    {
        return '<div class="adjudication"><table><caption class="hidden">Values from the EHR that need a decision</caption><thead><tr>'
            . '<th scope="col">Field</th><th scope="col">In record</th><th scope="col" class="wide">In EHR</th><th scope="col" class="time">Time</th>'
            . '<th scope="col">Source</th><th scope="col" class="choice">Decision</th></tr></thead>'
            . implode('', array_map($this->place(...), $places)) . '</table></div>';
    }

    private function place(Place $place): string
    {
        $lines = array_merge(...array_map(fn(array $rows): array => $this->choice($place, $rows), $place->choices()));
        $span = count($lines) > 1 ? ' rowspan="' . count($lines) . '"' : '';
        $scope = count($lines) > 1 ? 'rowgroup' : 'row';
        $event = $this->events && $place->event !== '' ? '<br><span class="hint">' . h($place->event) . '</span>' : '';
        $mark = $place->list ? null : $this->saved?->markOf($place->event, $place->field);
        $current = $place->current === '' ? '<span class="hint">no value</span>' : '<span class="value">' . h($place->current) . '</span>' . EhrMark::badge($mark);
        $first = "<th scope=\"$scope\"$span><div class=\"stays\">" . h($place->label) . '<br><code>' . h($place->field) . "</code>$event</div></th>"
            . "<td data-name=\"In record\"$span><div class=\"stays\">$current</div></td>";
        return "<tbody><tr>$first" . implode('</tr><tr>', $lines) . '</tr></tbody>';
    }

    /**
     * The table rows of the values that are decided together. Exactly one of their radio buttons is selected.
     *
     * @param non-empty-list<StagedRow> $rows
     * @return list<string>
     */
    private function choice(Place $place, array $rows): array
    {
        $number = $this->number++;
        $names = implode(' ', array_column($rows, 'decision'));
        $decided = array_map($this->decisions->on(...), $rows);
        $rejected = !in_array('accepted', $decided, true) && !in_array('later', $decided, true);
        $of = count($rows) > 1 || !$place->list ? $place->label : self::named($rows[0], $place);
        $rest = $this->radio($number, "reject:$names", count($rows) > 1 ? 'Reject all' : 'Reject', $of, $rejected)
            . $this->radio($number, 'later', 'Later', $of, !$rejected && !in_array('accepted', $decided, true));
        $lines = [];
        foreach ($rows as $index => $row) {
            $accept = $this->radio($number, "accept:$row->decision", 'Accept', self::named($row, $place), $decided[$index] === 'accepted');
            $lines[] = $this->value($place, $row) . '<td class="choice">' . $accept . (count($rows) > 1 ? '' : $rest) . '</td>';
        }
        if (count($rows) > 1) {
            $checked = in_array('accepted', $decided, true) && in_array('rejected', $decided, true) ? ' checked' : '';
            $lines[] = "<td colspan=\"3\"><label class=\"light\"><input type=\"checkbox\" name=\"others[$number]\" value=\"" . h($names) . "\"$checked>"
                . ' Reject the other values when one is accepted<span class="hidden"> of ' . h($place->label) . '</span></label></td>'
                . "<td class=\"choice\">$rest</td>";
        }
        return $lines;
    }

    /** The three cells for a value from the EHR. */
    private function value(Place $place, StagedRow $row): string
    {
        $compared = $place->compared($row);
        $label = SourceFields::label($row->sourceField);
        // The display text of a list entry is the entry itself.
        $isKnown = in_array($row->display, [null, '', $label, $row->value], true);
        $display = $isKnown ? '' : '<span class="hint">' . h($row->display) . '</span><br>';
        // The badge "changed" alone can also mean another measurement. This one is a correction of a decided value.
        $since = $row->changed ? ' <span class="hint">since it was decided</span>' : '';
        $mark = EhrMark::badge($row->ehrState);
        return '<td data-name="In EHR">' . self::valueOf($row) . " <span class=\"badge $compared\">$compared</span>$since$mark</td>"
            . '<td data-name="Time">' . self::time($row->timestamp, $row->timeSent) . '</td><td data-name="Source">' . h($label) . "<br>$display<span class=\"hint\">"
            . h($row->resourceType . ($row->resourceStatus === null ? '' : ", $row->resourceStatus")) . '</span>' . EhrMark::account($row) . '</td>';
    }

    private function radio(int $number, string $value, string $text, string $of, bool $checked): string
    {
        return "<label class=\"light\"><input type=\"radio\" name=\"decision[$number]\" value=\"" . h($value) . '"'
            . ($checked ? ' checked' : '') . "> $text<span class=\"hidden\">: " . h($of) . '</span></label>';
    }

    /** Names the value in the label of its button, for screen readers. */
    private static function named(StagedRow $row, Place $place): string
    {
        preg_match('/^.{0,80}/us', $row->value, $start);
        return "$place->label, " . ($start[0] ?? '') . ($row->unit === null ? '' : " $row->unit");
    }

    public static function valueOf(StagedRow $row): string
    {
        return '<span class="value">' . h($row->value) . ($row->unit === null ? '' : ' ' . h($row->unit)) . '</span>'
            . ($row->originalValue === null ? '' : ' <span class="hint">converted from ' . h(trim("$row->originalValue $row->originalUnit")) . '</span>');
    }

    /** The time to the minute, in the time zone of the site if the source names one. The tooltip has the full time as the EHR sent it. */
    public static function time(?string $timestamp, ?string $sent = null): string
    {
        if (preg_match('/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(.+)$/', (string) $timestamp, $parts)) {
            return '<span title="' . h($sent ?? $timestamp) . "\">$parts[1] $parts[2]</span>";
        }
        return h(strtr((string) $timestamp, 'T', ' '));
    }
}
