<?php

// When a record turns out to be of another patient: what the page says, and the button that deletes the values that wait.

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

    /** Whether this error is about whose record it is. */
    public static function mends(EhrException $thrown): bool
    {
        return in_array($thrown->getName(), ['record_bound', 'record_mixed'], true);
    }

    /** What happened, what to do, and the buttons for it. */
    public function html(EhrException $thrown): string
    {
        return Page::alert($this->told($thrown)) . '<div class="actions">' . ($this->canClear($thrown) ? $this->button() : '') . $this->link() . '</div>';
    }

    /** Ends the request of a member who may not clear. Then clears, and shows the page again. */
    public function clear(string $user): never
    {
        $this->app->rights()->demand($user, $this->project->name, 'adjudicate');
        $count = $this->app->adjudication()->clear($user, $this->project, $this->record);
        Http::redirect('adjudicate.php', [...$this->here(), 'cleared' => (string) $count]);
    }

    /** What the page says after values were cleared. */
    public static function notice(string $count): string
    {
        $cleared = $count === '1' ? '1 pending value was cleared.' : (int) $count . ' pending values were cleared.';
        return Page::notice("$cleared Check the medical record number, then fetch the data again.");
    }

    private function told(EhrException $thrown): string
    {
        $who = $this->mayClear() ? '' : ' A member who may adjudicate data can clear them.';
        return match (true) {
            $thrown->getName() === 'record_mixed' => 'This record holds values of more than one patient, so none of them is shown or saved. '
                . "Clear the pending values, check the medical record number, then fetch the data again.$who",
            $this->hasSaved() => 'Nothing was fetched: values of another patient are saved in this record, so it cannot take the data of the patient '
                . 'with its medical record number. Correct the number. If it is right, this record is of another patient.',
            default => 'Nothing was fetched: the values that wait in this record are of another patient than the one with its medical record number. '
                . "Clear the pending values, check the number, then fetch the data again.$who",
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

    /** Whether a value is saved, which binds the record to its patient for good. */
    private function hasSaved(): bool
    {
        if (!$this->mayClear()) {
            return false;
        }
        try {
            $decided = $this->app->ehr()->decided($this->app->user(), $this->project, $this->record);
        } catch (StagingException) {
            return false; // of a mixed record nothing is shown
        }
        return array_filter($decided, static fn(StagedRow $row): bool => $row->state === RowState::Saved) !== [];
    }

    private function button(): string
    {
        return '<form method="post" action="adjudicate.php">' . $this->app->session()->csrfField() . Page::hidden($this->here())
            . '<button name="do" value="clear" class="danger">Clear pending values</button></form>';
    }

    /** Within the EHR the number is the chart's; it is corrected outside. */
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
