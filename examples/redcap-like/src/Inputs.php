<?php

// Labelled fields of forms, as HTML.

declare(strict_types=1);

namespace App;

final class Inputs
{
    /** One line of text. @param array<string, string|bool> $attributes more of them; true: by name alone, false: left out */
    public static function text(string $name, string $label, string $value, string $hint = '', array $attributes = []): string
    {
        $attributes = [...['value' => $value], ...self::described($name, $hint), ...$attributes];
        return self::field($name, $label, '<input id="' . h($name) . '" name="' . h($name) . '"' . self::attributes($attributes) . '>', $hint);
    }

    /** Several lines of text. @param list<string> $lines */
    public static function lines(string $name, string $label, array $lines, string $hint = ''): string
    {
        $attributes = self::attributes(['rows' => (string) max(2, count($lines)), 'spellcheck' => 'false', ...self::described($name, $hint)]);
        // HTML drops one line break after the tag: without it, a first empty line would be lost.
        $area = '<textarea id="' . h($name) . '" name="' . h($name) . "\"$attributes>\n" . h(implode("\n", $lines)) . '</textarea>';
        return self::field($name, $label, $area, $hint);
    }

    /** One of several. @param array<string, string> $options value => text */
    public static function choice(string $name, string $label, array $options, string $chosen, string $hint = ''): string
    {
        $attributes = self::attributes(self::described($name, $hint));
        $select = '<select id="' . h($name) . '" name="' . h($name) . "\"$attributes>" . self::options($options, $chosen) . '</select>';
        return self::field($name, $label, $select, $hint);
    }

    /** @param array<string, string> $options value => text; a chosen value that is not among them is shown all the same */
    public static function options(array $options, string $chosen): string
    {
        $options += [$chosen => $chosen];
        $html = '';
        foreach ($options as $value => $text) {
            $html .= '<option value="' . h((string) $value) . '"' . ((string) $value === $chosen ? ' selected' : '') . '>' . h($text) . '</option>';
        }
        return $html;
    }

    public static function checkbox(string $name, string $value, string $label, bool $checked = false): string
    {
        return '<label class="light"><input type="checkbox" name="' . h($name) . '" value="' . h($value) . '"'
            . ($checked ? ' checked' : '') . '> ' . h($label) . '</label>';
    }

    /** Text that is there to be copied elsewhere. */
    public static function toCopy(string $id, string $label, string $value): string
    {
        $rows = 1 + intdiv(strlen($value), 55);
        return '<div class="setting"><label for="' . h($id) . '">' . h($label) . '</label><div class="copy"><textarea id="' . h($id)
            . "\" readonly rows=\"$rows\">\n" . h($value) . '</textarea></div></div>';
    }

    /** @param array<string, string|bool> $attributes */
    public static function attributes(array $attributes): string
    {
        $html = '';
        foreach (array_filter($attributes, static fn(string|bool $value): bool => $value !== false) as $name => $value) {
            $html .= " $name" . ($value === true ? '' : '="' . h($value) . '"');
        }
        return $html;
    }

    private static function field(string $name, string $label, string $input, string $hint): string
    {
        return '<div class="setting"><label for="' . h($name) . '">' . h($label) . "</label>$input"
            . ($hint === '' ? '' : '<p class="hint" id="' . h($name) . '-hint">' . h($hint) . '</p>') . '</div>';
    }

    /** @return array<string, string> */
    private static function described(string $name, string $hint): array
    {
        return $hint === '' ? [] : ['aria-describedby' => "$name-hint"];
    }
}
