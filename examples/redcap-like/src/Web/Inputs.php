<?php

// Labeled form fields as HTML.

declare(strict_types=1);

namespace App\Web;

final class Inputs
{
    /**
     * A text input.
     *
     * @param array<string, string|bool> $attributes more attributes; true gives an attribute without a value, false none
     */
    public static function text(string $name, string $label, string $value, string $hint = '', array $attributes = []): string
    {
        $attributes = ['id' => $name, 'name' => $name, 'value' => $value, ...self::described($name, $hint), ...$attributes];
        return self::field($name, $label, '<input' . self::attributes($attributes) . '>', $hint);
    }

    /**
     * A text area.
     *
     * @param list<string> $lines
     */
    public static function lines(string $name, string $label, array $lines, string $hint = ''): string
    {
        $attributes = ['id' => $name, 'name' => $name, 'rows' => (string) max(2, count($lines)), 'spellcheck' => 'false'];
        $attributes = self::attributes([...$attributes, ...self::described($name, $hint)]);
        // HTML ignores a line break right after the tag. Without this one, an empty first line would be lost.
        return self::field($name, $label, "<textarea$attributes>\n" . h(implode("\n", $lines)) . '</textarea>', $hint);
    }

    /**
     * A select list.
     *
     * @param array<string, string> $options value => text
     */
    public static function choice(string $name, string $label, array $options, string $chosen, string $hint = ''): string
    {
        $attributes = self::attributes(['id' => $name, 'name' => $name, ...self::described($name, $hint)]);
        return self::field($name, $label, "<select$attributes>" . self::options($options, $chosen) . '</select>', $hint);
    }

    /** @param array<string, string> $options value => text; a chosen value that is not in the list is added */
    public static function options(array $options, string $chosen): string
    {
        $options += [$chosen => $chosen];
        $html = '';
        foreach ($options as $value => $text) {
            $selected = (string) $value === $chosen ? ' selected' : '';
            $html .= '<option value="' . h((string) $value) . "\"$selected>" . h($text) . '</option>';
        }
        return $html;
    }

    public static function checkbox(string $name, string $value, string $label, bool $checked = false): string
    {
        return '<label class="light"><input type="checkbox" name="' . h($name) . '" value="' . h($value) . '"'
            . ($checked ? ' checked' : '') . '> ' . h($label) . '</label>';
    }

    /** A read-only field with a text to copy. */
    public static function toCopy(string $id, string $label, string $value): string
    {
        $rows = 1 + intdiv(strlen($value), 55);
        return '<div class="setting"><label for="' . h($id) . '">' . h($label) . '</label><div class="copy"><textarea id="' . h($id)
            . "\" readonly rows=\"$rows\">\n" . h($value) . '</textarea></div></div>';
    }

    /**
     * A table that scrolls horizontally in a narrow window. A table without links or inputs can get the focus itself, so that keyboard
     * users can scroll it.
     *
     * @param list<string> $columns column headings
     * @param string $rows HTML
     */
    public static function table(string $id, string $caption, array $columns, string $rows, bool $captionHidden = false): string
    {
        $heads = implode('', array_map(static fn(string $head): string => '<th scope="col">' . h($head) . '</th>', $columns));
        $class = $captionHidden ? ' class="hidden"' : '';
        $focus = preg_match('/<(a|input|select|button) /', $rows) === 1 ? '' : ' tabindex="0" role="region" aria-labelledby="' . $id . '-caption"';
        return "<div class=\"scroll\"$focus><table class=\"$id\"><caption id=\"$id-caption\"$class>" . h($caption)
            . "</caption><thead><tr>$heads</tr></thead><tbody>$rows</tbody></table></div>";
    }

    /** @param array<string, string|bool> $attributes */
    public static function attributes(array $attributes): string
    {
        $html = '';
        foreach ($attributes as $name => $value) {
            $html .= match ($value) {
                false => '',
                true => " $name",
                default => " $name=\"" . h($value) . '"',
            };
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
