<?php

// Labels of EHR fields.

declare(strict_types=1);

namespace App\Study;

final class SourceFields
{
    /** @var array<string, string>|null by name */
    private static ?array $labels = null;

    /** The catalog's label of a field. A field without one, such as a rare LOINC code, gets its name. */
    public static function label(string $field): string
    {
        self::$labels ??= array_column(\FhirEhr\fields(), 'label', 'name');
        return self::$labels[$field] ?? $field;
    }

    /**
     * The labels of the EHR fields that the mapping copies to a project field.
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
