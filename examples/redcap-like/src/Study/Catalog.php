<?php

// The catalog of EHR fields that a mapping can use.

declare(strict_types=1);

namespace App\Study;

/** @phpstan-type EhrField array{name: string, label: string, category: string, synonyms: list<string>, temporal: bool, demographic: bool} */
final class Catalog
{
    private const LOINC = '/^\d{1,7}-\d$/';

    /**
     * All fields that a mapping line can use.
     *
     * @return list<EhrField>
     */
    public static function all(): array
    {
        // "id" is the medical record number. The page has a separate input for it.
        return array_values(array_filter(\FhirEhr\fields(), static fn(array $field): bool => $field['name'] !== 'id'));
    }

    /**
     * The fields that have all words of the query in the name, label, category or synonyms. Those whose name, label or
     * synonym is the whole query come first. A LOINC code is always found.
     *
     * @return list<EhrField>
     */
    public static function search(string $query): array
    {
        $text = strtolower(trim($query));
        $words = explode(' ', (string) preg_replace('/\s+/', ' ', $text));
        [$first, $others] = [[], []];
        foreach (self::all() as $field) {
            $names = array_map(strtolower(...), [$field['name'], $field['label'], ...$field['synonyms']]);
            $all = implode("\n", [...$names, strtolower($field['category'])]);
            if (array_filter($words, static fn(string $word): bool => !str_contains($all, $word)) === []) {
                in_array($text, $names, true) ? $first[] = $field : $others[] = $field;
            }
        }
        $found = [...$first, ...$others];
        if (preg_match(self::LOINC, $query) === 1 && !in_array($query, array_column($found, 'name'), true)) {
            $found[] = ['name' => $query, 'label' => 'LOINC code', 'category' => 'Laboratory and vital signs', 'synonyms' => [],
                'temporal' => true, 'demographic' => false];
        }
        return $found;
    }

    /** The label to show next to a field name; empty if there is no such field. */
    public static function describe(string $name): string
    {
        $label = SourceFields::label($name);
        return match (true) {
            $label !== $name => $label,
            preg_match(self::LOINC, $name) === 1 => 'LOINC code',
            default => '',
        };
    }

    /**
     * The project's field with the same name or label as an EHR field; empty if there is none.
     *
     * @param EhrField $field
     */
    public static function matchingField(array $field, Project $project): string
    {
        $plain = static fn(string $text): string => (string) preg_replace('/[^a-z0-9]+/', '', strtolower($text));
        $names = [$plain($field['name']), $plain($field['label'])];
        foreach ($project->fields as $one) {
            if (in_array($plain($one->name), $names, true) || in_array($plain($one->label), $names, true)) {
                return $one->name;
            }
        }
        return '';
    }

    /** @return array<string, string> the demographic fields, which a preview can show: name => label */
    public static function demographic(): array
    {
        $fields = array_filter(self::all(), static fn(array $field): bool => $field['demographic']);
        return array_column($fields, 'label', 'name');
    }
}
