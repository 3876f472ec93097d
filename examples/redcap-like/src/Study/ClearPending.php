<?php

// For a record with values of another patient: the message, and the button that deletes the undecided values.

declare(strict_types=1);

namespace App\Study;

use App\App;
use App\Web\Http;
use App\Web\Page;
use FhirEhr\Exception\Exception as EhrException;
use FhirEhr\Exception\StagingException;
use FhirEhr\RowState;
use FhirEhr\StagedRow;

final class ClearPending
{
    public function __construct(
        private readonly App $app,
        private readonly Project $project,
        private readonly string $record,
        private readonly ?string $view,
    ) {}

    /** Whether the error says that the record has values of another patient. */
    public static function handles(EhrException $thrown): bool
    {
        return in_array($thrown->getName(), ['record_bound', 'record_mixed'], true);
    }

    /** The message and the buttons. */
    public function html(EhrException $thrown): string
    {
        return Page::alert($this->message($thrown)) . '<div class="actions">' . ($this->canClear($thrown) ? $this->button() : '') . $this->link() . '</div>';
    }

    /** Clears the values and shows the page again. Refuses users without the right to adjudicate. */
    public function clear(string $user): never
    {
        $this->app->rights()->requireRight($user, $this->project->name, 'adjudicate');
        $count = $this->app->adjudication()->clear($user, $this->project, $this->record);
        Http::redirect('adjudicate.php', [...$this->here(), 'cleared' => (string) $count]);
    }

    /** The message after values were cleared. */
    public static function notice(string $count): string
    {
        $cleared = $count === '1' ? '1 pending value was deleted.' : (int) $count . ' pending values were deleted.';
        return Page::notice("$cleared Check the medical record number, then fetch the data again.");
    }

    private function message(EhrException $thrown): string
    {
        $who = $this->mayClear() ? '' : ' A project member with the right to adjudicate data can delete them.';
        return match (true) {
            $thrown->getName() === 'record_mixed' => 'This record has values of more than one patient, so none of them are shown or saved. '
                . "Delete the pending values, check the medical record number, then fetch the data again.$who",
            $this->hasSaved() => 'No data was fetched. Values of a different patient are already saved in this record. '
                . 'Correct the medical record number. If it is correct, do not use this record for this patient.',
            default => 'No data was fetched. The pending values in this record belong to a different patient than its medical record number. '
                . "Delete the pending values, check the number, then fetch the data again.$who",
        };
    }

    private function mayClear(): bool
    {
        return $this->app->rights()->has($this->app->user(), $this->project->name, 'adjudicate');
    }

    private function canClear(EhrException $thrown): bool
    {
        return $this->mayClear() && ($thrown->getName() === 'record_mixed' || !$this->hasSaved());
    }

    /** Whether the record has a saved value. A saved value binds the record to its patient permanently. */
    private function hasSaved(): bool
    {
        if (!$this->mayClear()) {
            return false;
        }
        try {
            $decided = $this->app->ehr()->decided($this->app->user(), $this->project, $this->record);
        } catch (StagingException) {
            return false; // a record with values of two patients lists no rows
        }
        return array_filter($decided, static fn(StagedRow $row): bool => $row->state === RowState::Saved) !== [];
    }

    private function button(): string
    {
        return '<form method="post" action="adjudicate.php">' . $this->app->session()->csrfField() . Page::hidden($this->here())
            . '<button name="do" value="clear" class="danger">Delete pending values</button></form>';
    }

    /** In the EHR view the MRN is the one of the chart, so it is corrected in the full application only. */
    private function link(): string
    {
        $mayCorrect = $this->view === null && $this->mayClear() && $this->app->rights()->has($this->app->user(), $this->project->name, 'data');
        return $mayCorrect ? '<a class="button" href="' . h(Http::to('mrn.php', $this->here())) . '">Correct the medical record number</a>' : '';
    }

    /** @return array{project: string, record: string, view: ?string} */
    private function here(): array
    {
        return ['project' => $this->project->name, 'record' => $this->record, 'view' => $this->view];
    }
}
