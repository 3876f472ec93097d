<?php

// The projects in the database.

declare(strict_types=1);

namespace App\Study;

use App\Web\Denied;
use FhirEhr\Environment;
use FhirEhr\OffsetDirection;
use FhirEhr\TextMode;
use PDO;

/**
 * @phpstan-type Dictionary list<array{name: string, label: string, type: string}>
 * @phpstan-type Row array{name: string, title: string, environment: string, module: int, text_mode: string, offset_days: int, offset_direction: string, mrn_field: ?string, event: string, mapping: string, preview: string}
 * @phpstan-type Given array{name: string, title: string, environment: string, module: bool, text?: string, offset_days?: int, offset_direction?: string, mrn_field?: ?string, event?: string, mapping?: string, preview?: list<string>, fields?: Dictionary, members?: array<string, list<string>>, systems?: ?list<string>, system_account?: bool}
 */
final class Projects
{
    public function __construct(
        private readonly PDO $database,
    ) {}

    /** The project with this name. The error is the same for a missing project and for one that the user has no right in. */
    public function ofMember(string $user, string $name): Project
    {
        $found = $this->rows('SELECT DISTINCT p.* FROM project p JOIN project_right r ON r.project = p.name WHERE p.name = ? AND r.member = ?', $name, $user);
        return $found[0] ?? throw new Denied(404, 'No such project', 'This project does not exist, or you are not a member of it.');
    }

    /**
     * The projects that a user is a member of.
     *
     * @return list<Project>
     */
    public function ofUser(string $user): array
    {
        return $this->rows('SELECT DISTINCT p.* FROM project p JOIN project_right r ON r.project = p.name WHERE r.member = ? ORDER BY p.title', $user);
    }

    public function named(string $name): Project
    {
        return $this->rows('SELECT * FROM project WHERE name = ?', $name)[0]
            ?? throw new Denied(404, 'No such project', 'This project does not exist.');
    }

    /** @return list<Project> */
    public function all(): array
    {
        return $this->rows('SELECT * FROM project ORDER BY title');
    }

    /** Adds or replaces the projects of a JSON document; cli.php describes it. */
    public function enter(string $json): void
    {
        /** @var list<Given> $all */
        $all = json_decode($json, true, flags: JSON_THROW_ON_ERROR);
        array_map($this->add(...), $all);
    }

    /** @param Given $given */
    private function add(array $given): void
    {
        $mapping = Mapping::read($given['mapping'] ?? '');
        $this->database->beginTransaction();
        $this->database->prepare(
            'REPLACE INTO project (name, title, environment, module, text_mode, offset_days, offset_direction, mrn_field, event, mapping, preview)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        )->execute([
            $given['name'], $given['title'], $given['environment'], (int) $given['module'], $given['text'] ?? 'exact',
            $given['offset_days'] ?? 7, $given['offset_direction'] ?? '+-', $given['mrn_field'] ?? null, $given['event'] ?? '',
            $given['mapping'] ?? '', json_encode($given['preview'] ?? [], JSON_THROW_ON_ERROR),
        ]);
        $this->saveEhr($given['name'], $given['systems'] ?? null, $given['system_account'] ?? false);
        $this->saveDictionary($given['name'], $given['fields'] ?? self::fieldsOf($mapping));
        $right = $this->database->prepare('REPLACE INTO project_right (member, project, what) VALUES (?, ?, ?)');
        foreach ($given['members'] ?? [] as $member => $rights) {
            foreach ($rights as $what) {
                $right->execute([$member, $given['name'], $what]);
            }
        }
        $this->database->commit();
    }

    /** @param Dictionary $fields */
    private function saveDictionary(string $project, array $fields): void
    {
        $field = $this->database->prepare('REPLACE INTO field (project, position, name, label, type) VALUES (?, ?, ?, ?, ?)');
        foreach ($fields as $position => $one) {
            $field->execute([$project, $position, $one['name'], $one['label'], $one['type']]);
        }
    }

    public function switchModule(string $name, bool $on): void
    {
        $this->database->prepare('UPDATE project SET module = ? WHERE name = ?')->execute([(int) $on, $name]);
    }

    /**
     * Saves which EHR systems a project may use, and whether it may use their system accounts.
     *
     * @param list<string>|null $sources ids; null: every system that the project's environment allows
     */
    public function saveEhr(string $name, ?array $sources, bool $systemAccount): void
    {
        $this->database->prepare('REPLACE INTO project_ehr (project, sources, system_account) VALUES (?, ?, ?)')
            ->execute([$name, $sources === null ? null : json_encode($sources, JSON_THROW_ON_ERROR), (int) $systemAccount]);
    }

    /** @param list<string> $preview */
    public function saveMapping(string $name, Mapping $mapping, array $preview, int $offsetDays, OffsetDirection $offsetDirection): void
    {
        $this->database->prepare('UPDATE project SET mapping = ?, preview = ?, offset_days = ?, offset_direction = ? WHERE name = ?')
            ->execute([$mapping->csv(), json_encode($preview, JSON_THROW_ON_ERROR), $offsetDays, $offsetDirection->value, $name]);
    }

    /**
     * A data dictionary made from the mapping, for a project document without one.
     *
     * @return Dictionary
     */
    private static function fieldsOf(Mapping $mapping): array
    {
        $identifiers = array_column($mapping->recordIdentifiers(), 1);
        $names = array_unique([...$identifiers, ...$mapping->temporalFields(), ...array_column($mapping->lines, 'field_name')]);
        $lists = array_filter($mapping->lines, static fn(array $line): bool => str_ends_with($line['external_source_field_name'], '-list'));
        $type = static fn(string $name): string => match (true) {
            in_array($name, $mapping->temporalFields(), true) => 'date',
            in_array($name, array_column($lists, 'field_name'), true) => 'notes',
            default => 'text',
        };
        $label = static fn(string $name): string => $name === 'mrn' ? 'Medical record number' : ucfirst(strtr($name, '_', ' '));
        return array_map(static fn(string $name): array => ['name' => $name, 'label' => $label($name), 'type' => $type($name)], array_values($names));
    }

    /** @return list<Project> */
    private function rows(string $sql, string ...$values): array
    {
        $found = $this->database->prepare($sql);
        $found->execute($values);
        /** @var list<Row> $rows */
        $rows = $found->fetchAll();
        return array_map($this->project(...), $rows);
    }

    /** @param Row $row */
    private function project(array $row): Project
    {
        $fields = $this->database->prepare('SELECT name, label, type FROM field WHERE project = ? ORDER BY position');
        $fields->execute([$row['name']]);
        /** @var list<array{name: string, label: string, type: string}> $dictionary */
        $dictionary = $fields->fetchAll();
        $ehr = $this->database->prepare('SELECT sources, system_account FROM project_ehr WHERE project = ?');
        $ehr->execute([$row['name']]);
        /** @var array{sources: ?string, system_account: int}|false $allowed */
        $allowed = $ehr->fetch();
        // In SQLite, a write cannot wait for other writers while a query of the same connection is open.
        $ehr->closeCursor();
        $allowed = $allowed === false ? ['sources' => null, 'system_account' => 0] : $allowed;
        /** @var list<string>|null $sources */
        $sources = $allowed['sources'] === null ? null : json_decode($allowed['sources'], true, flags: JSON_THROW_ON_ERROR);
        /** @var list<string> $preview */
        $preview = json_decode($row['preview'], true, flags: JSON_THROW_ON_ERROR);
        return new Project(
            name: $row['name'],
            title: $row['title'],
            environment: Environment::from($row['environment']),
            module: (bool) $row['module'],
            text: TextMode::from($row['text_mode']),
            offsetDays: (int) $row['offset_days'],
            offsetDirection: OffsetDirection::from($row['offset_direction']),
            mrnField: $row['mrn_field'],
            event: $row['event'],
            mapping: Mapping::read($row['mapping']),
            preview: $preview,
            fields: array_column(array_map(static fn(array $field): Field => new Field(...$field), $dictionary), null, 'name'),
            sources: $sources,
            systemAccount: (bool) $allowed['system_account'],
        );
    }
}
