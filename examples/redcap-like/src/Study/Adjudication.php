<?php

// Decisions and saving: one transaction, so that a value is both decided and in the record, or neither.

declare(strict_types=1);

namespace App\Study;

use Closure;
use FhirEhr\Client;
use PDO;
use PDOException;
use Throwable;

final class Adjudication
{
    public function __construct(
        private readonly PDO $database,
        private readonly Client $client,
        private readonly Records $records,
    ) {}

    /**
     * Notes the decisions, writes what was accepted into the record, and says how many values that were.
     *
     * @param list<string> $accept decisions of rows to save (StagedRow::$decision)
     * @param list<string> $reject decisions of rows not to save
     */
    public function save(string $user, Project $project, string $record, array $accept, array $reject = []): int
    {
        if ($accept !== []) {
            // The values may wait since before the project, or the system, became another environment.
            $this->records->demandServing($project, $this->records->patient($project, $record)[0]);
        }
        return $this->atomically($project, $record, function () use ($user, $project, $record, $accept, $reject): int {
            $this->client->adjudicate($user, $project->name, $record, $accept, $reject);
            return $this->write($user, $project, $record, 'Update record (EHR)');
        });
    }

    /**
     * Removes entries of lists from the record, and says how many fields were written.
     *
     * @param list<string> $entries decisions of saved rows (StagedRow::$decision)
     */
    public function remove(string $user, Project $project, string $record, array $entries): int
    {
        return $this->atomically($project, $record, function () use ($user, $project, $record, $entries): int {
            $this->client->removeSaved($user, $project->name, $record, $entries);
            return $this->write($user, $project, $record, 'Remove from record (EHR)');
        });
    }

    /** Deletes the values that wait in a record, and says how many they were. */
    public function clear(string $user, Project $project, string $record): int
    {
        return $this->atomically($project, $record, fn(): int => $this->clearWithin($user, $project, $record));
    }

    /**
     * Gives a record the right medical record number, and deletes the values that wait: they are of the patient with the
     * old one. False: another record of the project has the number; nothing was changed.
     */
    public function correctMrn(string $user, Project $project, string $record, string $mrn): bool
    {
        $this->records->demandServing($project, $this->records->patient($project, $record)[0]);
        try {
            $this->atomically($project, $record, function () use ($user, $project, $record, $mrn): int {
                $this->records->setMrn($project, $record, $mrn);
                $this->records->note($user, $project, $record, 'Correct medical record number');
                return $this->clearWithin($user, $project, $record);
            });
            return true;
        } catch (PDOException $cause) {
            // Each number is in one record of a project only.
            return $cause->getCode() === '23000' ? false : throw $cause;
        }
    }

    private function clearWithin(string $user, Project $project, string $record): int
    {
        $count = $this->client->clearPending($user, $project->name, $record);
        $this->records->note($user, $project, $record, 'Clear pending values (EHR): ' . self::values($count));
        return $count;
    }

    /** Writes what fhir_ehr hands out into the record. */
    private function write(string $user, Project $project, string $record, string $what): int
    {
        $set = $this->client->valuesToSave($user, $project->name, $record);
        if ($set->values === []) {
            return 0;
        }
        foreach ($project->mapping->recordIdentifiers() as [$event, $field]) {
            $this->records->write($project, $record, $event, $field, $this->records->patient($project, $record)[1]);
        }
        foreach ($set->values as $value) {
            $this->records->write($project, $record, $value->event, $value->studyField, $value->value);
        }
        $this->client->confirmSaved($project->name, $record, $set->saveId);
        $this->records->note($user, $project, $record, "$what: " . self::values(count($set->values)));
        return count($set->values);
    }

    private static function values(int $count): string
    {
        return $count === 1 ? '1 value' : "$count values";
    }

    /**
     * Staged rows are on the application's connection: decisions, the record's values and saved() are one transaction.
     * Whatever goes wrong, or kills the process, all is as it was, and the user can press the button again.
     *
     * @param Closure(): int $work
     */
    private function atomically(Project $project, string $record, Closure $work): int
    {
        $this->database->beginTransaction();
        try {
            $this->records->lock($project, $record);
            $count = $work();
            $this->database->commit();
            return $count;
        } catch (Throwable $thrown) {
            if ($this->database->inTransaction()) {
                $this->database->rollBack();
            }
            throw $thrown;
        }
    }
}
