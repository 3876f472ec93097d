<?php

// Decisions and saving: one transaction, so that a value is both decided and in the record, or neither.

declare(strict_types=1);

namespace App\Study;

use FhirEhr\Client;
use PDO;
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
     * Staged rows are on the application's connection: decisions, the record's values and saved() are one transaction.
     * Whatever goes wrong, or kills the process, all is as it was, and the user can press the button again.
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
        $this->database->beginTransaction();
        try {
            $this->records->lock($project, $record);
            $this->client->adjudicate($user, $project->name, $record, $accept, $reject);
            $set = $this->client->valuesToSave($user, $project->name, $record);
            foreach ($set->values === [] ? [] : $project->mapping->recordIdentifiers() as [$event, $field]) {
                $this->records->write($project, $record, $event, $field, $this->records->patient($project, $record)[1]);
            }
            foreach ($set->values as $value) {
                $this->records->write($project, $record, $value->event, $value->fieldName, $value->value);
            }
            if ($set->values !== []) {
                $this->client->saved($project->name, $record, $set->saveId);
                $this->records->note($user, $project, $record, 'Update record (EHR): ' . count($set->values) . ' values');
            }
            $this->database->commit();
            return count($set->values);
        } catch (Throwable $thrown) {
            if ($this->database->inTransaction()) {
                $this->database->rollBack();
            }
            throw $thrown;
        }
    }
}
