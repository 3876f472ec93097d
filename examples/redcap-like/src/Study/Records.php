<?php

// The records of a project and their values.

declare(strict_types=1);

namespace App\Study;

use App\Web\Denied;
use Closure;
use PDO;
use PDOException;

final class Records
{
    public function __construct(
        private readonly PDO $database,
        /** @var Closure(): \FhirEhr called only before data from the EHR is written, so records can be read and changed without an EHR */
        private readonly Closure $ehr,
    ) {}

    /** @return list<array{record: string, source: string, mrn: string}> */
    public function all(Project $project): array
    {
        $found = $this->database->prepare('SELECT record, source, mrn FROM record WHERE project = ? ORDER BY LENGTH(record), record');
        $found->execute([$project->name]);
        /** @var list<array{record: string, source: string, mrn: string}> */
        return $found->fetchAll();
    }

    /**
     * The source and the patient's MRN there.
     *
     * @return array{string, string}
     */
    public function patient(Project $project, string $record): array
    {
        $found = $this->database->prepare('SELECT source, mrn FROM record WHERE project = ? AND record = ?');
        $found->execute([$project->name, $record]);
        /** @var array{string, string}|false $row */
        $row = $found->fetch(PDO::FETCH_NUM);
        return $row === false ? throw new Denied(404, 'No such record', 'This record does not exist in the project.') : $row;
    }

    /** The record of the patient with this MRN at this source; null if there is none. */
    public function of(Project $project, string $source, string $mrn): ?string
    {
        $found = $this->database->prepare('SELECT record FROM record WHERE project = ? AND source = ? AND mrn = ?');
        $found->execute([$project->name, $source, $mrn]);
        /** @var string|false $record */
        $record = $found->fetchColumn();
        return $record === false ? null : $record;
    }

    /**
     * Finds or creates the record of the patient with this MRN. If two users do this at the same time, only one record is created.
     * Refuses a patient from an EHR system that the project may not use.
     *
     * @return array{string, bool} the record's name, and whether it is new
     */
    public function add(Project $project, string $source, string $mrn, string $user): array
    {
        $this->requireSourceAllowed($project, $source);
        $tries = 0;
        while (true) {
            $known = $this->of($project, $source, $mrn);
            if ($known !== null) {
                return [$known, false];
            }
            // Read before the transaction, so that the transaction starts with a write. SQLite refuses a transaction that reads first
            // when another one writes.
            $record = $this->nextNumber($project);
            $this->database->beginTransaction();
            try {
                $this->database->prepare('INSERT INTO record (project, record, source, mrn) VALUES (?, ?, ?, ?)')
                    ->execute([$project->name, $record, $source, $mrn]);
                $this->write($project, $record, $project->event, (string) $project->mrnField, $mrn);
                $this->note($user, $project, $record, 'Create record');
                $this->database->commit();
                return [$record, true];
            } catch (PDOException $cause) {
                $this->database->rollBack();
                if (++$tries > 5 || $cause->getCode() !== '23000') {
                    throw $cause;
                }
            }
        }
    }

    /** Changes the system and the MRN of a record, within the caller's transaction. */
    public function setMrn(Project $project, string $record, string $source, string $mrn): void
    {
        $this->database->prepare('UPDATE record SET source = ?, mrn = ? WHERE project = ? AND record = ?')->execute([$source, $mrn, $project->name, $record]);
        $this->write($project, $record, $project->event, (string) $project->mrnField, $mrn);
    }

    /** Refuses a request that would write data from an EHR system that the project may not use. */
    public function requireSourceAllowed(Project $project, string $source): void
    {
        $obstacle = ($this->ehr)()->obstacle($source, $project);
        if ($obstacle !== null) {
            throw new Denied(403, 'This project cannot use data from this EHR system', $obstacle);
        }
    }

    private function nextNumber(Project $project): string
    {
        $highest = $this->database->prepare('SELECT MAX(CAST(record AS DECIMAL(20))) FROM record WHERE project = ?');
        $highest->execute([$project->name]);
        return (string) ((int) $highest->fetchColumn() + 1);
    }

    /** Writes one value, within the caller's transaction if there is one. */
    public function write(Project $project, string $record, string $event, string $field, string $value): void
    {
        $this->database->prepare('REPLACE INTO record_value (project, record, event, field, value) VALUES (?, ?, ?, ?, ?)')
            ->execute([$project->name, $record, $event, $field, $value]);
    }

    /**
     * Locks a record until the transaction ends, so that other changes of the record wait. Call it first in the transaction: SQLite
     * refuses a transaction that reads before it writes while another one writes.
     */
    public function lock(Project $project, string $record): void
    {
        $this->database->prepare('UPDATE record SET record = record WHERE project = ? AND record = ?')->execute([$project->name, $record]);
    }

    /**
     * Saves a user's changes to a record: all of them or none.
     *
     * @param callable(array<string, string>): array<string, string> $changes gets the current values and returns the values to
     *     write, by field; the record is locked in between
     */
    public function change(string $user, Project $project, string $record, string $event, callable $changes): void
    {
        $this->database->beginTransaction();
        try {
            $this->lock($project, $record);
            $values = $changes($this->values($project, $record)[$event] ?? []);
            foreach ($values as $field => $value) {
                $this->write($project, $record, $event, (string) $field, $value);
            }
            if ($values !== []) {
                $this->note($user, $project, $record, 'Update record');
            }
            $this->database->commit();
        } catch (PDOException $cause) {
            $this->database->rollBack();
            throw $cause;
        }
    }

    /** Adds a line to the project's history. It says what happened and never contains a value. */
    public function note(string $user, Project $project, string $record, string $what): void
    {
        $this->database->prepare('INSERT INTO history (at, member, project, record, what) VALUES (?, ?, ?, ?, ?)')
            ->execute([time(), $user, $project->name, $record, $what]);
    }

    /** @return array<string, array<string, string>> event => field => value */
    public function values(Project $project, string $record): array
    {
        $found = $this->database->prepare('SELECT event, field, value FROM record_value WHERE project = ? AND record = ? ORDER BY event, field');
        $found->execute([$project->name, $record]);
        /** @var list<array{string, string, string}> $rows */
        $rows = $found->fetchAll(PDO::FETCH_NUM);
        $values = [];
        foreach ($rows as [$event, $field, $value]) {
            $values[$event][$field] = $value;
        }
        return $values;
    }

    /**
     * The record's dates that time windows are based on.
     *
     * @return array<string, array<string, string>> field => event => date
     */
    public function dates(Project $project, string $record): array
    {
        $dates = [];
        foreach ($this->values($project, $record) as $event => $fields) {
            foreach (array_intersect_key($fields, array_flip($project->mapping->temporalFields())) as $field => $date) {
                $dates[$field][$event] = $date;
            }
        }
        return array_map(static fn(array $events): array => array_filter($events), $dates);
    }
}
