<?php

// The report of a pull in sentences: what is missing, and why no value of a field was preselected.

declare(strict_types=1);

namespace App\Study;

use App\Ehr\SourceForm;
use FhirEhr\PullResult;

final class PullReport
{
    /**
     * @param array<string, array<string, string>> $dates of the record: field => event => date
     * @return string HTML; empty if the pull is complete and every field has a preselected value
     */
    public static function html(Project $project, PullResult $result, array $dates): string
    {
        $withoutDate = self::withoutDate($project, $result->report['without_date'], $dates);
        $sentences = [...self::incomplete($result->report['resources']), ...$withoutDate];
        $lines = array_map(static fn(string $sentence): string => '<li class="incomplete">' . h($sentence) . '</li>', $sentences);
        $merged = $result->report['merged']
            ? '<p class="notice warning" role="status">The EHR merged the chart with this MRN into another chart. The data comes from that chart. '
                . "Check the values of this record, and change it to the patient's current MRN.</p>"
            : '';
        $incomplete = $lines === [] ? '' : '<div class="notice warning" role="status"><p>The data from the EHR is incomplete:</p><ul>'
            . implode('', $lines) . '</ul></div>';
        return $merged . $incomplete . self::notPreselected($project, $result->report['not_preselected']);
    }

    /** @param list<array{study_field: string, event: string, reason: string, ...}> $fields */
    private static function notPreselected(Project $project, array $fields): string
    {
        $lines = '';
        foreach ($fields as $field) {
            $label = $project->fields[$field['study_field']]->label ?? $field['study_field'];
            $event = $field['event'] === '' ? '' : " ($field[event])";
            $lines .= '<li class="not-preselected">' . h("$label$event: $field[reason]") . '</li>';
        }
        return $lines === '' ? '' : "<div class=\"notice\" role=\"status\"><p>Fields without a preselected value:</p><ul>$lines</ul></div>";
    }

    /**
     * @param array<string, array{status: string, reason?: string, ...}> $resources
     * @return list<string>
     */
    private static function incomplete(array $resources): array
    {
        $statuses = ['partial' => 'only some of the data was received.', 'denied' => 'the EHR does not allow access.',
            'failed' => 'the data could not be fetched. Try again in a few minutes.'];
        $sentences = [];
        foreach ($resources as $type => $report) {
            if (!in_array($report['status'], ['complete', 'skipped'], true)) {
                $what = SourceForm::RESOURCES[$type] ?? null;
                $sentences[] = ($what === null ? $type : ucfirst("$what ($type)")) . ': ' . ($statuses[$report['status']] ?? $report['status']) . ' ' . ($report['reason'] ?? '');
            }
        }
        return $sentences;
    }

    /**
     * @param list<string> $fields EHR fields
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
        $sentences = [];
        foreach ($missing as $field => $labels) {
            $label = $project->fields[$field]->label ?? $field;
            $sentences[] = "The record has no date in \"$label\", so these fields were not fetched: " . implode('; ', array_unique($labels)) . '.';
        }
        return $sentences;
    }
}
