<?php

// Stores decisions and saves values in one transaction, so a value is never decided without being in the record, or the reverse.

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
     * Stores the decisions and writes the accepted values into the record. Returns the number of values written.
     *
     * @param list<string> $accept decisions of rows to save (StagedRow::$decision)
     * @param list<string> $reject decisions of rows not to save
     */
    public function save(string $user, Project $project, string $record, array $accept, array $reject = []): int
    {
        if ($accept !== []) {
            // The environment of the project or of the EHR system may have changed since the values were fetched.
            $this->records->requireSourceAllowed($project, $this->records->patient($project, $record)[0]);
        }
        return $this->runInTransaction($project, $record, function () use ($user, $project, $record, $accept, $reject): int {
            $this->client->adjudicate($user, $project->name, $record, $accept, $reject);
            return $this->write($user, $project, $record, 'Update record (EHR)');
        });
    }

    /**
     * Removes list entries from the record. Returns the number of fields written.
     *
     * @param list<string> $entries decisions of saved rows (StagedRow::$decision)
     */
    public function remove(string $user, Project $project, string $record, array $entries): int
    {
        return $this->runInTransaction($project, $record, function () use ($user, $project, $record, $entries): int {
            $this->client->removeSaved($user, $project->name, $record, $entries);
            return $this->write($user, $project, $record, 'Remove from record (EHR)');
        });
    }

    /** Deletes the undecided values of a record and returns their number. */
    public function clear(string $user, Project $project, string $record): int
    {
        return $this->runInTransaction($project, $record, fn(): int => $this->clearWithin($user, $project, $record));
    }

    /**
     * Corrects the medical record number of a record, and the EHR system that it belongs to, and deletes its undecided values, which belong to the patient with the old
     * number. Returns false, and changes nothing, if another record of the project already has the number.
     */
    public function correctMrn(string $user, Project $project, string $record, string $source, string $mrn): bool
    {
        $this->records->requireSourceAllowed($project, $source);
        try {
            $this->runInTransaction($project, $record, function () use ($user, $project, $record, $source, $mrn): int {
                $this->records->setMrn($project, $record, $source, $mrn);
                $this->records->note($user, $project, $record, 'Correct medical record number');
                return $this->clearWithin($user, $project, $record);
            });
            return true;
        } catch (PDOException $cause) {
            // A unique key keeps each MRN in one record of a project only.
            return $cause->getCode() === '23000' ? false : throw $cause;
        }
    }

    private function clearWithin(string $user, Project $project, string $record): int
    {
        $count = $this->client->clearPending($user, $project->name, $record);
        $this->records->note($user, $project, $record, 'Clear pending values (EHR): ' . self::values($count));
        return $count;
    }

    /** Writes the values that fhir_ehr hands out into the record and confirms them. */
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
     * Staged rows are on the application's database connection, so decisions, the record's values and confirmSaved() are one
     * transaction. If an error or a killed process interrupts it, nothing has changed, and the user can press the button again.
     *
     * @param Closure(): int $work
     */
    private function runInTransaction(Project $project, string $record, Closure $work): int
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
