<?php

// What a pull could not bring, and why it marked no value of a field, in sentences.

declare(strict_types=1);

namespace App\Study;

use App\Ehr\SourceForm;
use FhirEhr\PullResult;

final class PullReport
{
    /**
     * @param array<string, array<string, string>> $dates of the record: field => event => date
     * @return string HTML; empty when all came and every field has a marked value
     */
    public static function html(Project $project, PullResult $pulled, array $dates): string
    {
        $withoutDate = self::withoutDate($project, $pulled->report['without_date'], $dates);
        $sentences = [...self::notWhole($pulled->report['resources']), ...$withoutDate];
        $lines = array_map(static fn(string $sentence): string => '<li class="incomplete">' . h($sentence) . '</li>', $sentences);
        $notices = $pulled->report['merged']
            ? '<p class="notice warning" role="status">The chart with this MRN was merged into another one, which was used. '
                . "Check the values of this record, and enter the patient's present MRN in it.</p>"
            : '';
        $notWhole = $lines === [] ? '' : '<div class="notice warning" role="status"><p>Not everything came from the EHR:</p><ul>'
            . implode('', $lines) . '</ul></div>';
        return $notices . $notWhole . self::notMarked($project, $pulled->report['not_preselected']);
    }

    /** @param list<array{study_field: string, event: string, field: string, reason: string}> $fields */
    private static function notMarked(Project $project, array $fields): string
    {
        $lines = '';
        foreach ($fields as $field) {
            $label = $project->fields[$field['study_field']]->label ?? $field['study_field'];
            $event = $field['event'] === '' ? '' : " ($field[event])";
            $lines .= '<li class="not-marked">' . h("$label$event: $field[reason]") . '</li>';
        }
        return $lines === '' ? '' : "<div class=\"notice\" role=\"status\"><p>Not marked for acceptance:</p><ul>$lines</ul></div>";
    }

    /**
     * @param array<string, array{status: string, reason?: string, ...}> $resources
     * @return list<string>
     */
    private static function notWhole(array $resources): array
    {
        $words = ['partial' => 'only a part came.', 'denied' => 'the EHR does not allow it.',
            'failed' => 'it could not be had; fetch once more in some minutes.'];
        $told = [];
        foreach ($resources as $type => $report) {
            if (!in_array($report['status'], ['complete', 'skipped'], true)) {
                $what = SourceForm::RESOURCES[$type] ?? null;
                $told[] = ($what === null ? $type : ucfirst("$what ($type)")) . ': ' . ($words[$report['status']] ?? $report['status']) . ' ' . ($report['reason'] ?? '');
            }
        }
        return $told;
    }

    /**
     * @param list<string> $fields of the EHR
     * @param array<string, array<string, string>> $dates
     * @return list<string>
     */
    private static function withoutDate(Project $project, array $fields, array $dates): array
    {
        $missing = [];
        foreach ($project->mapping->lines as $line) {
            if (in_array($line['external_source_field_name'], $fields, true) && ($dates[$line['temporal_field']][$line['event_name']] ?? '') === '') {
                $missing[$line['temporal_field']][] = SourceFields::label($line['external_source_field_name']);
            }
        }
        $told = [];
        foreach ($missing as $field => $labels) {
            $label = $project->fields[$field]->label ?? $field;
            $told[] = "The record has no date in \"$label\", so these were not asked for: " . implode('; ', array_unique($labels)) . '.';
        }
        return $told;
    }
}
