<?php

// The mapping page, as HTML: search in the catalogue, the table, the window, the preview, CSV.

declare(strict_types=1);

namespace App;

use FhirEhr\Side;

final class MappingPage
{
    private const EMPTY_ROWS = 3;
    private const SIDES = ['+-' => 'before and after the date', '-' => 'before the date', '+' => 'after the date'];

    /** @var array<string, string> the project's fields for choosing, and those of them that are dates */
    private readonly array $fields;
    private readonly array $dates;

    public function __construct(
        private readonly Session $session,
        private readonly Project $project,
    ) {
        // A label that only repeats the name tells nothing, and the table is narrow.
        $text = static fn(Field $field): string => strcasecmp($field->label, strtr($field->name, '_', ' ')) === 0 || $field->label === ''
            ? $field->name : "$field->name ($field->label)";
        $this->fields = array_map($text, $project->fields);
        $this->dates = array_map($text, array_filter($project->fields, static fn(Field $field): bool => $field->type === 'date'));
    }

    public function search(string $query): string
    {
        $html = '<section><h2>Find fields of the EHR</h2><form method="get" action="mapping.php" role="search" class="find">'
            . Page::hidden(['project' => $this->project->name]) . '<label for="q">Words, or a LOINC code</label> <input id="q" name="q" type="search" value="' . h($query)
            . '"> <button>Search</button></form><p class="hint">Examples: blood pressure, demographics, 2160-0. Save what you have changed below before you search.</p>';
        return $html . ($query === '' ? '' : $this->results(Catalogue::search($query), $query)) . '</section>';
    }

    /** @param list<array{name: string, label: string, category: string, temporal: bool}> $found */
    private function results(array $found, string $query): string
    {
        if ($found === []) {
            return Page::notice('No field of the catalogue has all these words. A lab value can be mapped by its LOINC code, such as 2160-0.');
        }
        $rows = '';
        foreach ($found as $field) {
            $rows .= $this->result($field);
        }
        $count = count($found) === 1 ? '1 field' : count($found) . ' fields';
        return '<form method="post" action="mapping.php">' . $this->session->csrfField() . Page::hidden(['project' => $this->project->name, 'q' => $query])
            . '<div class="scroll" tabindex="0" role="region" aria-labelledby="found"><table class="found"><caption id="found">Found: ' . $count . '</caption><thead><tr>'
            . '<th scope="col">Add</th><th scope="col">Field of the EHR</th><th scope="col">Category</th><th scope="col">Into the field of the project</th>'
            . "<th scope=\"col\">Date that the window lies around</th></tr></thead><tbody>$rows</tbody></table></div>"
            . '<p class="actions"><button name="do" value="add" class="primary">Add the chosen fields to the mapping</button></p></form>';
    }

    private function result(array $field): string
    {
        [$name, $label] = [$field['name'], $field['label']];
        $in = array_filter($this->project->mapping->lines, static fn(array $line): bool => $line['external_source_field_name'] === $name);
        $known = $in === [] ? '' : '<p class="hint">Mapped to ' . h(implode(', ', array_column($in, 'field_name'))) . '</p>';
        $to = Http::parameters('to')[$name] ?? Catalogue::twin($field, $this->project);
        $date = Http::parameters('date')[$name] ?? (count($this->dates) === 1 ? array_key_first($this->dates) : '');
        $dates = $field['temporal'] ? $this->select("date[$name]", "Date for $label", ['' => 'all values'] + $this->dates, $date) : 'has no time';
        return '<tr><td><input type="checkbox" name="chosen[]" id="add-' . h($name) . '" value="' . h($name) . '"'
            . (in_array($name, Http::parameters('chosen'), true) ? ' checked' : '') . '></td><th scope="row"><label for="add-' . h($name) . '">' . h($label) . '</label> <code>'
            . h($name) . "</code>$known</th><td>" . h($field['category']) . '</td><td>'
            . $this->select("to[$name]", "Field of the project for $label", ['' => 'choose'] + $this->fields, $to) . "</td><td>$dates</td></tr>";
    }

    /** @param list<string> $preview */
    public function table(Mapping $mapping, array $preview, string $offsetDays, Side $side): string
    {
        $sources = '';
        foreach (Catalogue::all() as $field) {
            $sources .= '<option value="' . h($field['name']) . '">' . h("$field[label] ($field[category])") . '</option>';
        }
        $html = '<section><h2>Mapping</h2><form method="post" action="mapping.php">' . $this->session->csrfField()
            . Page::hidden(['project' => $this->project->name]) . "<datalist id=\"sources\">$sources</datalist>"
            . $this->identifier($mapping) . $this->rows($mapping)
            . '<fieldset><legend>Window</legend>'
            . Inputs::text('offset_days', 'Days around the date', $offsetDays, 'Values of lines with a date field count when they lie within these days. '
                . 'Until the record has the date, nothing is pulled for them.', ['inputmode' => 'numeric', 'size' => '6'])
            . Inputs::choice('side', 'Side', self::SIDES, $side->value) . '</fieldset>'
            . '<fieldset><legend>Preview</legend><p class="hint">Shown for "Are the values below correct?" when somebody enters a medical record number.</p>';
        for ($number = 1; $number <= 5; ++$number) {
            $html .= $this->select('preview[]', "Preview field $number", ['' => 'none'] + Catalogue::demographic(), $preview[$number - 1] ?? '') . ' ';
        }
        // The last field: its absence says that PHP has cut the form off.
        return $html . '</fieldset><p class="actions sticky"><button name="do" value="save" class="primary">Save the mapping</button></p>'
            . '<input type="hidden" name="end" value="1"></form></section>';
    }

    private function identifier(Mapping $mapping): string
    {
        [$event, $field] = $mapping->recordIdentifiers()[0] ?? [$this->project->event, (string) ($mapping->lines === [] ? $this->project->mrnField : '')];
        return '<fieldset' . ($mapping->recordIdentifiers() === [] ? '' : ' id="line-2"') . '><legend>Medical record number (record identifier)</legend><div class="pair">'
            . Inputs::choice('identifier', 'Field of the project', ['' => 'none'] + $this->fields, $field, "Takes the EHR's field id.")
            . Inputs::text('identifier_event', 'Event', $event) . '</div></fieldset>';
    }

    private function rows(Mapping $mapping): string
    {
        $first = $mapping->recordIdentifiers() === [] ? 2 : 3;
        $lines = array_values(array_filter($mapping->lines, static fn(array $line): bool => $line['is_record_identifier'] !== '1'));
        $rows = '';
        foreach ($lines as $position => $line) {
            $rows .= $this->row($position, (string) ($first + $position), $line);
        }
        $empty = [...array_fill_keys(Mapping::COLUMNS, ''), 'event_name' => $this->project->event];
        for ($new = 0; $new < self::EMPTY_ROWS; ++$new) {
            $rows .= $this->row(count($lines) + $new, 'new ' . ($new + 1), $empty);
        }
        return '<div class="scroll"><table class="mapping"><caption>Lines. The numbers are those of the CSV form; lines left empty are passed over.</caption><thead><tr>'
            . '<th scope="col">Line</th><th scope="col">Field of the EHR</th><th scope="col">Field of the project</th><th scope="col">Date field</th>'
            . "<th scope=\"col\">Preselect</th><th scope=\"col\">Event</th><th scope=\"col\">Remove</th></tr></thead><tbody>$rows</tbody></table></div>";
    }

    /** @param array<string, string> $line */
    private function row(int $row, string $number, array $line): string
    {
        $source = $line['external_source_field_name'];
        $told = Catalogue::told($source);
        $text = static fn(string $name, string $label, string $value, string $more = ''): string =>
            "<input name=\"{$name}[$row]\" aria-label=\"$label, line $number\" value=\"" . h($value) . "\" spellcheck=\"false\"$more>";
        $choice = fn(string $name, string $label, array $options, string $chosen): string => $this->select("{$name}[$row]", "$label, line $number", $options, $chosen);
        $remove = ctype_digit($number)
            ? "<input type=\"checkbox\" name=\"remove[$row]\" value=\"1\" aria-label=\"Remove line $number\">" : '';
        return '<tr id="line-' . h(strtr($number, ' ', '-')) . "\"><td>$number</td><td>" . $text('source', 'Field of the EHR', $source, ' list="sources"')
            . ($told === '' ? '' : '<p class="hint">' . h($told) . '</p>') . '</td><td>'
            . $choice('field', 'Field of the project', ['' => 'choose'] + $this->fields, $line['field_name']) . '</td><td>'
            . $choice('date', 'Date field', ['' => 'none'] + $this->dates, $line['temporal_field']) . '</td><td>'
            . $choice('preselect', 'Preselect', Mapping::PRESELECT, $line['preselect']) . '</td><td>' . $text('event', 'Event', $line['event_name']) . "</td><td>$remove</td></tr>";
    }

    public function csv(string $pasted): string
    {
        return '<section><h2>CSV</h2><p><a class="button" href="' . h(Http::to('mapping.php', ['project' => $this->project->name, 'csv' => '1'])) . '">Download as CSV</a></p>'
            . '<form method="post" action="mapping.php" enctype="multipart/form-data" class="panel">' . $this->session->csrfField()
            . Page::hidden(['project' => $this->project->name]) . '<p>Replaces all lines above. The first line is:</p><p><code>' . h(implode(',', Mapping::COLUMNS)) . '</code></p>'
            . '<div class="setting"><label for="file">CSV file</label><input id="file" name="file" type="file" accept=".csv,text/csv"></div>'
            . '<div class="setting"><label for="text">or its text</label><textarea id="text" name="text" rows="4" spellcheck="false">' . "\n" . h($pasted) . '</textarea></div>'
            . '<p><button name="do" value="upload">Replace the mapping</button></p></form></section>';
    }

    /** @param array<string, string> $options */
    private function select(string $name, string $label, array $options, string $chosen): string
    {
        return '<select name="' . h($name) . '" aria-label="' . h($label) . '">' . Inputs::options($options, $chosen) . '</select>';
    }
}
