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
        /** @var Closure(): \FhirEhr asked only before data of the EHR are written: without an EHR, records can be read and changed */
        private readonly Closure $ehr,
    ) {}

    /** @return list<array{record: string, mrn: string}> */
    public function all(Project $project): array
    {
        $found = $this->database->prepare('SELECT record, mrn FROM record WHERE project = ? ORDER BY LENGTH(record), record');
        $found->execute([$project->name]);
        /** @var list<array{record: string, mrn: string}> */
        return $found->fetchAll();
    }

    /**
     * Whose record it is: the source, and the patient's number there.
     *
     * @return array{string, string}
     */
    public function patient(Project $project, string $record): array
    {
        $found = $this->database->prepare('SELECT source, mrn FROM record WHERE project = ? AND record = ?');
        $found->execute([$project->name, $record]);
        /** @var array{string, string}|false $row */
        $row = $found->fetch(PDO::FETCH_NUM);
        return $row === false ? throw new Denied(404, 'No such record', 'The project has no such record.') : $row;
    }

    /** The record of the patient who has this number at a source. */
    public function of(Project $project, string $source, string $mrn): ?string
    {
        $found = $this->database->prepare('SELECT record FROM record WHERE project = ? AND source = ? AND mrn = ?');
        $found->execute([$project->name, $source, $mrn]);
        /** @var string|false $record */
        $record = $found->fetchColumn();
        return $record === false ? null : $record;
    }

    /**
     * Makes the record of the patient with this number, or finds it. Of two who do so at once, one makes it. Nothing is
     * written of a patient whose system may not serve the project.
     *
     * @return array{string, bool} the record's number, and whether it is new
     */
    public function add(Project $project, string $source, string $mrn, string $user): array
    {
        $this->demandServing($project, $source);
        $tries = 0;
        while (true) {
            $known = $this->of($project, $source, $mrn);
            if ($known !== null) {
                return [$known, false];
            }
            // Read outside the transaction, which then begins with a write: in SQLite one that has read first cannot wait.
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

    /** Gives a record another number; it belongs to the caller's transaction. */
    public function setMrn(Project $project, string $record, string $mrn): void
    {
        $this->database->prepare('UPDATE record SET mrn = ? WHERE project = ? AND record = ?')->execute([$mrn, $project->name, $record]);
        $this->write($project, $record, $project->event, (string) $project->mrnField, $mrn);
    }

    /** Ends a request that would write data of a system into a project which the system may not serve. */
    public function demandServing(Project $project, string $source): void
    {
        $obstacle = ($this->ehr)()->obstacle($source, $project);
        if ($obstacle !== null) {
            throw new Denied(403, 'This project cannot take the data', $obstacle);
        }
    }

    private function nextNumber(Project $project): string
    {
        $highest = $this->database->prepare('SELECT MAX(CAST(record AS DECIMAL(20))) FROM record WHERE project = ?');
        $highest->execute([$project->name]);
        return (string) ((int) $highest->fetchColumn() + 1);
    }

    /** Writes one value; it belongs to the caller's transaction, if there is one. */
    public function write(Project $project, string $record, string $event, string $field, string $value): void
    {
        $this->database->prepare('REPLACE INTO record_value (project, record, event, field, value) VALUES (?, ?, ?, ?, ?)')
            ->execute([$project->name, $record, $event, $field, $value]);
    }

    /**
     * Begins a transaction about one record: who else changes it waits for the end of this one. In SQLite all who write
     * wait for each other, and a transaction that read before it wrote would be refused instead.
     */
    public function lock(Project $project, string $record): void
    {
        $this->database->prepare('UPDATE record SET record = record WHERE project = ? AND record = ?')->execute([$project->name, $record]);
    }

    /**
     * Writes what a user has changed in a record, all of it or nothing.
     *
     * @param callable(array<string, string>): array<string, string> $changes from what the record holds to what to write, by
     *     field; nobody else writes in between
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

    /** A line of the project's log: what happened, never a value. */
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
     * The record's dates that windows are counted from.
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
