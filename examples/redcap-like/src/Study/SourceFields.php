<?php

// The words for the fields of the EHR.

declare(strict_types=1);

namespace App\Study;

final class SourceFields
{
    /** @var array<string, string>|null by name */
    private static ?array $labels = null;

    /** The catalog's label of a field; the field's name when it has none, such as a LOINC code that is seldom used. */
    public static function label(string $field): string
    {
        self::$labels ??= array_column(\FhirEhr\fields(), 'label', 'name');
        return self::$labels[$field] ?? $field;
    }

    /**
     * What a mapping reads into a field of the project, in words; empty: nothing.
     *
     * @return list<string>
     */
    public static function into(Project $project, string $field): array
    {
        $lines = array_filter($project->mapping->lines, static fn(array $line): bool => $line['field_name'] === $field);
        $names = array_unique(array_column($lines, 'external_source_field_name'));
        return array_values(array_map(self::label(...), $names));
    }
}
