<?php

// The parts of the mapping page as HTML: search, mapping table, time window, preview fields, CSV.

declare(strict_types=1);

namespace App\Study;

use App\Web\Http;
use App\Web\Inputs;
use App\Web\Page;
use App\Web\Session;
use FhirEhr\OffsetDirection;

/**
 * @phpstan-import-type EhrField from Catalog
 * @phpstan-import-type Line from Mapping
 */
final class MappingPage
{
    private const EMPTY_ROWS = 3;
    private const DIRECTIONS = ['+-' => 'before and after the date', '-' => 'before the date', '+' => 'after the date'];

    /** @var array<string, string> the options of a list of project fields: name => text */
    private readonly array $fields;
    /** @var array<string, string> the date fields among them */
    private readonly array $dates;

    public function __construct(
        private readonly Session $session,
        private readonly Project $project,
    ) {
        // A label that only repeats the name adds nothing, and the table is narrow.
        $text = static fn(Field $field): string => strcasecmp($field->label, strtr($field->name, '_', ' ')) === 0 || $field->label === ''
            ? $field->name : "$field->name ($field->label)";
        $this->fields = array_map($text, $project->fields);
        $this->dates = array_map($text, array_filter($project->fields, static fn(Field $field): bool => $field->type === 'date'));
    }

    public function search(string $query): string
    {
        return '<section><h2>Find EHR fields</h2><form method="get" action="mapping.php" role="search" class="find">'
            . Page::hidden(['project' => $this->project->name]) . '<label for="q">Search words or a LOINC code</label> '
            . '<input id="q" name="q" type="search" value="' . h($query) . '"> <button>Search</button></form>'
            . '<p class="hint">Examples: blood pressure, WBC, demographics, 2160-0. Save your changes below before you search.</p>'
            . ($query === '' ? '' : $this->results(Catalog::search($query), $query)) . '</section>';
    }

    /** @param list<EhrField> $found */
    private function results(array $found, string $query): string
    {
        if ($found === []) {
            return Page::notice('No EHR field matches all of these words. To map a lab value, you can also enter its LOINC code, such as 2160-0.');
        }
        $caption = 'Found: ' . (count($found) === 1 ? '1 field' : count($found) . ' fields');
        $columns = ['Add', 'EHR field', 'Category', 'Project field', 'Date field for the time window'];
        return '<form method="post" action="mapping.php">' . $this->session->csrfField()
            . Page::hidden(['project' => $this->project->name, 'q' => $query])
            . Inputs::table('found', $caption, $columns, implode('', array_map($this->result(...), $found)))
            . '<p class="actions"><button name="do" value="add" class="primary">Add selected fields to the mapping</button></p></form>';
    }

    /** @param EhrField $field */
    private function result(array $field): string
    {
        [$name, $label] = [$field['name'], $field['label']];
        $lines = array_filter($this->project->mapping->lines, static fn(array $line): bool => $line['external_source_field_name'] === $name);
        $into = implode(', ', array_column($lines, 'field_name'));
        $to = Http::parameters('to')[$name] ?? Catalog::matchingField($field, $this->project);
        $date = Http::parameters('date')[$name] ?? (count($this->dates) === 1 ? (string) array_key_first($this->dates) : '');
        $box = Inputs::attributes(['type' => 'checkbox', 'name' => 'chosen[]', 'id' => "add-$name", 'value' => $name,
            'checked' => in_array($name, Http::parameters('chosen'), true)]);
        return "<tr><td><input$box></td><th scope=\"row\"><label for=\"add-" . h($name) . '">' . h($label) . '</label> <code>' . h($name) . '</code>'
            . ($into === '' ? '' : '<p class="hint">Mapped to ' . h($into) . '</p>') . '</th><td>' . h($field['category']) . '</td><td>'
            . self::select("to[$name]", "Project field for $label", ['' => 'choose'] + $this->fields, $to) . '</td><td>'
            . ($field['temporal'] ? self::select("date[$name]", "Date field for $label", ['' => 'all values'] + $this->dates, $date) : 'not time-dependent')
            . '</td></tr>';
    }

    /** @param list<string> $preview */
    public function table(Mapping $mapping, array $preview, string $offsetDays, OffsetDirection $offsetDirection): string
    {
        $sources = '';
        foreach (Catalog::all() as $field) {
            $sources .= '<option value="' . h($field['name']) . '">' . h("$field[label] ($field[category])" . ($field['synonyms'] === [] ? '' : ': ' . implode(', ', $field['synonyms']))) . '</option>';
        }
        return '<section><h2>Mapping</h2><form method="post" action="mapping.php">' . $this->session->csrfField()
            . Page::hidden(['project' => $this->project->name]) . "<datalist id=\"sources\">$sources</datalist>"
            . $this->identifier($mapping) . $this->rows($mapping)
            . '<fieldset><legend>Time window</legend>'
            . Inputs::text('offset_days', 'Days around the date', $offsetDays, 'For lines with a date field, values from this many days '
                . 'around the date are fetched. No values are fetched for them until the record has the date.', ['inputmode' => 'numeric'])
            . Inputs::choice('offset_direction', 'Direction', self::DIRECTIONS, $offsetDirection->value) . '</fieldset>' . self::preview($preview)
            . '<p class="actions sticky"><button name="do" value="save" class="primary">Save mapping</button></p>'
            // The last field: if it is missing, PHP has dropped fields from the form (max_input_vars).
            . '<input type="hidden" name="end" value="1"></form></section>';
    }

    /** @param list<string> $preview */
    private static function preview(array $preview): string
    {
        $html = '<fieldset><legend>Preview</legend>'
            . '<p class="hint">These fields are shown under "Are the values below correct?" when a user enters a medical record number.</p>';
        for ($number = 1; $number <= 5; ++$number) {
            $chosen = $preview[$number - 1] ?? '';
            $html .= self::select('preview[]', "Preview field $number", ['' => 'none'] + Catalog::demographic(), $chosen) . ' ';
        }
        return "$html</fieldset>";
    }

    private function identifier(Mapping $mapping): string
    {
        $known = $mapping->recordIdentifiers()[0] ?? null;
        [$event, $field] = $known ?? [$this->project->event, $mapping->lines === [] ? (string) $this->project->mrnField : ''];
        return '<fieldset' . ($known === null ? '' : ' id="line-2"') . '><legend>Medical record number (record identifier)</legend>'
            . '<div class="pair">'
            . Inputs::choice('identifier', 'Project field', ['' => 'none'] + $this->fields, $field, 'The medical record number is saved in this field.')
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
        $empty = Mapping::line(['event_name' => $this->project->event]);
        for ($new = 0; $new < self::EMPTY_ROWS; ++$new) {
            $rows .= $this->row(count($lines) + $new, 'new ' . ($new + 1), $empty);
        }
        return Inputs::table('mapping', 'Mapping lines. The line numbers are those of the CSV. Empty lines are ignored.',
            ['Line', 'EHR field', 'Project field', 'Date field', 'Preselect', 'Unit', 'Event', 'Remove'], $rows);
    }

    /** @param Line $line */
    private function row(int $row, string $number, array $line): string
    {
        $source = $line['external_source_field_name'];
        $description = Catalog::describe($source);
        $input = static fn(string $name, string $label, string ...$more): string => '<input'
            . Inputs::attributes(['name' => "{$name}[$row]", 'aria-label' => "$label, line $number", ...$more]) . '>';
        $cells = [
            $number,
            $input('source', 'EHR field', value: $source, list: 'sources', spellcheck: 'false')
                . ($description === '' ? '' : '<p class="hint">' . h($description) . '</p>'),
            self::select("field[$row]", "Project field, line $number", ['' => 'choose'] + $this->fields, $line['field_name']),
            self::select("date[$row]", "Date field, line $number", ['' => 'none'] + $this->dates, $line['temporal_field']),
            self::select("preselect[$row]", "Preselect, line $number", Mapping::PRESELECT, $line['preselect']),
            $input('unit', 'Required unit', value: $line['unit'], size: '6', spellcheck: 'false'),
            $input('event', 'Event', value: $line['event_name'], spellcheck: 'false'),
            ctype_digit($number) ? $input('remove', 'Remove', type: 'checkbox', value: '1') : '',
        ];
        return '<tr id="line-' . strtr($number, ' ', '-') . '"><td>' . implode('</td><td>', $cells) . '</td></tr>';
    }

    public function csv(string $pasted): string
    {
        $download = h(Http::to('mapping.php', ['project' => $this->project->name, 'csv' => '1']));
        return "<section><h2>CSV</h2><p><a class=\"button\" href=\"$download\">Download as CSV</a></p>"
            . '<form method="post" action="mapping.php" enctype="multipart/form-data" class="panel">' . $this->session->csrfField()
            . Page::hidden(['project' => $this->project->name])
            . '<p>The CSV replaces all lines above. Its first line must be:</p><p><code>' . implode(',', Mapping::COLUMNS) . '</code></p>'
            . '<p class="hint">An optional seventh column, <code>' . Mapping::UNIT . '</code>, names the unit that a value must have to be preselected.</p>'
            . '<div class="setting"><label for="file">CSV file</label><input id="file" name="file" type="file" accept=".csv,text/csv"></div>'
            . '<div class="setting"><label for="text">or paste the CSV text</label>'
            . '<textarea id="text" name="text" rows="4" spellcheck="false">' . "\n" . h($pasted) . '</textarea></div>'
            . '<p><button name="do" value="upload">Replace mapping</button></p></form></section>';
    }

    /** @param array<string, string> $options */
    private static function select(string $name, string $label, array $options, string $chosen): string
    {
        return '<select' . Inputs::attributes(['name' => $name, 'aria-label' => $label]) . '>' . Inputs::options($options, $chosen) . '</select>';
    }
}
