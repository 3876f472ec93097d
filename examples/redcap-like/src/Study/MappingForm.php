<?php

// A mapping as it comes from the mapping page: from the table, from the search, as CSV; and what is wrong with it.

declare(strict_types=1);

namespace App\Study;

use App\Web\Denied;
use App\Web\Http;
use FhirEhr\OffsetDirection;

/** @phpstan-import-type Line from Mapping */
final class MappingForm
{
    private const MOST_BYTES = 1_000_000;
    /** A century on both sides is "always". */
    private const MOST_DAYS = 36500;

    private const ROW = ['source' => 'external_source_field_name', 'field' => 'field_name', 'date' => 'temporal_field',
        'preselect' => 'preselect', 'unit' => 'unit', 'event' => 'event_name'];

    /** The table of the page; rows without fields, and those to be removed, are left out. */
    public static function table(): Mapping
    {
        // PHP passes over what comes after max_input_vars fields, and half a mapping must not become the mapping.
        if (Http::parameter('end') === '') {
            throw new Denied(422, 'Not saved', "The table is longer than this server's PHP takes (max_input_vars); nothing was saved. "
                . 'Use the CSV form below, or ask the administrator of the server to raise max_input_vars.');
        }
        $columns = array_map(Http::parameters(...), array_combine(array_keys(self::ROW), array_keys(self::ROW)));
        $removed = Http::parameters('remove');
        $lines = [];
        foreach (array_keys(Http::parameters('source')) as $row) {
            $cells = [];
            foreach (self::ROW as $name => $column) {
                $cells[$column] = trim($columns[$name][$row] ?? '');
            }
            $line = Mapping::line($cells);
            if (!isset($removed[$row]) && $line['external_source_field_name'] . $line['field_name'] !== '') {
                $lines[] = $line;
            }
        }
        if (Http::parameter('identifier') !== '') {
            array_unshift($lines, self::identifier(Http::parameter('identifier'), Http::parameter('identifier_event')));
        }
        return new Mapping($lines);
    }

    /** The mapping with the fields that were chosen among the found ones. */
    public static function added(Project $project): Mapping
    {
        [$fields, $dates] = [Http::parameters('to'), Http::parameters('date')];
        $lines = $project->mapping->lines;
        if ($project->mapping->recordIdentifiers() === [] && $project->mrnField !== null) {
            array_unshift($lines, self::identifier($project->mrnField, $project->event));
        }
        foreach (Http::parameters('chosen') as $source) {
            $lines[] = Mapping::line(['external_source_field_name' => $source, 'field_name' => $fields[$source] ?? '',
                'temporal_field' => $dates[$source] ?? '', 'event_name' => $project->event]);
        }
        return new Mapping($lines);
    }

    /** The CSV that was uploaded or pasted. */
    public static function csv(): string
    {
        /** @var array{error?: int|list<int>, size: int, tmp_name: string} $file */
        $file = $_FILES['file'] ?? [];
        if (!is_int($file['error'] ?? null) || $file['error'] === UPLOAD_ERR_NO_FILE) {
            $csv = is_string($_POST['text'] ?? null) ? $_POST['text'] : '';
        } elseif ($file['error'] === UPLOAD_ERR_OK && $file['size'] <= self::MOST_BYTES) {
            $csv = (string) file_get_contents($file['tmp_name']);
        } else {
            throw new Denied(422, 'Not saved', 'The file did not arrive; it may be too large. A mapping has at most one megabyte.');
        }
        if (trim($csv) === '' || strlen($csv) > self::MOST_BYTES) {
            throw new Denied(422, 'Not saved', 'Choose a CSV file or paste its text; at most one megabyte.');
        }
        if (preg_match('//u', $csv) !== 1) {
            throw new Denied(422, 'Not saved', 'The text is not in UTF-8. Spreadsheets call the right form "CSV UTF-8".');
        }
        return strtr($csv, ["\r\n" => "\n", "\r" => "\n"]);
    }

    /** @return list<string> */
    public static function preview(): array
    {
        return array_values(array_unique(array_intersect(Http::parameters('preview'), array_keys(Catalog::demographic()))));
    }

    public static function offsetDays(): int
    {
        $range = ['options' => ['min_range' => 0, 'max_range' => self::MOST_DAYS]];
        $days = filter_var(Http::parameter('offset_days'), FILTER_VALIDATE_INT, $range);
        if ($days === false) {
            throw new Denied(422, 'Not saved', 'Days around the date: a whole number from 0 to ' . self::MOST_DAYS . ' is wanted.');
        }
        return $days;
    }

    public static function side(): Side
    {
        return OffsetDirection::tryFrom(Http::parameter('offset_direction')) ?? OffsetDirection::Both;
    }

    /**
     * What the library cannot know: the project's dictionary, and what spreadsheets make of a cell.
     *
     * @return list<string>
     */
    public static function problems(Mapping $mapping, Project $project): array
    {
        $problems = [];
        if ($project->mrnField !== null && $mapping->recordIdentifiers() === []) {
            $problems[] = 'No line says where the medical record number goes: choose its field.';
        }
        foreach ($mapping->lines as $position => $line) {
            $number = $position + 2; // as in the CSV form, whose first line is the header
            $problem = self::problem($line, $project);
            if ($problem !== null) {
                $problems[] = "Line $number: $problem";
            }
        }
        return $problems;
    }

    /** @param Line $line */
    private static function problem(array $line, Project $project): ?string
    {
        [$field, $date] = [$line['field_name'], $line['temporal_field']];
        return match (true) {
            preg_grep('/^[=+@\t-]/', $line) !== [] => 'a cell begins with = + - or @; a spreadsheet would take it for a formula.',
            $line['external_source_field_name'] === '' => "name the field of the EHR that goes into \"$field\".",
            $field === '' => 'choose the field of the project that takes the values of "' . $line['external_source_field_name'] . '".',
            !isset($project->fields[$field]) => "the project has no field \"$field\".",
            $date !== '' && ($project->fields[$date] ?? null)?->type !== 'date' => "\"$date\" is not a date field of the project.",
            preg_match('/^[A-Za-z0-9_]*$/', $line['event_name']) !== 1 => 'an event\'s name has letters, digits and _ only.',
            default => null,
        };
    }

    /** @return Line */
    private static function identifier(string $field, string $event): array
    {
        return Mapping::line(['external_source_field_name' => 'id', 'is_record_identifier' => '1', 'field_name' => $field,
            'event_name' => $event]);
    }
}
