<?php

// The fields of a record as a form: what it shows, what was changed in it, and what is wrong with that.

declare(strict_types=1);

namespace App;

final class RecordForm
{
    private const DATE_PATTERN = '\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?';

    /** @var array<string, string> by field: what was changed, and may be written */
    public array $changes = [];
    /** @var array<string, string> by field: a sentence */
    public array $errors = [];
    /** @var array<string, string> by field: what is shown where it is not what the record holds */
    private array $typed = [];

    /** @param array<string, string> $current the record's values, by field */
    public function __construct(
        private readonly Project $project,
        private readonly array $current,
        private readonly ?string $mrn,
    ) {}

    /**
     * Takes what was posted. The form brings back what it has shown, so that only what its user has changed is written,
     * and nothing is lost that others, or the EHR, have written meanwhile.
     */
    public function read(): void
    {
        $shown = json_decode(Http::parameter('shown'), true);
        foreach (Http::parameters('field') as $name => $text) {
            $field = $this->project->fields[$name] ?? null;
            $before = $shown[$name] ?? '';
            if ($field === null || $field->name === $this->project->mrnField || !is_string($before)) {
                continue;
            }
            [$text, $before, $now] = array_map(self::plain(...), [$text, $before, $this->current[$name] ?? '']);
            if ($text !== $before) {
                $this->typed[$name] = $text;
                $error = $now !== $before && $now !== $text ? self::conflict($now) : self::mistake($field, $text);
                $error === null ? $this->changes[$name] = $text : $this->errors[$name] = $error;
            }
        }
    }

    public function html(): string
    {
        $fields = '';
        foreach (array_values($this->project->fields) as $number => $field) {
            $fields .= $this->field($field, "f$number");
        }
        return Page::hidden(['shown' => json_encode((object) $this->current, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE)]) . $fields;
    }

    private function field(Field $field, string $id): string
    {
        $told = [];
        $isMrn = $field->name === $this->project->mrnField;
        $sources = $isMrn ? [] : SourceFields::into($this->project, $field->name);
        if ($sources !== []) {
            $told["$id-hint"] = '<p class="hint" id="' . $id . '-hint">from the EHR: ' . h(implode(', ', $sources)) . '</p>';
        }
        if (isset($this->errors[$field->name])) {
            $told["$id-error"] = '<p class="mistake" id="' . $id . '-error">' . h($this->errors[$field->name]) . '</p>';
        }
        $attributes = "id=\"$id\" autocomplete=\"off\"" . ($told === [] ? '' : ' aria-describedby="' . implode(' ', array_keys($told)) . '"')
            . (isset($this->errors[$field->name]) ? ' aria-invalid="true"' : '');
        $input = $isMrn
            ? "<input $attributes readonly value=\"" . h($this->mrn) . '">'
            : self::input($field, $this->typed[$field->name] ?? $this->current[$field->name] ?? '', $attributes);
        return "<div class=\"field\"><label for=\"$id\">" . h($field->label) . '</label>' . implode('', $told) . $input . '</div>';
    }

    private static function input(Field $field, string $value, string $attributes): string
    {
        $attributes .= ' name="field[' . h($field->name) . ']"';
        // A text input would take the line breaks out of what is saved. The first break in a textarea is not shown.
        if ($field->type === 'notes' || str_contains($value, "\n")) {
            return "<textarea $attributes rows=\"" . min(12, max(3, substr_count($value, "\n") + 1)) . "\">\n" . h($value) . '</textarea>';
        }
        // A date input shows nothing of what is not a plain date, and would save that nothing.
        if ($field->type === 'date' && preg_match('/^(\d{4}-\d{2}-\d{2})?$/D', $value)) {
            return "<input type=\"date\" $attributes value=\"" . h($value) . '">';
        }
        $pattern = $field->type === 'date' && preg_match('/^' . self::DATE_PATTERN . '$/D', $value) ? ' pattern="' . self::DATE_PATTERN . '" title="YYYY-MM-DD HH:MM"' : '';
        return "<input $attributes$pattern value=\"" . h($value) . '">';
    }

    private static function mistake(Field $field, string $text): ?string
    {
        return match (true) {
            !preg_match('//u', $text) => 'This is not text in UTF-8.',
            $field->type === 'date' && $text !== '' && !self::isDate($text) => 'Write a date that exists, as YYYY-MM-DD, or with a time as YYYY-MM-DD HH:MM.',
            default => null,
        };
    }

    private static function conflict(string $now): string
    {
        return $now === '' ? 'Somebody has taken this value out meanwhile. Save again to write yours.'
            : "Meanwhile the record has another value here: $now. Save again to write yours over it.";
    }

    private static function isDate(string $text): bool
    {
        return preg_match('/^(\d{4})-(\d\d)-(\d\d)(?: ([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?$/D', $text, $parts)
            && checkdate((int) $parts[2], (int) $parts[3], (int) $parts[1]);
    }

    /** As forms bring it back: line breaks are one character, and blanks at the ends are nobody's wish. */
    private static function plain(string $text): string
    {
        return trim(strtr($text, ["\r\n" => "\n", "\r" => "\n"]));
    }
}
