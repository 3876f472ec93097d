<?php

// The study: its records, the pull into one of them, the decisions, and the saved values.

declare(strict_types=1);

use FhirEhr\{Client, Environment, PullRequest, Pulled, RowState, StagedRow, TextMode};

final class Study
{
    public function __construct(
        private readonly Client $client,
        private readonly PDO $database,
        /** @var array{project: string, mapping: string, text: string, offset_days: int} */
        private readonly array $settings,
    ) {}

    /** The record of the patient with this id in the EHR: record, patient_id, mrn, visit_date. */
    public function visitOfPatient(?string $patient): ?array
    {
        return $this->visit('patient_id', $patient ?? '');
    }

    public function visitOfRecord(string $record): ?array
    {
        return $this->visit('record', $record);
    }

    private function visit(string $column, string $value): ?array
    {
        $found = $this->database->prepare("SELECT record, patient_id, mrn, visit_date FROM visit WHERE $column = ?");
        $found->execute([$value]);
        return $found->fetch(PDO::FETCH_ASSOC) ?: null;
    }

    /** Pulls the record's values from the EHR; they wait, sealed, until somebody has decided. */
    public function pull(string $user, string $source, array $visit, ?string $launchPatient, bool $system = false): Pulled
    {
        return $this->client->pull(new PullRequest(
            user: $user,
            source: $source,
            project: $this->settings['project'],
            // Values of a sandbox never enter a project of another kind.
            environment: Environment::Sandbox,
            record: $visit['record'],
            mrn: $visit['mrn'],
            mapping: file_get_contents($this->settings['mapping']),
            dates: array_filter(['visit_date' => $visit['visit_date']]),
            offsetDays: $this->settings['offset_days'],
            text: TextMode::from($this->settings['text']),
            system: $system,
            // The pull stops if the record is not of the patient in the EHR's chart.
            launchPatient: $launchPatient,
        ));
    }

    /** @return list<StagedRow> what waits for a decision */
    public function waiting(string $user, array $visit): array
    {
        $rows = $this->client->staged($user, $this->settings['project'], $visit['record']);
        return array_values(array_filter($rows, static fn(StagedRow $row): bool => $row->state === RowState::Pending));
    }

    /**
     * Saves the rows with these keys; the others are left for another day. Says how many values were saved.
     *
     * Staged rows are on this connection too: decisions, the record's values and saved() are one transaction. Whatever
     * goes wrong, all is as it was, and the user can press the button again.
     *
     * @param list<string> $accept
     */
    public function save(string $user, array $visit, array $accept): int
    {
        $project = $this->settings['project'];
        $this->database->beginTransaction();
        try {
            $this->client->adjudicate($user, $project, $visit['record'], accept: $accept);
            $set = $this->client->valuesToSave($user, $project, $visit['record']);
            foreach ($set->values === [] ? [] : $this->recordIdentifiers() as [$event, $field]) {
                $this->write($visit['record'], $event, $field, $visit['mrn']);
            }
            foreach ($set->values as $value) {
                $this->write($visit['record'], $value->event, $value->fieldName, $value->value);
            }
            if ($set->values !== []) {
                $this->client->saved($project, $visit['record'], $set->saveId);
            }
            $this->database->commit();
            return count($set->values);
        } catch (Throwable $thrown) {
            $this->database->rollBack();
            throw $thrown;
        }
    }

    /** @return list<array{string, string}> event and field of the mapping's line for the medical record number */
    private function recordIdentifiers(): array
    {
        $lines = array_map(str_getcsv(...), file($this->settings['mapping'], FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES));
        $names = array_shift($lines);
        $lines = array_map(static fn(array $line): array => array_combine($names, $line), $lines);
        $marked = array_filter($lines, static fn(array $line): bool => $line['is_record_identifier'] === '1');
        return array_map(static fn(array $line): array => [$line['event_name'], $line['field_name']], array_values($marked));
    }

    private function write(string $record, string $event, string $field, string $value): void
    {
        $this->database->prepare(
            'INSERT INTO record_value (project, record, event, field, value) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (project, record, event, field) DO UPDATE SET value = excluded.value',
        )->execute([$this->settings['project'], $record, $event, $field, $value]);
    }

    /** A saved record: event => field => value. */
    public function saved(string $record): array
    {
        $found = $this->database->prepare(
            'SELECT event, field, value FROM record_value WHERE project = ? AND record = ? ORDER BY event, field',
        );
        $found->execute([$this->settings['project'], $record]);
        $saved = [];
        foreach ($found->fetchAll(PDO::FETCH_NUM) as [$event, $field, $value]) {
            $saved[$event][$field] = $value;
        }
        return $saved;
    }
}
