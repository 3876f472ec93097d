<?php

// The form of a record: its HTML, the changes that were posted, and the errors in them.

declare(strict_types=1);

namespace App\Study;

use App\Web\Http;
use App\Web\Page;
use FhirEhr\OffsetDirection;

final class RecordForm
{
    private const DATE_PATTERN = '\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?';

    /** @var array<string, string> valid changes, by field */
    public array $changes = [];
    /** @var array<string, string> error messages, by field */
    public array $errors = [];
    /** @var array<string, string> changed values, by field; the form shows them instead of the record's values */
    private array $typed = [];

    /** @param array<string, string> $current the record's values, by field */
    public function __construct(
        private readonly Project $project,
        private readonly array $current,
        private readonly string $mrn,
    ) {}

    /**
     * Reads the posted form. The form sends back the values that it showed, so that only the user's own changes are saved, and
     * changes by other users or by the EHR in the meantime are kept.
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
                $this->typed[$field->name] = $text;
                $error = $now !== $before && $now !== $text ? self::conflict($now) : self::invalid($field, $text);
                $error === null ? $this->changes[$field->name] = $text : $this->errors[$field->name] = $error;
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
        $isMrn = $field->name === $this->project->mrnField;
        $error = $this->errors[$field->name] ?? null;
        $hint = $isMrn ? '' : $this->hint($field);
        $hint = $hint === '' ? '' : "<p class=\"hint\" id=\"$id-hint\">" . h($hint) . '</p>';
        $mistake = $error === null ? '' : "<p class=\"mistake\" id=\"$id-error\">" . h($error) . '</p>';
        $described = trim(($hint === '' ? '' : "$id-hint") . ($mistake === '' ? '' : " $id-error"));
        $attributes = "id=\"$id\" autocomplete=\"off\"" . ($described === '' ? '' : " aria-describedby=\"$described\"")
            . ($error === null ? '' : ' aria-invalid="true"');
        $input = $isMrn
            ? "<input $attributes readonly value=\"" . h($this->mrn) . '">'
            : self::input($field, $this->typed[$field->name] ?? $this->current[$field->name] ?? '', $attributes);
        return "<div class=\"field\"><div><label for=\"$id\">" . h($field->label) . "</label>$hint</div><div>$mistake$input</div></div>";
    }

    /** The EHR fields that the mapping copies to this field, or the time window that this date sets. */
    private function hint(Field $field): string
    {
        if (in_array($field->name, $this->project->mapping->temporalFields(), true)) {
            $days = $this->project->offsetDays . ($this->project->offsetDays === 1 ? ' day' : ' days');
            return 'values are fetched from ' . match ($this->project->offsetDirection) {
                OffsetDirection::Both => "$days before to $days after this date",
                OffsetDirection::After => "this date to $days after it",
                OffsetDirection::Before => "$days before this date up to it",
            };
        }
        $sources = SourceFields::into($this->project, $field->name);
        return $sources === [] ? '' : 'from the EHR: ' . implode(', ', $sources);
    }

    private static function input(Field $field, string $value, string $attributes): string
    {
        $attributes .= ' name="field[' . h($field->name) . ']"';
        // A text input would remove line breaks from the saved value. HTML ignores the first line break in a textarea.
        if ($field->type === 'notes' || strpbrk($value, "\r\n") !== false) {
            return "<textarea $attributes rows=\"" . min(12, max(3, substr_count($value, "\n") + 1)) . "\">\n" . h($value) . '</textarea>';
        }
        // A date input shows a value that is not a plain date as empty, and would save it as empty.
        $isDate = $field->type === 'date' && self::isDate($value);
        if ($field->type === 'date' && ($value === '' || ($isDate && strlen($value) === 10))) {
            return "<input type=\"date\" $attributes value=\"" . h($value) . '">';
        }
        $pattern = $isDate ? ' pattern="' . self::DATE_PATTERN . '" title="YYYY-MM-DD HH:MM"' : '';
        return "<input $attributes$pattern value=\"" . h($value) . '">';
    }

    private static function invalid(Field $field, string $text): ?string
    {
        return match (true) {
            !preg_match('//u', $text) => 'This text is not valid UTF-8.',
            $field->type === 'date' && $text !== '' && !self::isDate($text)
                => 'Enter a valid date as YYYY-MM-DD, or with a time as YYYY-MM-DD HH:MM.',
            default => null,
        };
    }

    private static function conflict(string $now): string
    {
        return $now === '' ? 'Another user deleted this value while you were editing. Save again to keep your value.'
            : "Another user changed this value while you were editing. It is now: $now. Save again to replace it with your value.";
    }

    private static function isDate(string $text): bool
    {
        return preg_match('/^(\d{4})-(\d\d)-(\d\d)(?: ([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?$/D', $text, $parts)
            && checkdate((int) $parts[2], (int) $parts[3], (int) $parts[1]);
    }

    /** Normalizes a value for comparison, because a form changes line breaks and NUL characters. Spaces at the ends are ignored. */
    private static function plain(string $text): string
    {
        return trim(strtr($text, ["\r\n" => "\n", "\r" => "\n", "\0" => "\u{FFFD}"]));
    }
}
