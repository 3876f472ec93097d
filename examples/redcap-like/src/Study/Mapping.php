<?php

// A project's mapping: which EHR field is copied to which study field. It is stored as CSV with six columns, plus a seventh if a line
// requires a unit.

declare(strict_types=1);

namespace App\Study;

/** @phpstan-type Line array{external_source_field_name: string, is_record_identifier: string, field_name: string, temporal_field: string, preselect: string, event_name: string, unit: string} */
final class Mapping
{
    public const COLUMNS = ['external_source_field_name', 'is_record_identifier', 'field_name', 'temporal_field', 'preselect',
        'event_name'];
    /** The optional column: the unit that a value must have to be preselected. */
    public const UNIT = 'unit';
    /** Which value to preselect if a window has several. */
    public const PRESELECT = ['' => 'none', 'MIN' => 'lowest value', 'MAX' => 'highest value', 'FIRST' => 'earliest', 'LAST' => 'latest',
        'NEAR' => 'nearest to the date'];

    /** @param list<Line> $lines */
    public function __construct(
        public readonly array $lines,
    ) {}

    /** Reads CSV without validating it. Client::checkMapping() does that. */
    public static function read(string $csv): self
    {
        $file = fopen('php://memory', 'w+');
        $text = str_starts_with($csv, "\xEF\xBB\xBF") ? substr($csv, 3) : $csv;
        fwrite($file, strtr($text, ["\r\n" => "\n", "\r" => "\n"]));
        rewind($file);
        $rows = [];
        while (($row = fgetcsv($file, escape: '')) !== false) {
            if ($row !== [null]) {
                $rows[] = array_map(trim(...), $row);
            }
        }
        $names = array_shift($rows) ?? self::COLUMNS;
        $lines = array_map(static function (array $row) use ($names): array {
            $line = array_combine($names, array_slice(array_pad($row, count($names), ''), 0, count($names)));
            return self::line(array_intersect_key($line, array_flip([...self::COLUMNS, self::UNIT])));
        }, $rows);
        return new self($lines);
    }

    /**
     * A line with these cells; its other cells are empty.
     *
     * @param array<string, string> $cells by column
     * @return Line
     */
    public static function line(array $cells): array
    {
        /** @var Line */
        return [...array_fill_keys([...self::COLUMNS, self::UNIT], ''), ...$cells];
    }

    public function csv(): string
    {
        $file = fopen('php://memory', 'w+');
        $withUnits = array_filter(array_column($this->lines, self::UNIT)) !== [];
        $columns = $withUnits ? [...self::COLUMNS, self::UNIT] : self::COLUMNS;
        fputcsv($file, $columns, escape: '');
        foreach ($this->lines as $line) {
            fputcsv($file, array_map(static fn(string $column): string => $line[$column], $columns), escape: '');
        }
        rewind($file);
        return (string) stream_get_contents($file);
    }

    /** @return list<array{string, string}> event and study field of the lines that are marked as record identifier */
    public function recordIdentifiers(): array
    {
        $marked = array_filter($this->lines, static fn(array $line): bool => $line['is_record_identifier'] === '1');
        return array_map(static fn(array $line): array => [$line['event_name'], $line['field_name']], array_values($marked));
    }

    /** @return list<string> the project's date fields that time windows are based on */
    public function temporalFields(): array
    {
        return array_values(array_unique(array_filter(array_column($this->lines, 'temporal_field'))));
    }
}
