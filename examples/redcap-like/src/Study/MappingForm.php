<?php

// Reads a mapping from the forms of the mapping page (table, search, CSV), and finds problems in it.

declare(strict_types=1);

namespace App\Study;

use App\Web\Denied;
use App\Web\Http;
use FhirEhr\OffsetDirection;

/** @phpstan-import-type Line from Mapping */
final class MappingForm
{
    private const MAX_BYTES = 1_000_000;
    /** One hundred years: longer than any study needs. */
    private const MAX_DAYS = 36500;

    private const ROW = ['source' => 'external_source_field_name', 'field' => 'field_name', 'date' => 'temporal_field',
        'preselect' => 'preselect', 'unit' => 'unit', 'event' => 'event_name'];

    /** The table of the page, without empty rows and rows to be removed. */
    public static function table(): Mapping
    {
        // PHP ignores form fields beyond max_input_vars. Part of a mapping must not replace the whole mapping.
        if (Http::parameter('end') === '') {
            throw new Denied(422, 'Not saved', 'The table has more fields than PHP accepts on this server. '
                . 'Upload the mapping as CSV instead, or ask the server administrator to increase max_input_vars in php.ini.');
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

    /** The mapping with the fields that were selected in the search results. */
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

    /** The uploaded or pasted CSV. */
    public static function csv(): string
    {
        /** @var array{error?: int|list<int>, size: int, tmp_name: string} $file */
        $file = $_FILES['file'] ?? [];
        if (!is_int($file['error'] ?? null) || $file['error'] === UPLOAD_ERR_NO_FILE) {
            $csv = is_string($_POST['text'] ?? null) ? $_POST['text'] : '';
        } elseif ($file['error'] === UPLOAD_ERR_OK && $file['size'] <= self::MAX_BYTES) {
            $csv = (string) file_get_contents($file['tmp_name']);
        } else {
            throw new Denied(422, 'Not saved', 'The file could not be uploaded. A mapping file can have at most 1 MB.');
        }
        if (trim($csv) === '' || strlen($csv) > self::MAX_BYTES) {
            throw new Denied(422, 'Not saved', 'Choose a CSV file or paste its text. The maximum is 1 MB.');
        }
        if (preg_match('//u', $csv) !== 1) {
            throw new Denied(422, 'Not saved', 'The text is not UTF-8. In your spreadsheet program, save it as "CSV UTF-8".');
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
        $range = ['options' => ['min_range' => 0, 'max_range' => self::MAX_DAYS]];
        $days = filter_var(Http::parameter('offset_days'), FILTER_VALIDATE_INT, $range);
        if ($days === false) {
            throw new Denied(422, 'Not saved', 'Days around the date: enter a whole number from 0 to ' . self::MAX_DAYS . '.');
        }
        return $days;
    }

    public static function offsetDirection(): OffsetDirection
    {
        return OffsetDirection::tryFrom(Http::parameter('offset_direction')) ?? OffsetDirection::Both;
    }

    /**
     * Problems that the library cannot find: fields that the project does not have, and cells that a spreadsheet reads as formulas.
     *
     * @return list<string>
     */
    public static function problems(Mapping $mapping, Project $project): array
    {
        $problems = [];
        if ($project->mrnField !== null && $mapping->recordIdentifiers() === []) {
            $problems[] = 'No field is set for the medical record number. Choose one under "Medical record number".';
        }
        foreach ($mapping->lines as $position => $line) {
            $number = $position + 2; // the line number in the CSV, whose first line is the header
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
            preg_grep('/^[=+@\t-]/', $line) !== [] => 'a cell starts with =, +, -, @ or a tab. A spreadsheet would read it as a formula.',
            $line['external_source_field_name'] === '' => "enter the EHR field to copy to \"$field\".",
            $field === '' => 'choose the project field for the values of "' . $line['external_source_field_name'] . '".',
            !isset($project->fields[$field]) => "the project has no field \"$field\".",
            $date !== '' && ($project->fields[$date] ?? null)?->type !== 'date' => "\"$date\" is not a date field of the project.",
            preg_match('/^[A-Za-z0-9_]*$/', $line['event_name']) !== 1 => 'an event name can have only letters, digits and underscores.',
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
